import { convolutionOf, weightGradientSample } from '../../../ops/conv-gradient-samples.ts';
import type { ConvAttributes } from '../../../ops/conv.ts';
import { convolutionSample } from '../../../ops/conv.ts';
import { named, only } from '../../../ops/named.ts';
import { sizesOf } from '../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../ops/window.ts';
import { constant, mul, type Size } from '../../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../emitter.ts';
import { sumOverFirst } from './add-up.ts';
import { imageDims } from './blocks.ts';
import {
  convolutionShape,
  isPointwise,
  milliseconds,
  windowShape,
  type ConvolutionShape,
  type WindowShape,
} from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/**
 * A product for each column of the kernel, over two axes at stride 1. Of what its taps read, the channels are rows as they
 * are in an image, so that nothing is transposed; and the matrix of all that is read, which is larger, is the first operand
 * of the product. Of the second a copy is made piece by piece, in another order, and of that one copy for each column is less.
 */
export const columnwiseWeightGradient: OnnxForm<ConvAttributes> = {
  name: 'columnwise',
  op: 'conv_weight_gradient',
  doc: 'a matrix product for each column of the kernel, the second operand transposed while it is read',
  saves: ({ inputs, outputs }, attributes) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const shape = convolutionShape(attributes, { x: x.type, weight: only(outputs).type, y: g.type });
    if (shape === undefined || !isColumnwise(shape)) return undefined;
    const { batch, from, to, x: ofX, y: ofY, weight, windows } = shape;
    const [rows, columns] = windows.map(({ kernel }) => kernel);
    if (rows === undefined || columns === undefined) return undefined;
    const [spread, kept] = to <= from ? [ofY, ofX] : [ofX, ofY];
    // Every image has a weight of its own before they are summed.
    return (
      (spread * rows * columns - kept * columns) * milliseconds.packed -
      batch * weight * milliseconds.summed -
      6 * columns * milliseconds.node
    );
  },
  samples: [
    convolutionSample({ N: 2, C: 5, H: 6, W: 7 }, { out: 4, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
    convolutionSample({ N: 2, C: 4, H: 6, W: 5 }, { out: 7, kernel: { H: 3, W: 2 }, pad: [0, 1] }),
    convolutionSample({ N: 1, C: 3, H: 5, W: 8 }, { out: 6, kernel: { H: 1, W: 3 } }),
    convolutionSample(
      { N: 2, C: 6, H: 9, W: 8 },
      { out: 3, kernel: { H: 3, W: 3 }, pad: [2, 1], dilation: 2 },
    ),
    convolutionSample({ A: 2, N: 2, C: 3, H: 5, W: 4 }, { out: 3, kernel: { H: 2, W: 1 } }),
    convolutionSample({ C: 2, H: 6, W: 5 }, { out: 4, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
    convolutionSample({ W: 6, C: 3, H: 7, N: 2 }, { out: 4, to: 'C', kernel: { H: 3, W: 2 }, pad: [1, 1] }),
  ].map((sample) => weightGradientSample(convolutionOf(sample))),
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const types = named(inputTypes, ['x', 'g']);
    const weight = sizesOf(only(outputTypes));
    const images = {
      x: e.reshape(x, imageDims(types.x)),
      g: e.reshape(g, imageDims(types.g)),
    };
    const [made = constant(1), members = constant(1)] = weight;
    const spreadsG = e.constant(made) <= e.constant(members);
    const inOrder = windowsInOrder(types.x, windows).map(windowShape);
    const [parts, kept] = spreadsG
      ? [columnsOf(e, images.g, inOrder.map(mirrored)), images.x]
      : [columnsOf(e, images.x, inOrder.map(forward)), images.g];
    const [batch = constant(1), channels = constant(1), height = constant(1), width = constant(1)] =
      kept.dims;
    const points = mul(height, width);
    const other = e.reshape(kept, [batch, channels, points]);
    const products = parts.map((part) => {
      const [, spread = constant(1), taps = constant(1)] = part.dims;
      const rows = mul(spread, taps);
      const operands = [e.reshape(part, [batch, rows, points]), other];
      const dims = [batch, rows, channels];
      const ofImages = e.node('FusedMatMul', operands, { dims }, { transB: int(1) }, 'com.microsoft');
      return e.reshape(sumOverFirst(e, ofImages), [constant(1), spread, taps, channels]);
    });
    const [first] = products;
    if (first === undefined) throw new Error('a kernel has no columns');
    const dims = [constant(products.length), ...first.dims.slice(1)];
    const all = products.length === 1 ? first : e.node('Concat', products, { dims }, { axis: int(0) });
    return [e.transpose(all, spreadsG ? [1, 3, 2, 0] : [3, 1, 2, 0])];
  },
};

function isColumnwise(shape: ConvolutionShape): boolean {
  const { groups, windows } = shape;
  return (
    groups === 1 &&
    windows.length === 2 &&
    !isPointwise(shape) &&
    windows.every((window) => window.stride === 1 && isPaddedWithin(window))
  );
}

/** Whether each element of x is read, so that the other way round, too, there is padding and nothing to be cut. */
function isPaddedWithin({ kernel, dilation, before, after }: WindowShape): boolean {
  return Math.max(before, after) <= dilation * (kernel - 1);
}

/** Where along an axis the taps read, in what has `before` and `after` elements of padding. */
interface Reading {
  readonly before: number;
  readonly after: number;
  /** Of the first place, for each tap. */
  readonly starts: readonly number[];
}

/** How a place of g has its elements of x. */
function forward({ kernel, dilation, before, after }: WindowShape): Reading {
  return { before, after, starts: Array.from({ length: kernel }, (_, tap) => tap * dilation) };
}

/** How a place of x has its elements of g. */
function mirrored(window: WindowShape): Reading {
  const reach = window.dilation * (window.kernel - 1);
  const { starts } = forward(window);
  return { before: reach - window.before, after: reach - window.after, starts: starts.toReversed() };
}

/** For each column of the kernel what its taps read: [batch, channels, taps, height, width]. */
function columnsOf(
  e: OnnxEmitter,
  image: OnnxTensor,
  [rows, columns, ...more]: readonly Reading[],
): readonly OnnxTensor[] {
  const [batch, channels, height, width] = image.dims;
  if (rows === undefined || columns === undefined || more.length > 0)
    throw new Error('a kernel has two axes');
  if (batch === undefined || channels === undefined || height === undefined || width === undefined)
    throw new Error(`${image.name} is no image`);
  const [tall, wide] = [padded(e, height, rows), padded(e, width, columns)];
  const pads = [0, 0, rows.before, columns.before, 0, 0, rows.after, columns.after];
  const whole = pads.every((pad) => pad === 0)
    ? image
    : e.node('Pad', [image, e.ints(pads)], { dims: [batch, channels, constant(tall), constant(wide)] });
  const [down, across] = [tall - last(rows), wide - last(columns)];
  const lines = rows.starts.flatMap((start) => Array.from({ length: down }, (_, line) => start + line));
  return columns.starts.map((start) => {
    const lead = [batch, channels];
    const bounds = [e.ints([start]), e.ints([start + across]), e.ints([3])];
    const column = e.node('Slice', [whole, ...bounds], { dims: [...lead, constant(tall), constant(across)] });
    const dims: readonly Size[] = [...lead, constant(lines.length), constant(across)];
    const read = e.node('Gather', [column, e.indices(lines)], { dims }, { axis: int(2) });
    return e.reshape(read, [...lead, constant(rows.starts.length), constant(down), constant(across)]);
  });
}

function padded(e: OnnxEmitter, size: Size, { before, after }: Reading): number {
  return before + e.constant(size) + after;
}

/** Where the last tap begins to read. */
function last({ starts }: Reading): number {
  return Math.max(...starts);
}
