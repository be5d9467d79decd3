import type { TensorType } from '../../../ir/tensor-type.ts';
import { only } from '../../../ops/named.ts';
import { concrete } from '../../../ops/nd-array.ts';
import { reducedPositions, type ReduceAttributes } from '../../../ops/reduce.ts';
import { numberOf, product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant } from '../../../shapes/size.ts';
import { ints } from '../emitter.ts';
import { sumOverFirst } from './add-up.ts';
import { milliseconds } from './convolution-cost.ts';
import type { FormedNode, OnnxForm } from './form.ts';

/** A sum over the outermost axes. */
export const sumAsProduct: OnnxForm<ReduceAttributes> = {
  name: 'as-product',
  op: 'sum',
  doc: 'the product of a row of ones and a matrix',
  saves: (node) => {
    const cut = cutOf(node);
    if (cut === undefined || cut.before !== 1 || cut.over === 1 || cut.behind === 1) return undefined;
    const { over, behind } = cut;
    return over * behind * (milliseconds.addedUpByOperator - milliseconds.addedUp) - milliseconds.node;
  },
  samples: [
    { inputs: [concrete({ N: 3, C: 5, H: 4, W: 2 })], attributes: { over: ['N'] } },
    { inputs: [concrete({ T: 7, N: 2, C: 9 })], attributes: { over: ['N', 'T'] } },
    { inputs: [concrete({ N: 300, C: 2 })], attributes: { over: ['N'] } },
  ],
  onnx: (e, { inputs, inputTypes, outputTypes }) => {
    const result = sizesOf(only(outputTypes));
    const leading = product(sizesOf(only(inputTypes)).slice(0, -result.length));
    return [sumOverFirst(e, e.reshape(only(inputs), [leading, ...result]))];
  },
};

/** The longest sums, and rows of sums, of which pools were measured to be faster: with longer ones they are ten times slower. */
const LONGEST_POOL = 32;
const LONGEST_ROW = 64;

/**
 * Sums over an axis between two others, as the pool of an image with those for channels and columns. The operator for sums
 * takes its time for each index of the outer axis, however little is to be added up there.
 */
function asPool(op: 'sum' | 'mean'): OnnxForm<ReduceAttributes> {
  return {
    name: 'as-pool',
    op,
    doc: 'the pool of all lines of an image',
    saves: (node) => {
      const cut = cutOf(node);
      if (cut === undefined || cut.behind === 1 || cut.over === 1) return undefined;
      const { before, over, behind } = cut;
      if (over > LONGEST_POOL || behind > LONGEST_ROW) return undefined;
      const read = before * over * behind;
      return before * milliseconds.reduction - read * milliseconds.pooled - 2 * milliseconds.node;
    },
    samples: [
      { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { over: ['H'] } },
      { inputs: [concrete({ C: 4, H: 32, W: 2 })], attributes: { over: ['H'] } },
      { inputs: [concrete({ N: 2, T: 3, S: 4, D: 64 })], attributes: { over: ['S', 'T'] } },
    ],
    onnx: (e, { inputs, inputTypes, outputTypes }) => {
      const cut = cutOfTypes(only(inputTypes), only(outputTypes));
      if (cut === undefined) throw new Error(`this ${op} is not over axes side by side, of known sizes`);
      const { before, over, behind } = cut;
      const image = e.reshape(only(inputs), [1, before, over, behind].map(constant));
      const dims = [1, before, 1, behind].map(constant);
      const means = e.node('AveragePool', [image], { dims }, { kernel_shape: ints([over, 1]) });
      const result = e.reshape(means, sizesOf(only(outputTypes)));
      return [op === 'mean' ? result : e.node('Mul', [result, e.floats([over], [])], result)];
    },
  };
}

export const meanAsPool = asPool('mean');
export const sumAsPool = asPool('sum');

/** A tensor as one of three axes, of which the middle one is reduced. */
interface Cut {
  readonly before: number;
  readonly over: number;
  readonly behind: number;
}

function cutOf({ inputs, outputs }: FormedNode): Cut | undefined {
  return cutOfTypes(only(inputs).type, only(outputs).type);
}

/** Undefined where the axes that disappear do not lie side by side, or where sizes are not known. */
function cutOfTypes(x: TensorType, result: TensorType): Cut | undefined {
  const positions = reducedPositions(x, result);
  const sizes = sizesOf(x);
  const [first] = positions;
  if (first === undefined || positions.some((position, i) => position !== first + i)) return undefined;
  if (x.dtype !== 'f32' || sizes.some(({ value }) => value === undefined || value === 0)) return undefined;
  const last = first + positions.length;
  const count = (part: typeof sizes): number => part.reduce((all, size) => all * numberOf(size), 1);
  return {
    before: count(sizes.slice(0, first)),
    over: count(sizes.slice(first, last)),
    behind: count(sizes.slice(last)),
  };
}
