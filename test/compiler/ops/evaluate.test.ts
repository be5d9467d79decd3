import { describe, expect, test } from 'vitest';
import { batchNormaliseTraining } from '../../../src/compiler/ops/batch-norm-train.ts';
import { batchNormalise } from '../../../src/compiler/ops/batch-norm.ts';
import { castTo } from '../../../src/compiler/ops/cast.ts';
import { clampTo } from '../../../src/compiler/ops/clamp.ts';
import { concatAlong } from '../../../src/compiler/ops/concat.ts';
import { contractOver } from '../../../src/compiler/ops/contract.ts';
import { convolve } from '../../../src/compiler/ops/conv.ts';
import { expandOver } from '../../../src/compiler/ops/expand.ts';
import { factorAxis } from '../../../src/compiler/ops/factor.ts';
import { mergeAxes } from '../../../src/compiler/ops/merge.ts';
import {
  concrete,
  elementCount,
  type ConcreteType,
  type NdArray,
} from '../../../src/compiler/ops/nd-array.ts';
import type { Attributes } from '../../../src/compiler/ops/attributes.ts';
import type { Op } from '../../../src/compiler/ops/op.ts';
import { avgPoolOver, maxPoolOver } from '../../../src/compiler/ops/pool.ts';
import { meanOver } from '../../../src/compiler/ops/reduce.ts';
import { resizeOver, type ResizeMode } from '../../../src/compiler/ops/resize.ts';
import { shuffleGroups } from '../../../src/compiler/ops/shuffle.ts';
import { logSoftmaxAlong } from '../../../src/compiler/ops/softmax.ts';
import { splitInto } from '../../../src/compiler/ops/split.ts';
import { stackAlong } from '../../../src/compiler/ops/stack.ts';
import * as unary from '../../../src/compiler/ops/unary.ts';
import type { Window } from '../../../src/compiler/ops/window.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { expectClose } from './expect-close.ts';
import { ConcreteContext, concreteType, symbolic } from './sample-runs.ts';

const array = (sizes: Readonly<Record<string, number>>, data: readonly number[]): NdArray => {
  const type = concrete(sizes);
  if (elementCount(type) !== data.length)
    throw new Error(`${data.length} values for ${elementCount(type)} elements`);
  return { type, data: Float64Array.from(data) };
};
const counting = (sizes: Readonly<Record<string, number>>): NdArray =>
  array(
    sizes,
    Array.from({ length: elementCount(concrete(sizes)) }, (_, i) => i),
  );

/** The first output, in the order that the shape rule gives it or in the one asked for. */
function evaluate<A extends Attributes>(
  op: Op<A>,
  inputs: readonly NdArray[],
  attributes: A,
  wanted?: ConcreteType,
): readonly number[] {
  return all(op, inputs, attributes, wanted)[0] ?? [];
}

function all<A extends Attributes>(
  op: Op<A>,
  inputs: readonly NdArray[],
  attributes: A,
  wanted?: ConcreteType,
): readonly (readonly number[])[] {
  const ctx = new ConcreteContext();
  const types = op.infer(inputs.map(({ type }) => symbolic(type)), attributes, ctx)?.map(concreteType); // prettier-ignore
  if (types === undefined) throw new Error(JSON.stringify(ctx.complaints));
  return op.evaluate(inputs, attributes, wanted ? types.with(0, wanted) : types).map(({ data }) => [...data]);
}

function window(axis: string, given: Partial<Record<Exclude<keyof Window, 'axis'>, number>>): Window {
  return {
    axis,
    kernel: constant(given.kernel ?? 1),
    stride: constant(given.stride ?? 1),
    dilation: constant(given.dilation ?? 1),
    before: constant(given.before ?? 0),
    after: constant(given.after ?? 0),
  };
}

describe('values worked out by hand', () => {
  const line = array({ C: 1, T: 5 }, [1, 2, 3, 4, 5]);
  const conv = (
    weight: NdArray,
    x: NdArray,
    given: Parameters<typeof window>[1],
    groups = 1,
    bias: readonly NdArray[] = [],
  ) =>
    evaluate(convolve, [x, weight, ...bias], {
      from: 'C',
      to: 'K',
      groups: constant(groups),
      windows: [window('T', given)],
    });
  const slope = array({ '.out': 1, '.in': 1, '.T': 3 }, [-1, 0, 1]);

  test('a convolution does not flip its kernel; padding is zero; the bias comes on top', () => {
    expect(conv(slope, line, { kernel: 3, before: 1, after: 1 })).toEqual([2, 2, 2, 2, -4]);
    expect(conv(slope, line, { kernel: 3 }, 1, [array({ '.out': 1 }, [10])])).toEqual([12, 12, 12]);
  });

  test('stride drops what is left over; dilation spreads the kernel', () => {
    expect(conv(slope, line, { kernel: 3, stride: 2 })).toEqual([2, 2]);
    expect(conv(slope, line, { kernel: 2 + 1, dilation: 2 })).toEqual([4]);
    expect(conv(slope, line, { kernel: 3, before: 0, after: 2, stride: 3 })).toEqual([2, -4]);
  });

  test('each group of a convolution sees its own channels', () => {
    const x = array({ C: 4, T: 1 }, [1, 10, 100, 1000]);
    const weight = array({ '.out': 4, '.in': 2, '.T': 1 }, [1, 1, 2, 2, 1, 1, 2, 2]);
    expect(conv(weight, x, { kernel: 1 }, 2)).toEqual([11, 22, 1100, 2200]);
  });

  test('maximum pooling never sees its padding, average pooling counts it only when asked', () => {
    const x = array({ T: 3 }, [-1, -2, -3]);
    const windows = [window('T', { kernel: 2, stride: 2, before: 1 })];
    expect(evaluate(maxPoolOver, [x], { windows })).toEqual([-1, -2]);
    expect(evaluate(avgPoolOver, [x], { windows, countPadding: false })).toEqual([-1, -2.5]);
    expect(evaluate(avgPoolOver, [x], { windows, countPadding: true })).toEqual([-0.5, -2.5]);
  });

  test('batch norm: biased variance normalises, unbiased variance is kept', () => {
    const x = array({ N: 3, C: 1 }, [1, 2, 6]);
    const vectors = [[2], [1], [10], [100]].map((values) => array({ C: 1 }, values));
    const attributes = { channel: 'C', eps: 0, momentum: 0.1 };
    const [y, mean, variance] = all(batchNormaliseTraining, [x, ...vectors], attributes);
    const deviation = Math.sqrt(14 / 3);
    expectClose(y ?? [], [-2, -1, 3].map((d) => (2 * d) / deviation + 1), 1e-12); // prettier-ignore
    expectClose(mean ?? [], [9 + 0.3], 1e-12);
    expectClose(variance ?? [], [90 + 0.7], 1e-12);
    expectClose(evaluate(batchNormalise, [x, ...vectors], attributes), [-0.8, -0.6, 0.2], 1e-12);
  });

  test('batch norm of one value keeps a variance of zero, not of nothing', () => {
    const x = array({ N: 1, C: 1 }, [5]);
    const vectors = [[1], [0], [0], [1]].map((values) => array({ C: 1 }, values));
    const [y, , variance] = all(batchNormaliseTraining, [x, ...vectors], {
      channel: 'C',
      eps: 1,
      momentum: 0.5,
    });
    expect([y, variance]).toEqual([[0], [0.5]]);
  });

  test('batch norm keeps the digits of a variance that is small beside the mean', () => {
    const x = array({ N: 2, C: 1 }, [1e8, 1e8 + 2]);
    const vectors = [[1], [0], [0], [1]].map((values) => array({ C: 1 }, values));
    expect(evaluate(batchNormaliseTraining, [x, ...vectors], { channel: 'C', eps: 0, momentum: 0 })).toEqual([
      -1, 1,
    ]);
  });

  test('resizing has half-pixel centres, or takes floor(i * in / out)', () => {
    const x = array({ T: 2 }, [0, 1]);
    const to = (size: number, mode: ResizeMode) =>
      ({ over: [{ axis: 'T', size: constant(size) }], mode, corners: 'half_pixel' }) as const;
    expect(evaluate(resizeOver, [x], to(4, 'bilinear'))).toEqual([0, 0.25, 0.75, 1]);
    expect(evaluate(resizeOver, [x], to(1, 'bilinear'))).toEqual([0.5]);
    expect(evaluate(resizeOver, [counting({ T: 3 })], to(5, 'nearest'))).toEqual([0, 0, 1, 1, 2]);
    expect(evaluate(resizeOver, [x], to(98, 'nearest')).indexOf(1)).toBe(49);
  });

  test('resizing with aligned corners keeps the first and the last', () => {
    const x = counting({ T: 3 });
    const to = (size: number, mode: ResizeMode) =>
      ({ over: [{ axis: 'T', size: constant(size) }], mode, corners: 'aligned' }) as const;
    expect(evaluate(resizeOver, [x], to(5, 'bilinear'))).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(evaluate(resizeOver, [x], to(5, 'nearest'))).toEqual([0, 1, 1, 2, 2]);
    expect(evaluate(resizeOver, [x], to(2, 'bilinear'))).toEqual([0, 2]);
    expect(evaluate(resizeOver, [x], to(1, 'bilinear'))).toEqual([0]);
  });

  test('shuffle turns groups of members into members of groups', () => {
    const attributes = { axis: 'C', groups: constant(2) };
    expect(evaluate(shuffleGroups, [counting({ C: 6 })], attributes)).toEqual([0, 3, 1, 4, 2, 5]);
  });

  test('merge and factor are row-major in the order of the names, whatever the order in memory', () => {
    const x = counting({ H: 2, W: 3 });
    expect(evaluate(mergeAxes, [x], { from: ['H', 'W'], to: 'T' })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(evaluate(mergeAxes, [x], { from: ['W', 'H'], to: 'T' })).toEqual([0, 3, 1, 4, 2, 5]);
    const to = [
      { axis: 'W', size: constant(3) },
      { axis: 'H', size: constant(2) },
    ];
    expect(evaluate(factorAxis, [counting({ T: 6 })], { from: 'T', to }, concrete({ H: 2, W: 3 }))).toEqual([
      0, 2, 4, 1, 3, 5,
    ]);
  });

  test('lists keep their order', () => {
    const [a, b] = [array({ N: 2, C: 1 }, [1, 2]), array({ N: 2, C: 2 }, [3, 4, 5, 6])];
    expect(evaluate(concatAlong, [a, b], { axis: 'C' })).toEqual([1, 3, 4, 2, 5, 6]);
    expect(evaluate(stackAlong, [a, a], { axis: 'S' }, concrete({ N: 2, C: 1, S: 2 }))).toEqual([1, 1, 2, 2]);
    expect(all(splitInto, [counting({ N: 2, C: 4 })], { axis: 'C', into: constant(2) })).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ]);
  });

  test('a contraction sums over the pairs, and runs shared axes together', () => {
    const a = array({ N: 2, d: 2 }, [1, 2, 3, 4]);
    const b = array({ d: 2, N: 2 }, [5, 6, 7, 8]);
    expect(evaluate(contractOver, [a, b], { over: [{ left: 'd', right: 'd' }] })).toEqual([5 + 14, 18 + 32]);
  });

  test('expand repeats', () => {
    const over = [{ axis: 'S', size: constant(2) }];
    expect(evaluate(expandOver, [array({ C: 2 }, [1, 2])], { over }, concrete({ C: 2, S: 2 }))).toEqual([
      1, 1, 2, 2,
    ]);
  });

  test('the mean is over what disappears', () => {
    expect(evaluate(meanOver, [counting({ N: 2, H: 2, W: 2 })], { over: ['W', 'H'] })).toEqual([1.5, 5.5]);
  });

  test('clamp without a bound lets pass; cast drops fractions', () => {
    expect(evaluate(clampTo, [array({ T: 3 }, [-9, 0.5, 9])], { min: undefined, max: 1 })).toEqual([
      -9, 0.5, 1,
    ]);
    expect(evaluate(castTo, [array({ T: 3 }, [-1.5, 0, 2.5])], { to: 'int32' })).toEqual([-1, 0, 2]);
    expect(evaluate(castTo, [array({ T: 3 }, [-1.5, 0, 2.5])], { to: 'bool' })).toEqual([1, 0, 1]);
  });

  test('far out, the functions of losses keep their digits', () => {
    const at = (op: Op<Record<string, never>>, x: number): number | undefined =>
      evaluate(op, [array({}, [x])], {})[0];
    expect(at(unary.softplus, 800)).toBe(800);
    expect(at(unary.softplus, -40)).toBeCloseTo(Math.exp(-40), 30);
    expect(at(unary.logSigmoid, -800)).toBe(-800);
    expect(at(unary.sigmoid, -40)).toBeCloseTo(Math.exp(-40), 30);
    expect(at(unary.sigmoid, 800)).toBe(1);
    expect(evaluate(logSoftmaxAlong, [array({ K: 2 }, [1000, 0])], { axis: 'K' })).toEqual([0, -1000]);
  });
});
