import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { registerGradients } from '../../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';
import { maximum, minimum } from '../../../src/compiler/ops/binary.ts';
import { clampTo } from '../../../src/compiler/ops/clamp.ts';
import type { Attributes } from '../../../src/compiler/ops/attributes.ts';
import { concrete, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import type { Op } from '../../../src/compiler/ops/op.ts';
import { maxPoolOver } from '../../../src/compiler/ops/pool.ts';
import { maxOver, minOver } from '../../../src/compiler/ops/reduce.ts';
import { exponentialUnit } from '../../../src/compiler/ops/elu.ts';
import { leakyRectify } from '../../../src/compiler/ops/leaky-relu.ts';
import { learnedRectify } from '../../../src/compiler/ops/prelu.ts';
import { abs, relu, selu } from '../../../src/compiler/ops/unary.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { physical, programOrders } from './physical.ts';
import { ConcreteContext, concreteType, symbolic } from './sample-runs.ts';
import { registerStockGradients } from './stock-gradients.ts';
import { tfjsFunction, toTensor } from './tfjs-functions.ts';

/** Gradients of the sum of an op's output by its inputs, on lines of elements along T. */
function gradients<A extends Attributes>(
  op: Op<A>,
  attributes: A,
  ...lines: readonly (readonly number[])[]
): readonly (readonly number[])[] {
  const inputs = lines.map((line): NdArray => ({
    type: concrete({ T: line.length }),
    data: Float64Array.from(line),
  }));
  const outputs = op.infer(inputs.map(({ type }) => symbolic(type)), attributes, new ConcreteContext()) ?? []; // prettier-ignore
  const sample = { inputs: inputs.map(({ type }) => type), attributes };
  const run = { label: op.name, op, sample, inputs, outputs: outputs.map(concreteType) };
  const [order] = programOrders;
  if (order === undefined) throw new Error('there are no orders');
  const f = tfjsFunction(physical(run, 'channels-last', order));
  return tf.tidy(() => {
    const total = (...xs: tf.Tensor[]): tf.Scalar => tf.sum<tf.Scalar>(f(xs, false)[0] ?? []);
    return tf
      .grads(total)(inputs.map(toTensor))
      .map((gradient) => [...gradient.dataSync()]);
  });
}

const windows = [
  {
    axis: 'T',
    kernel: constant(3),
    stride: constant(3),
    dilation: constant(1),
    before: constant(0),
    after: constant(0),
  },
];

/** What differs between the two sets of gradients: how they share a tie. */
const sets = [
  {
    set: "TensorFlow.js' own gradients",
    register: registerStockGradients,
    ofMax: [1, 1, 0],
    ofEqual: [1, 0],
    ofAbs: -1,
  },
  {
    set: 'the gradients beside a program',
    register: registerGradients,
    ofMax: [1, 0, 0],
    ofEqual: [0.5, 0.5],
    ofAbs: 0,
  },
];

describe.each(sets)('at ties and kinks $set', ({ register, ofMax, ofEqual, ofAbs }) => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });
  beforeAll(register);

  test('give nothing to relu at 0', () => {
    expect(gradients(relu, {}, [-1, 0, 1])).toEqual([[0, 0, 1]]);
  });

  test('of the other rectifiers are those of their left halves at 0', () => {
    expect(gradients(leakyRectify, { slope: 0.25 }, [-1, 0, 1])).toEqual([[0.25, 0.25, 1]]);
    expect(gradients(exponentialUnit, { alpha: 0.5 }, [0, 1])).toEqual([[0.5, 1]]);
    const [ofX, ofSlope] = gradients(learnedRectify, { channel: 'T' }, [-2, 0, 1], [0.25, 0.25, 0.25]);
    expect(ofX).toEqual([0.25, 0.25, 1]);
    expect(ofSlope).toEqual([-2, 0, 0]);
    expect(gradients(selu, {}, [0])[0]?.[0]).toBeCloseTo(1.7580993, 6);
  });

  test('pass clamp at its bounds', () => {
    expect(gradients(clampTo, { min: 0, max: 1 }, [-0.5, 0, 0.5, 1, 1.5])).toEqual([[0, 1, 1, 1, 0]]);
  });

  test('go to the first maximum of a window', () => {
    expect(gradients(maxPoolOver, { windows }, [2, 2, 1])).toEqual([[1, 0, 0]]);
  });

  test('of the largest and smallest over axes', () => {
    expect(gradients(maxOver, { over: ['T'] }, [2, 2, 1])).toEqual([ofMax]);
    expect(gradients(minOver, { over: ['T'] }, [-2, -2, 1])).toEqual([ofMax]);
  });

  test('of two equal operands', () => {
    const expected = ofEqual.map((share) => [share]);
    expect(gradients(maximum, {}, [3], [3])).toEqual(expected);
    expect(gradients(minimum, {}, [3], [3])).toEqual(expected);
  });

  test('of the absolute value', () => {
    expect(gradients(abs, {}, [0])).toEqual([[ofAbs]]);
  });
});
