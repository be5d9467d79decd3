import { findAxis, withoutAxes } from '../ir/tensor-type.ts';
import { constant, scale } from '../shapes/size.ts';
import { expectAxes, expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, elementCount, forEachIndex, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { reduceInOnnx } from './reduce-in-onnx.ts';
import { reducedPositions } from './reduce.ts';
import { elements, product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type VarianceAttributes = {
  readonly over: readonly string[];
  /** Whether it divides by n - 1, or by 1 for one element, instead of n. */
  readonly unbiased: boolean;
};

/** From the centred values: E[x^2] - mean^2 would lose the digits of a variance that is small beside the mean. */
export const varianceOver: Op<VarianceAttributes> = {
  name: 'variance',
  doc: 'the mean of (x - mean)^2 over all indices of the axes',
  infer: (inputs, { over }, ctx) => {
    const x = only(inputs);
    if (!expectFloat(ctx, 'variance', x)) return undefined;
    return expectAxes(ctx, '`variance`', x, over) && [withoutAxes(x, over)];
  },
  evaluate: (inputs, { unbiased }, outputs) => {
    const x = only(inputs);
    const [mean, out] = [zeros(only(outputs)), zeros(only(outputs))];
    const count = elementCount(x.type) / elementCount(out.type);
    const divisor = unbiased ? Math.max(count - 1, 1) : count;
    const each = (visit: (from: number, to: number) => void): void =>
      forEachIndex(x.type.axes, [x.type, out.type], ([from = 0, to = 0]) => visit(from, to));
    each((from, to) => {
      mean.data[to] = (mean.data[to] ?? NaN) + (x.data[from] ?? NaN) / count;
    });
    each((from, to) => {
      out.data[to] = (out.data[to] ?? NaN) + ((x.data[from] ?? NaN) - (mean.data[to] ?? NaN)) ** 2 / divisor;
    });
    return [out];
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { unbiased } }) => {
    const [x, type] = [only(inputs), only(inputTypes)];
    const positions = reducedPositions(type, only(outputTypes));
    const mean = reduceInOnnx(e, 'ReduceMean', x, positions, 'become 1');
    const centred = e.node('Sub', [x, mean], { dims: x.dims });
    const squares = e.node('Mul', [centred, centred], { dims: x.dims });
    if (!unbiased) return [reduceInOnnx(e, 'ReduceMean', squares, positions)];
    const sum = reduceInOnnx(e, 'ReduceSum', squares, positions);
    const count = product(positions.map((i) => sizesOf(type)[i] ?? constant(1)));
    const single = { dims: [constant(1)] };
    const n = e.node('Cast', [e.shape([count])], single, { to: { type: 'int', value: 1 } });
    const less = e.node('Max', [e.node('Sub', [n, e.floats([1], [])], single), e.floats([1], [])], single);
    return [e.node('Div', [sum, e.reshape(less, [])], sum)];
  },
  tfjs: (e, { inputs, inputTypes, outputTypes, attributes: { unbiased } }) => {
    const axes = reducedPositions(only(inputTypes), only(outputTypes)).map((axis) => e.number(axis));
    return [`${e.helper('variance')}(${only(inputs)}, [${axes.join(', ')}], ${unbiased})`];
  },
  gradient: (b, { inputs, attributes: { over, unbiased }, gradients }) => {
    const [x, gradient] = [only(inputs), only(gradients)];
    if (gradient === undefined) return [];
    const one = b.number(1);
    const count = b.number(product(over.map((axis) => findAxis(x.type, axis)?.size ?? constant(1))));
    const divisor = unbiased ? b.one('maximum', [b.sub(count, one), one]) : count;
    const centred = b.sub(x, b.one('mean', [x], { over }));
    return [b.mul(centred, b.mul(gradient, b.div(b.number(2), divisor)))];
  },
  flops: (inputs) => scale(elements(only(inputs)), 4),
  samples: [false, true].flatMap((unbiased) => [
    { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { over: ['H', 'W'], unbiased } },
    { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { over: ['C'], unbiased } },
    { inputs: [concrete({ W: 7, C: 3, N: 2 })], attributes: { over: ['N', 'W'], unbiased } },
    { inputs: [concrete({ T: 9 })], attributes: { over: ['T'], unbiased }, ranges: [[100, 101]] },
    { inputs: [concrete({ N: 1, C: 4, H: 1, W: 1 })], attributes: { over: ['W', 'H'], unbiased } },
    { inputs: [concrete({ A: 2, N: 2, T: 5, h: 2, d: 3 })], attributes: { over: ['T', 'd'], unbiased } },
  ]),
};

export const variance = surfaceOp({
  name: 'variance',
  doc: 'The variance over all indices of the axes, which disappear.',
  example: 'variance(over: [H, W])(x)',
  arguments: {
    over: { kind: 'axes', doc: 'the axes that disappear' },
    unbiased: {
      kind: 'bool',
      optional: true,
      default: 'false',
      doc: 'whether the sum of squares is divided by one less than their number, and not by that',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { over, unbiased = false }, operands) {
    const x = tensorOperand(b, 'variance', operands);
    return x && b.emitOne(varianceOver, [x], { over, unbiased });
  },
});
