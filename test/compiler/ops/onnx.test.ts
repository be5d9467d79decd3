import { describe, expect, test } from 'vitest';
import { expectClose } from './expect-close.ts';
import { onnxGraph, runOnnx } from './onnx-functions.ts';
import { physical, programOrders } from './physical.ts';
import { sampleRuns } from './sample-runs.ts';

describe.each(programOrders)('ONNX Runtime computes what the interpreter says, axes $name', (order) => {
  test.each(sampleRuns())('$label', async (run) => {
    const placed = physical(run, 'channels-first', order);
    const results = await runOnnx(onnxGraph(placed), placed.arranged);
    const shapes = placed.expected.map(({ type }) => type.axes.map(({ size }) => size));
    expect(results.map(({ dims }) => [...dims])).toEqual(shapes);
    results.forEach(({ data }, i) => {
      expectClose(Float64Array.from(data as ArrayLike<number>), placed.expected[i]?.data ?? [], 1e-5);
    });
  });
});
