import { expect, test } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { batchNormaliseTraining } from '../../../src/compiler/ops/batch-norm-train.ts';
import {
  concrete,
  elementCount,
  type ConcreteType,
  type NdArray,
} from '../../../src/compiler/ops/nd-array.ts';
import { centreBatchNorms } from '../../../src/compiler/training/centre-batch-norms.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { gradientRun } from '../autodiff/gradient-runs.ts';
import { onnxGradients } from '../autodiff/onnx-gradients.ts';
import { expectClose } from '../ops/expect-close.ts';
import { randomArray, type SampleRun } from '../ops/sample-runs.ts';

const type = concrete({ N: 8, C: 3, H: 12, W: 12 });
const vector = concrete({ C: 3 });
const attributes = { channel: 'C', eps: 1e-5, momentum: 0.1 };

function filled(of: ConcreteType, value: number): NdArray {
  return { type: of, data: new Float64Array(elementCount(of)).fill(value) };
}

/** A batch norm of values as far from 0 as `centre`, with a deviation of about 1. */
function batchNormAt(centre: number, weight: number): SampleRun {
  const x = randomArray(type, 'x', [centre - 1.75, centre + 1.75]);
  const inputs = [x, filled(vector, weight), filled(vector, 0.5), filled(vector, 0), filled(vector, 1)];
  const sample = { inputs: inputs.map((input) => input.type), attributes };
  const outputs = [type, vector, vector, vector, vector];
  return { label: 'batch norm', op: batchNormaliseTraining, sample, inputs, outputs };
}

async function gradientsOf(run: SampleRun): Promise<ReadonlyMap<string, NdArray>> {
  const gradient = gradientRun(run);
  const { outputs } = interpretGraph(gradient.graph, gradient.inputs, new Map());
  const inOnnx = await onnxGradients(gradient);
  for (const [name, { data }] of outputs) expectClose(inOnnx.get(name) ?? [], data, 1e-4, name);
  return outputs;
}

/** sum(g x) - mean sum(g) would lose three digits here; the mean itself is known to seven, which leaves four of x - mean. */
test('a deviation that is small beside the mean keeps its digits', async () => {
  await gradientsOf(batchNormAt(1000, 0.5));
});

test.each([0, 1e-20])('a weight of %d does not spoil its own gradient', async (weight) => {
  const gradients = await gradientsOf(batchNormAt(0, weight));
  expect(Math.min(...(gradients.get('d1')?.data.map(Math.abs) ?? []))).toBeGreaterThan(0.1);
});

test('what several batch norms read is centred once, by parts, and they compute the same', () => {
  const b = new GraphBuilder();
  const parts = ['a', 'b', 'c'].map((name, i) => b.input(name, { N: 4, C: 2 + i, H: 3 }));
  const norm = (name: string, x: (typeof parts)[number], channels: number) => {
    const shape = { C: channels };
    const state = [b.state(`${name}/mean`, shape), b.state(`${name}/variance`, shape)];
    const inputs = [x, b.weight(`${name}/weight`, shape), b.weight(`${name}/bias`, shape), ...state];
    const [y, mean, variance] = b.ops('batch_norm_train', inputs, attributes);
    if (!y || !mean || !variance) throw new Error('a batch norm has five outputs');
    b.update(`${name}/mean`, mean).update(`${name}/variance`, variance).output(name, y);
  };
  norm('first', b.op('concat', parts.slice(0, 2), { axis: 'C' }), 5);
  norm('second', b.op('concat', parts, { axis: 'C' }), 9);
  const graph = b.build();
  const taken = centreBatchNorms.run(graph);
  expect(verifyGraph(taken)).toEqual([]);
  expect(taken.nodes.filter(({ op }) => op === 'centre')).toHaveLength(3);
  const inputs = new Map(
    graph.inputs.map(({ name }, i) => [name, randomArray(concrete({ N: 4, C: 2 + i, H: 3 }), name, [-2, 5])]),
  );
  const weights = new Map(
    graph.params.map(({ path, value }) => {
      const size = value.type.axes[0]?.size.value ?? 0;
      return [path, randomArray(concrete({ C: size }), path, [0.2, 2]).data];
    }),
  );
  const [before, after] = [graph, taken].map((one) => interpretGraph(one, inputs, weights));
  for (const results of ['outputs', 'updates'] as const) {
    expect([...(after?.[results].keys() ?? [])]).toEqual([...(before?.[results].keys() ?? [])]);
    for (const [name, { data }] of before?.[results] ?? []) {
      expectClose(after?.[results].get(name)?.data ?? [], data, 1e-12, name);
    }
  }
});
