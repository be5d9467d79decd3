import type { TensorType } from '../../../../ir/tensor-type.ts';
import type { ConvInputGradientAttributes } from '../../../../ops/conv-input-gradient.ts';
import { named, only } from '../../../../ops/named.ts';
import type { Lowered } from '../../../../ops/op.ts';
import { numberOf, sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import { constant } from '../../../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../../emitter.ts';
import { blockedConv, convAttributes, type Block } from '../blocks.ts';
import { windowShape, type WindowShape } from '../convolution-cost.ts';
import { expectBlockImage } from './block-image.ts';

/** The places of x that have one remainder by the stride: the same taps of the kernel reach them all. */
interface Phase {
  readonly places: number;
  /** The taps that reach them, in the order in which they read g. */
  readonly taps: readonly number[];
  /** How they move over g. */
  readonly window: WindowShape;
}

/** The phases of the rows and of the columns of an image. */
export type ImagePhases = Readonly<Record<'down' | 'across', readonly Phase[]>>;

/** Undefined where phases differ in length or have no taps, or would begin or end inside of g. */
export function phasesOfImage(
  { windows }: ConvInputGradientAttributes,
  x: TensorType,
  g: TensorType,
): ImagePhases | undefined {
  const [height, width] = windowsInOrder(g, windows).map(windowShape);
  const [, , rows, columns] = sizesOf(x).map(numberOf);
  const [, , gRows, gColumns] = sizesOf(g).map(numberOf);
  const [down, across] = [phasesOf(height, rows, gRows), phasesOf(width, columns, gColumns)];
  return down && across && { down, across };
}

/**
 * The gradient of the input of a convolution at a stride: a convolution of g for each phase, with a weight of its taps alone.
 * The results are put between each other, block by block.
 */
export function convolvedBackInPhases(
  e: OnnxEmitter,
  { inputs, inputTypes, outputTypes, attributes }: Lowered<ConvInputGradientAttributes, OnnxTensor>,
  block: Block,
  weightOfTaps: (rows: readonly number[], columns: readonly number[]) => OnnxTensor,
  groups = 1,
): OnnxTensor {
  const { g } = named(inputs, ['g', 'weight']);
  const x = expectBlockImage(only(outputTypes), block);
  const phases = phasesOfImage(attributes, only(outputTypes), named(inputTypes, ['g']).g);
  if (phases === undefined) throw new Error('these places have no phases');
  const { down, across } = phases;
  const planes = x.batch * (x.channels / block);
  const lines = down.map((ofRows) => {
    const parts = across.map((ofColumns) => {
      const weight = weightOfTaps(ofRows.taps, ofColumns.taps);
      const dims = [x.batch, x.channels, ofRows.places, ofColumns.places].map(constant);
      const attributes = convAttributes([ofRows.window, ofColumns.window]);
      const convolved = blockedConv(e, [g, weight], dims, attributes, groups);
      return e.reshape(convolved, [planes * ofRows.places * ofColumns.places, block].map(constant));
    });
    const lineLength = (x.points / (down.length * ofRows.places)) * block;
    return e.reshape(beside(e, parts), [planes * ofRows.places, lineLength].map(constant));
  });
  return e.reshape(beside(e, lines), sizesOf(only(outputTypes)));
}

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
