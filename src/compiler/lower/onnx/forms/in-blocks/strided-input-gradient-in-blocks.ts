import type { TensorType } from '../../../../ir/tensor-type.ts';
import { convolutionOf, inputGradientSample } from '../../../../ops/conv-gradient-samples.ts';
import type { ConvInputGradientAttributes } from '../../../../ops/conv-input-gradient.ts';
import { convolutionSample } from '../../../../ops/conv.ts';
import { named, only } from '../../../../ops/named.ts';
import { numberOf, sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import { constant } from '../../../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../../emitter.ts';
import {
  blockedConv,
  convAttributes,
  savedInBlocks,
  tapsInBlocks,
  weightByTap,
  type Block,
} from '../blocks.ts';
import { milliseconds, windowShape, type WindowShape } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { blockConvolution } from './block-convolution.ts';
import { expectBlockImage } from './block-image.ts';

/**
 * At a stride, every stride-th place of x has the same taps of the kernel: their gradient is a convolution of g with these
 * alone. The results, one for each remainder by the stride, are put between each other, block by block.
 */
export function stridedInputGradientInBlocks(block: Block): OnnxForm<ConvInputGradientAttributes> {
  return {
    name: `strided-in-blocks${block}`,
    op: 'conv_input_gradient',
    doc: `a blocked convolution for each remainder of places by the stride, on an image in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, attributes) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const x = only(outputs).type;
      const convolution = blockConvolution(attributes, { x, weight: weight.type, y: g.type }, block);
      if (convolution === undefined || inputs.length > 2) return undefined;
      const { shape } = convolution;
      if (shape.windows.every(({ stride }) => stride === 1)) return undefined;
      if (phasesOfImage(attributes, x, g.type) === undefined) return undefined;
      // Without blocks, what each element of g gives to each tap is a matrix that is written and then added up.
      const { passed, unfolded, node } = milliseconds;
      const matrix = shape.batch * shape.points * (shape.weight / shape.to) * 2 * unfolded;
      return savedInBlocks(shape) + matrix - 2 * shape.x * passed - 20 * node;
    },
    blocks: () => ({ inputs: [0], outputs: [0] }),
    samples: [
      convolutionSample(
        { N: 2, C: 32, H: 8, W: 6 },
        { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
      ),
      convolutionSample(
        { N: 1, C: 16, H: 6, W: 12 },
        { out: 32, kernel: { H: 5, W: 5 }, pad: [2, 2], stride: 3 },
      ),
      convolutionSample(
        { N: 2, C: 16, H: 8, W: 8 },
        { out: 16, kernel: { H: 4, W: 3 }, pad: [1, 1], stride: 2 },
      ),
    ]
      .map(convolutionOf)
      .map(inputGradientSample),
    onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const x = expectBlockImage(only(outputTypes), block);
      const phases = phasesOfImage(attributes, only(outputTypes), named(inputTypes, ['g']).g);
      if (phases === undefined) throw new Error('these places have no phases');
      const { down, across } = phases;
      const byTap = weightByTap(e, weight, block);
      const planes = x.batch * (x.channels / block);
      const lines = down.map((ofRows) => {
        const parts = across.map((ofColumns) => {
          const own = tapsInBlocks(e, byTap, ofRows.taps, ofColumns.taps);
          const dims = [x.batch, x.channels, ofRows.places, ofColumns.places].map(constant);
          const convolved = blockedConv(e, [g, own], dims, convAttributes([ofRows.window, ofColumns.window]));
          return e.reshape(convolved, [planes * ofRows.places * ofColumns.places, block].map(constant));
        });
        const lineLength = (x.points / (down.length * ofRows.places)) * block;
        return e.reshape(beside(e, parts), [planes * ofRows.places, lineLength].map(constant));
      });
      return [e.reshape(beside(e, lines), sizesOf(only(outputTypes)))];
    },
  };
}

/** The phases of the rows and of the columns of x. */
function phasesOfImage(
  { windows }: ConvInputGradientAttributes,
  x: TensorType,
  g: TensorType,
): Readonly<Record<'down' | 'across', readonly Phase[]>> | undefined {
  const [height, width] = windowsInOrder(g, windows).map(windowShape);
  const [, , rows, columns] = sizesOf(x).map(numberOf);
  const [, , gRows, gColumns] = sizesOf(g).map(numberOf);
  const [down, across] = [phasesOf(height, rows, gRows), phasesOf(width, columns, gColumns)];
  return down && across && { down, across };
}

/** The places of x that have one remainder by the stride. */
interface Phase {
  readonly places: number;
  /** The taps that reach them, in the order in which they read g. */
  readonly taps: readonly number[];
  /** How they move over g. */
  readonly window: WindowShape;
}

/** Undefined where phases differ in length or have no taps, or would begin or end inside of g. */
function phasesOf(window: WindowShape | undefined, size = 0, ofG = 0): readonly Phase[] | undefined {
  if (window === undefined || window.dilation !== 1 || size % window.stride !== 0) return undefined;
  const { kernel, stride, before } = window;
  const places = size / stride;
  const phases = Array.from({ length: stride }, (_, remainder): Phase | undefined => {
    // Place `stride j + remainder` of x is read by tap t from place j + offset of y.
    const taps = Array.from({ length: kernel }, (_tap, tap) => tap)
      .filter((tap) => (remainder + before - tap) % stride === 0)
      .toReversed();
    const [first] = taps;
    if (first === undefined) return undefined;
    const start = -(remainder + before - first) / stride;
    const end = places + taps.length - 1 - ofG - start;
    if (start < 0 || end < 0) return undefined;
    return {
      places,
      taps,
      window: { kernel: taps.length, stride: 1, dilation: 1, before: start, after: end },
    };
  });
  const found = phases.filter((phase) => phase !== undefined);
  return found.length === stride ? found : undefined;
}

/** Matrices of equal dims with their rows beside each other. */
function beside(e: OnnxEmitter, matrices: readonly OnnxTensor[]): OnnxTensor {
  const [first] = matrices;
  if (first === undefined) throw new Error('there is nothing to put beside each other');
  if (matrices.length === 1) return first;
  const [rows = constant(1), columns = constant(1)] = first.dims;
  const dims = [rows, constant(e.constant(columns) * matrices.length)];
  return e.node('Concat', matrices, { dims }, { axis: int(1) });
}
