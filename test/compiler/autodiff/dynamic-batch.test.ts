import { expect, test } from 'vitest';
import type { TensorType } from '../../../src/compiler/ir/tensor-type.ts';
import { OnnxGraphBuilder } from '../../../src/compiler/lower/onnx/onnx-graph-builder.ts';
import { sizesOf } from '../../../src/compiler/ops/sizes-of.ts';
import { freshVar, variable } from '../../../src/compiler/shapes/size.ts';
import { expectClose } from '../ops/expect-close.ts';
import { runOnnx } from '../ops/onnx-functions.ts';
import { physical, programOrders } from '../ops/physical.ts';
import { isOfPrograms, sampleRuns } from '../ops/sample-runs.ts';

const batch = freshVar('N');

/** The type with a batch whose size is known only when the graph runs. */
function dynamic(type: TensorType): TensorType {
  const axes = type.axes.map(({ name, size }) => ({ name, size: name === 'N' ? variable(batch) : size }));
  return { ...type, axes };
}

const withBatch = sampleRuns((op) => !isOfPrograms(op)).filter(
  ({ sample }) => sample.inputs.some(({ axes: [first] }) => first?.name === 'N'), // prettier-ignore
);

test.each(withBatch)('$label takes a batch of any size', async (run) => {
  const [order] = programOrders;
  if (order === undefined) throw new Error('there are no orders');
  const placed = physical(run, 'channels-first', order);
  const inputTypes = placed.inputTypes.map(dynamic);
  const outputTypes = placed.outputTypes.map(dynamic);
  const input = inputTypes.findIndex(({ axes }) => axes.some(({ name }) => name === 'N'));
  const axis = inputTypes[input]?.axes.findIndex(({ name }) => name === 'N') ?? 0;
  const inputs = inputTypes.map((type, i) => ({ name: `x${i}`, dtype: type.dtype, dims: sizesOf(type) }));
  const sources = new Map([[batch, { input, axis, factor: 1, offset: 0 }]]);
  const builder = new OnnxGraphBuilder(inputs, outputTypes.map((_type, i) => `y${i}`), sources); // prettier-ignore
  builder.at(run.op.name);
  const { attributes } = run.sample;
  const outputs = run.op.onnx(builder, { attributes, inputs, inputTypes, outputTypes });
  const results = await runOnnx(builder.finish(run.op.name, outputs), placed.arranged);
  results.forEach(({ data, dims }, i) => {
    const expected = placed.expected[i];
    expect([...dims]).toEqual(expected?.type.axes.map(({ size }) => size));
    expectClose(Float64Array.from(data as Float32Array), expected?.data ?? [], 1e-5);
  });
});
