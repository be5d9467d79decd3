import { axisNames, findAxis, tensorType, type TensorType } from '../ir/tensor-type.ts';
import type { TensorValue } from '../ir/module.ts';
import { constant, type Size } from '../shapes/size.ts';
import { expectAxes, expectAxis, expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete, forEachIndex, sizeOf } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand, type OpBuilder } from './surface-op.ts';

export type DropoutAttributes = {
  /** The probability of being set to 0. */
  readonly rate: number;
  /** Each index along these axes is drawn for by itself, in row-major order; along the others it has one fate. */
  readonly over: readonly string[];
};

/**
 * Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (JMLR 2014), in its inverted
 * form: what stays is scaled while training, and inference is the identity. Drawing for each sample alone it is
 * stochastic depth.
 */
export const dropOut: Op<DropoutAttributes> = {
  name: 'dropout',
  doc: 'while training y = x / (1 - rate) where u >= rate and 0 elsewhere, for random u from 0 to 1; otherwise y = x',
  random: {
    draws: (inputs, { over }) => tensorType(over.flatMap((axis) => findAxis(only(inputs), axis) ?? [])),
    given: (b, inputs, { rate }, draws) => {
      const isKept = b.indicator(b.one('greater_equal', [draws, b.number(rate)]));
      // The scaling is of the mask, which may be far smaller.
      return [b.mul(only(inputs), b.mul(isKept, b.number(1 / (1 - rate))))];
    },
  },
  infer: (inputs, { rate, over }, ctx) => {
    const x = only(inputs);
    if (!expectFloat(ctx, 'dropout', x)) return undefined;
    if (over.length > 0 && expectAxes(ctx, '`dropout`', x, over) === undefined) return undefined;
    // While a block is defined, a rate that it is given is NaN.
    if (!(rate < 0 || rate >= 1)) return [x];
    return ctx.fail('N3010', `the rate of dropping is ${rate}, but must be at least 0 and below 1`, [
      'it is the probability of being set to 0; at 1 nothing would be left',
    ]);
  },
  evaluate: (inputs, { rate, over }, outputs, draws) => {
    const x = arrange(only(inputs), only(outputs));
    if (draws === undefined) return [x];
    const drawn = concrete(Object.fromEntries(over.map((axis) => [axis, sizeOf(x.type, axis)])));
    const numbers = draws(over.reduce((count, axis) => count * sizeOf(x.type, axis), 1));
    forEachIndex(x.type.axes, [x.type, drawn], ([at = 0, draw = 0]) => {
      x.data[at] = (numbers[draw] ?? NaN) < rate ? 0 : (x.data[at] ?? NaN) / (1 - rate);
    });
    return [x];
  },
  /** Of inference: see {@link Op.random}. */
  onnx: (_e, { inputs }) => [only(inputs)],
  tfjs: (e, { inputs, outputTypes, attributes: { rate, over } }) => {
    const { shape, order } = drawnShape(only(outputTypes), over);
    const moved = order === undefined ? '' : `, order: [${order.map((axis) => e.number(axis)).join(', ')}]`;
    const options = `{ rate: ${e.number(rate)}, shape: ${e.shape(shape)}${moved} }`;
    return [`${e.helper('dropout')}(${only(inputs)}, ${e.random()}, ${options})`];
  },
  /** Of inference, too. A graph that trains has a product with the mask in its place. */
  gradient: (_b, { gradients }) => [only(gradients)],
  flops: (inputs) => elements(only(inputs)),
  samples: [
    ...[
      { N: 3, C: 5 },
      { N: 2, C: 3, H: 5, W: 7 },
      { N: 2, T: 4, D: 3 },
      { T: 33 },
      {},
      { A: 2, N: 2, C: 3, H: 2, W: 2 },
    ].flatMap((x) => [0.5, 0.1].map((rate) => sample(x, Object.keys(x), rate))),
    ...['N', 'C', 'H'].map((axis) => sample({ N: 2, C: 3, H: 5, W: 2 }, [axis], 0.4)),
    ...['N', 'C', 'H'].map((axis) => sample({ W: 5, C: 3, H: 2, N: 2 }, [axis], 0.2)),
    sample({ N: 2, C: 3, H: 5, W: 2 }, ['N', 'C'], 0.3),
    sample({ N: 2, C: 3, H: 5, W: 2 }, ['C', 'N'], 0.3),
    sample({ N: 2, C: 3, H: 5, W: 2 }, ['W', 'N', 'H'], 0.3),
    sample({ N: 2, C: 3, H: 5, W: 2 }, ['W', 'H', 'C', 'N'], 0.3),
    sample({ N: 2, C: 3 }, ['N', 'C'], 0),
    sample({ N: 2, C: 3 }, [], 0.5),
    sample({ N: 4, D: 8 }, ['D'], 0.5),
    sample({ N: 4, D: 8 }, ['N'], 0.99),
    sample({ N: 1, h: 2, T: 3, d: 4 }, ['h'], 0.1),
    sample({ N: 1, h: 2, T: 3, d: 4 }, ['d', 'h'], 0.1),
    sample({ N: 1, T: 1 }, ['N'], 0.1),
    sample({ N: 5 }, ['N'], 0.25),
  ],
};

function sample(
  x: Readonly<Record<string, number>>,
  over: readonly string[],
  rate: number,
): Sample<DropoutAttributes> {
  return { inputs: [concrete(x)], attributes: { rate, over } };
}

/**
 * The shape in which numbers are drawn, with ones for the axes that have none of their own, and how its axes are then
 * permuted; in memory order and without a permutation where that comes to the same.
 */
function drawnShape(
  x: TensorType,
  over: readonly string[],
): { readonly shape: readonly Size[]; readonly order: readonly number[] | undefined } {
  const names = axisNames(x);
  const sizeAlong = (name: string): Size =>
    over.includes(name) ? (findAxis(x, name)?.size ?? constant(1)) : constant(1);
  const inMemory = names.filter((name) => over.includes(name));
  if (over.every((name, i) => inMemory[i] === name)) return { shape: names.map(sizeAlong), order: undefined };
  const drawn = [...over, ...names.filter((name) => !over.includes(name))];
  return { shape: drawn.map(sizeAlong), order: names.map((name) => drawn.indexOf(name)) };
}

/** Where nothing is dropped, no program need mention it. */
function dropped(
  b: OpBuilder,
  x: TensorValue,
  rate: number,
  over: readonly string[],
): TensorValue | undefined {
  return rate === 0 ? x : b.emitOne(dropOut, [x], { rate, over });
}

const rateDoc = 'the probability of being set to 0, at least 0 and below 1';

export const dropout = surfaceOp({
  name: 'dropout',
  doc: 'Sets elements to 0 at random while training and scales the others by 1 / (1 - rate); in inference it changes nothing. The numbers depend on the seed, the step and the path of the instance, so that every target drops the same elements, and an instance that is called twice in a step drops the same ones twice.',
  example: 'dropout(0.2)(x)',
  arguments: { rate: { kind: 'number', positional: true, doc: rateDoc } },
  operands: ['x'],
  // It has no weights, but its path keys its numbers: two instances must not share one.
  parameterised: true,
  build(b, { rate }, operands) {
    const x = tensorOperand(b, 'dropout', operands);
    return x && dropped(b, x, rate, axisNames(x.type));
  },
});

export const stochasticDepth = surfaceOp({
  name: 'stochastic_depth',
  doc: 'Sets whole samples to 0 at random while training and scales the others by 1 / (1 - rate); in inference it changes nothing. On the branch of a residual block this leaves out the block (Huang et al., "Deep Networks with Stochastic Depth", ECCV 2016).',
  example: 'stochastic_depth(N, rate: 0.1)(x)',
  arguments: {
    along: { kind: 'axis', positional: true, doc: 'the axis of samples; each is kept or dropped by itself' },
    rate: { kind: 'number', doc: rateDoc },
  },
  operands: ['x'],
  parameterised: true,
  build(b, { along, rate }, operands) {
    const x = tensorOperand(b, 'stochastic_depth', operands);
    const axis = x && expectAxis(b, '`stochastic_depth`', x.type, along);
    return x && axis && dropped(b, x, rate, [along]);
  },
});
