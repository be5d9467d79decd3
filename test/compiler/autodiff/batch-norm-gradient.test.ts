import { expect, test } from 'vitest';
import { batchNormaliseGradient } from '../../../src/compiler/ops/batch-norm-gradient.ts';
import {
  concrete,
  elementCount,
  type ConcreteType,
  type NdArray,
} from '../../../src/compiler/ops/nd-array.ts';
import { expectClose } from '../ops/expect-close.ts';
import { onnxGraph, runOnnx } from '../ops/onnx-functions.ts';
import { physical, programOrders } from '../ops/physical.ts';
import { randomArray, type SampleRun } from '../ops/sample-runs.ts';

const type = concrete({ N: 8, C: 3, H: 12, W: 12 });
const vector = concrete({ C: 3 });

function filled(of: ConcreteType, value: number): NdArray {
  return { type: of, data: new Float64Array(elementCount(of)).fill(value) };
}

/** x as far from 0 as `centre`, its deviation about 1. */
function run(centre: number, weight: number): SampleRun {
  const x = randomArray(type, 'x', [centre - 1.75, centre + 1.75]);
  const moments = (f: (value: number, c: number) => number): NdArray => {
    const sums = [0, 0, 0];
    x.data.forEach((value, i) => {
      const c = Math.floor(i / 144) % 3;
      sums[c] = (sums[c] ?? NaN) + f(value, c) / (8 * 144);
    });
    return { type: vector, data: Float64Array.from(sums, Math.fround) };
  };
  const mean = moments((value) => value);
  const variance = moments((value, c) => (value - (mean.data[c] ?? NaN)) ** 2);
  const inputs = [x, filled(vector, weight), mean, variance, randomArray(type, 'g', [-1, 1])];
  const sample = { inputs: inputs.map((input) => input.type), attributes: { channel: 'C', eps: 1e-5 } };
  return { label: 'batch norm', op: batchNormaliseGradient, sample, inputs, outputs: [type, vector, vector] };
}

async function expectSame(given: SampleRun): Promise<void> {
  const [order] = programOrders;
  if (order === undefined) throw new Error('there are no orders');
  const placed = physical(given, 'channels-first', order);
  const results = await runOnnx(onnxGraph(placed), placed.arranged);
  results.forEach(({ data }, i) => {
    expectClose(Float64Array.from(data as Float32Array), placed.expected[i]?.data ?? [], 1e-5);
  });
}

/** sum(g x) - mean sum(g) would lose three digits here. */
test('a deviation that is small beside the mean keeps its digits', async () => {
  await expectSame(run(1000, 0.5));
});

test.each([0, 1e-20])('a weight of %d does not spoil its own gradient', async (weight) => {
  const given = run(0, weight);
  const [dx, dweight] = batchNormaliseGradient.evaluate(
    given.inputs,
    { channel: 'C', eps: 1e-5 },
    given.outputs,
  );
  expect(Math.max(...(dx?.data.map(Math.abs) ?? []))).toBeLessThanOrEqual(weight * 10);
  expect(Math.min(...(dweight?.data.map(Math.abs) ?? []))).toBeGreaterThan(0.1);
  await expectSame(given);
});
