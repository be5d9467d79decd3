import { expect, test } from 'vitest';
import { concrete, type ConcreteType } from '../../../src/compiler/ops/nd-array.ts';
import { maxPoolGradient } from '../../../src/compiler/ops/max-pool-gradient.ts';
import { slidType, type Window } from '../../../src/compiler/ops/window.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import { onnxGraph, runOnnx } from '../ops/onnx-functions.ts';
import { physical, programOrders } from '../ops/physical.ts';
import type { SampleRun } from '../ops/sample-runs.ts';

const window = (axis: string, padding: number): Window => ({
  axis,
  kernel: constant(3),
  stride: constant(2),
  dilation: constant(1),
  before: constant(padding),
  after: constant(padding),
});

/** Every window has its largest element many times, as behind a ReLU it has. */
function pooled(type: ConcreteType, windows: readonly Window[], values: readonly number[]): SampleRun {
  const g = slidType(type, windows);
  const count = g.axes.reduce((product, { size }) => product * size, 1);
  const inputs = [
    { type, data: Float64Array.from(values) },
    { type: g, data: Float64Array.from({ length: count }, (_, i) => i + 1) },
  ];
  const sample = { inputs: [type, g], attributes: { windows } };
  return { label: 'ties', op: maxPoolGradient, sample, inputs, outputs: [type] };
}

test('the first of equal maxima of a window gets the whole gradient', () => {
  const run = pooled(concrete({ T: 5 }), [window('T', 1)], [0, 0, 0, 7, 7]);
  const [dx] = maxPoolGradient.evaluate(run.inputs, { windows: [window('T', 1)] }, run.outputs);
  expect([...(dx?.data ?? [])]).toEqual([1, 0, 0, 2 + 3, 0]);
});

test.each(programOrders)('ONNX Runtime finds the same one, axes $name', async (order) => {
  for (const windows of [
    [window('H', 1), window('W', 1)],
    [window('W', 1), window('H', 1)],
  ]) {
    const type = concrete({ C: 2, H: 6, W: 7 });
    const values = Array.from({ length: 84 }, (_, i) => [0, 1, 1, 0, 0][(i * i) % 5] ?? 0);
    const placed = physical(pooled(type, windows, values), 'channels-first', order);
    const [dx] = await runOnnx(onnxGraph(placed), placed.arranged);
    expect([...(dx?.data as Float32Array)]).toEqual([...(placed.expected[0]?.data ?? [])]);
  }
});
