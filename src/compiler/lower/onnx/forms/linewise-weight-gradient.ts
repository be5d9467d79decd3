import { convolutionOf, weightGradientSample } from '../../../ops/conv-gradient-samples.ts';
import { convolutionSample, type ConvAttributes } from '../../../ops/conv.ts';
import { named, only } from '../../../ops/named.ts';
import { sizesOf } from '../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../ops/window.ts';
import { constant, mul } from '../../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../emitter.ts';
import { sumOverFirst } from './add-up.ts';
import { imageDims } from './blocks.ts';
import { convolutionShape, milliseconds, windowShape, type WindowShape } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/**
 * One product whose first operand has a row for each channel and tap: what the tap reads, as an image. Of few channels
 * the op's own lowering copies a piece of a few numbers for each tap and place; here whole lines are copied, from one
 * image for each way in which the columns of the kernel lie over those of x. At a stride, columns that are read by one tap
 * are brought together first. Of the second operand, g, the product makes its copy in another order: it is the smaller.
 */
export const linewiseWeightGradient: OnnxForm<ConvAttributes> = {
  name: 'linewise',
  op: 'conv_weight_gradient',
  doc: 'one matrix product, of what each tap reads in lines and g, which is transposed while it is read',
  saves: ({ inputs, outputs }, attributes) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const shape = convolutionShape(attributes, { x: x.type, weight: only(outputs).type, y: g.type });
    if (shape === undefined || shape.groups !== 1 || shape.windows.length !== 2) return undefined;
    const { batch, from, to, weight, y } = shape;
    const windows = windowsInOrder(x.type, attributes.windows).map(windowShape);
    const [rows, columns] = windows;
    const [width, across] = [x, g].map(({ type }) => type.axes.at(-1)?.size.value);
    if (rows === undefined || columns === undefined || width === undefined || across === undefined)
      return undefined;
    // Where g has no more channels and there is no stride, the other lowering spreads that.
    if (windows.every(({ stride }) => stride === 1) && to <= from) return undefined;
    if (!isLinewise(columns, width, across)) return undefined;
    const taps = rows.kernel * columns.kernel;
    const places = y / to;
    const patches = places * from * taps;
    const shifted = (shape.x / width) * columns.stride * across * shiftsOf(columns).length;
    // The other lowering brings the channels of x last and adds a place to them.
    const moved = milliseconds.passed + (columns.stride === 1 ? milliseconds.transposed : 0);
    return (
      places * taps * milliseconds.piece +
      shape.x * moved +
      (patches - y) * milliseconds.packed -
      patches * milliseconds.unfolded -
      // Once where they are shifted, and once where they are put together.
      2 * shifted * milliseconds.passed -
      batch * weight * milliseconds.summed -
      8 * milliseconds.node
    );
  },
  samples: [
    convolutionSample(
      { N: 2, C: 3, H: 10, W: 8 },
      { out: 5, kernel: { H: 7, W: 7 }, pad: [3, 3], stride: 2 },
    ),
    convolutionSample({ N: 2, C: 3, H: 7, W: 9 }, { out: 4, kernel: { H: 4, W: 4 }, pad: [0, 1], stride: 3 }),
    convolutionSample({ N: 1, C: 2, H: 6, W: 5 }, { out: 4, kernel: { H: 3, W: 2 }, pad: [1, 0] }),
    convolutionSample(
      { N: 2, C: 1, H: 9, W: 8 },
      { out: 3, kernel: { H: 3, W: 3 }, pad: [2, 1], dilation: 2, stride: 2 },
    ),
    convolutionSample({ N: 2, C: 2, H: 8, W: 8 }, { out: 3, kernel: { H: 2, W: 2 }, stride: 4 }),
    convolutionSample(
      { A: 2, N: 2, C: 3, H: 5, W: 4 },
      { out: 4, kernel: { H: 2, W: 3 }, pad: [1, 1], strides: { W: 2 } },
    ),
    convolutionSample(
      { C: 2, H: 6, W: 5 },
      { out: 4, kernel: { H: 3, W: 3 }, pad: [1, 1], strides: { H: 2 } },
    ),
    convolutionSample({ W: 6, C: 3, H: 7, N: 2 }, { out: 4, to: 'C', kernel: { H: 3, W: 3 }, pad: [1, 1] }),
  ].map((sample) => weightGradientSample(convolutionOf(sample))),
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const types = named(inputTypes, ['x', 'g']);
    const weight = sizesOf(only(outputTypes));
    const [rows, columns] = windowsInOrder(types.x, windows).map(windowShape);
    const image = e.reshape(x, imageDims(types.x));
    const [batch = constant(1), made = constant(1), height = constant(1), width = constant(1)] = imageDims(
      types.g,
    );
    if (rows === undefined || columns === undefined) throw new Error('a kernel has two axes');
    const [down, across] = [e.constant(height), e.constant(width)];
    const patches = patchesOf(e, image, { rows, columns, down, across });
    const points = mul(height, width);
    const count = patches.dims[1] ?? constant(1);
    const operands = [patches, e.reshape(g, [batch, made, points])];
    const dims = [batch, count, made];
    const ofImages = e.node('FusedMatMul', operands, { dims }, { transB: int(1) }, 'com.microsoft');
    return [e.reshape(e.transpose(sumOverFirst(e, ofImages), [1, 0]), weight)];
  },
};

interface Patches {
  readonly rows: WindowShape;
  readonly columns: WindowShape;
  /** Places of g. */
  readonly down: number;
  readonly across: number;
}

/** [batch, rows of the product, places of g], the rows in the order of the weight. */
function patchesOf(e: OnnxEmitter, image: OnnxTensor, { rows, columns, down, across }: Patches): OnnxTensor {
  const [batch = constant(1), ...sizes] = image.dims;
  const [channels = 1, height = 1, width = 1] = sizes.map((size) => e.constant(size));
  const { stride } = columns;
  const [planes, length] = [channels * stride, width / stride];
  const apart = phases(e, image, stride);
  const tall = rows.before + height + rows.after;
  const shifts = shiftsOf(columns);
  const shifted = shifts.map((shift) => {
    const pads = [0, 0, rows.before, -shift, 0, 0, rows.after, across + shift - length];
    const dims = [batch, ...[planes, tall, across].map(constant)];
    return e.node('Pad', [apart, e.ints(pads)], { dims });
  });
  const [first] = shifted;
  if (first === undefined) throw new Error('a kernel has no columns');
  const dims = [batch, ...[planes * shifts.length, tall, across].map(constant)];
  const all = shifted.length === 1 ? first : e.node('Concat', shifted, { dims }, { axis: int(1) });
  const taps = Array.from({ length: rows.kernel }, (_, row) =>
    columnTaps(columns).map(({ shift, phase }) => {
      return { row: row * rows.dilation, plane: shifts.indexOf(shift) * planes + phase };
    }),
  ).flat();
  const lines = Array.from({ length: channels }, (_, channel) =>
    taps.map(({ row, plane }) => (plane + channel * stride) * tall + row),
  )
    .flat()
    .flatMap((start) => Array.from({ length: down }, (_, line) => start + line * rows.stride));
  const flat = e.reshape(all, [batch, constant(planes * shifts.length * tall), constant(across)]);
  const read = [batch, constant(lines.length), constant(across)];
  const gathered = e.node('Gather', [flat, e.indices(lines)], { dims: read }, { axis: int(1) });
  return e.reshape(gathered, [batch, constant(channels * taps.length), constant(down * across)]);
}

/** Of each channel an image for each column of a stride: [batch, channels times stride, height, width / stride]. */
function phases(e: OnnxEmitter, image: OnnxTensor, stride: number): OnnxTensor {
  if (stride === 1) return image;
  const [batch = constant(1), ...sizes] = image.dims;
  const [channels = 1, height = 1, width = 1] = sizes.map((size) => e.constant(size));
  const lead = mul(batch, constant(channels));
  const pairs = e.reshape(image, [lead, constant((height * width) / stride), constant(stride)]);
  return e.reshape(e.transpose(pairs, [0, 2, 1]), [
    batch,
    ...[channels * stride, height, width / stride].map(constant),
  ]);
}

/** For each tap of a line the column, of those that have one place in their stride, at which it begins to read. */
function columnTaps({ kernel, stride, dilation, before }: WindowShape): readonly {
  readonly shift: number;
  readonly phase: number;
}[] {
  return Array.from({ length: kernel }, (_, tap) => {
    const start = tap * dilation - before;
    const shift = Math.floor(start / stride);
    return { shift, phase: start - shift * stride };
  });
}

function shiftsOf(columns: WindowShape): readonly number[] {
  return [...new Set(columnTaps(columns).map(({ shift }) => shift))];
}

/** Whether strides divide the lines, and each tap reads at least one column that is no padding. */
function isLinewise(columns: WindowShape, width: number, across: number): boolean {
  if (width % columns.stride !== 0) return false;
  const length = width / columns.stride;
  return shiftsOf(columns).every((shift) => shift < length && shift + across > 0);
}
