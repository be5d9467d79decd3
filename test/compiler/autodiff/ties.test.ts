import { describe, expect, test } from 'vitest';
import { differentiate } from '../../../src/compiler/autodiff/differentiate.ts';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { lowerOnnx } from '../../../src/compiler/lower/onnx/lower-onnx.ts';
import type { Attributes } from '../../../src/compiler/ops/attributes.ts';
import { arrange, concrete, elementCount, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { maxOver } from '../../../src/compiler/ops/reduce.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { deadCode } from '../../../src/compiler/passes/dead-code.ts';
import { layout } from '../../../src/compiler/passes/layout.ts';
import { GraphBuilder } from '../../support/graph-builder.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';
import { ConcreteContext, concreteType, symbolic, type SampleRun } from '../ops/sample-runs.ts';
import { askedOf, exchanged } from '../ops/torch-request.ts';
import { runOnnxModel } from './run-onnx-model.ts';

type Lines = readonly (readonly number[])[];

interface Tie {
  readonly op: string;
  readonly attributes: Attributes;
  /** The inputs along T. */
  readonly inputs: Lines;
  /** Of the sum of the results, by each input. */
  readonly gradients: Lines;
  /** Why torch shares it otherwise. */
  readonly notTorchs?: string;
}

const evenly = "torch's amax and amin share it evenly";
const seluLeft = 1.0507009873554805 * 1.6732632423543772;

const ties: readonly Tie[] = [
  { op: 'relu', attributes: {}, inputs: [[-1, 0, 1]], gradients: [[0, 0, 1]] },
  { op: 'abs', attributes: {}, inputs: [[-1, 0, 1]], gradients: [[-1, 0, 1]] },
  { op: 'sign', attributes: {}, inputs: [[-1, 0, 1]], gradients: [[0, 0, 0]] },
  { op: 'leaky_relu', attributes: { slope: 0.25 }, inputs: [[-1, 0, 1]], gradients: [[0.25, 0.25, 1]] },
  { op: 'leaky_relu', attributes: { slope: -0.5 }, inputs: [[-1, 0, 1]], gradients: [[-0.5, -0.5, 1]] },
  { op: 'leaky_relu', attributes: { slope: 1.5 }, inputs: [[-1, 0, 1]], gradients: [[1.5, 1.5, 1]] },
  { op: 'elu', attributes: { alpha: 0.5 }, inputs: [[0, 1]], gradients: [[0.5, 1]] },
  { op: 'selu', attributes: {}, inputs: [[0]], gradients: [[seluLeft]] },
  { op: 'h_sigmoid', attributes: {}, inputs: [[-3, 0, 3]], gradients: [[0, 1 / 6, 0]] },
  {
    op: 'prelu',
    attributes: { channel: 'T' },
    inputs: [
      [-2, 0, 1],
      [0.25, 0.25, 0.25],
    ],
    gradients: [
      [0.25, 0.25, 1],
      [-2, 0, 0],
    ],
  },
  {
    op: 'clamp',
    attributes: { min: 0, max: 1 },
    inputs: [[-0.5, 0, 0.5, 1, 1.5]],
    gradients: [[0, 1, 1, 1, 0]],
  },
  { op: 'maximum', attributes: {}, inputs: [[3, 1, 4], [3, 2, 0]], gradients: [[0.5, 0, 1], [0.5, 1, 0]] }, // prettier-ignore
  { op: 'minimum', attributes: {}, inputs: [[3, 1, 4], [3, 2, 0]], gradients: [[0.5, 1, 0], [0.5, 0, 1]] }, // prettier-ignore
  {
    op: 'max',
    attributes: { over: ['T'] },
    inputs: [[1, 2, 2, 0, 2]],
    gradients: [[0, 1, 0, 0, 0]],
    notTorchs: evenly,
  },
  {
    op: 'min',
    attributes: { over: ['T'] },
    inputs: [[1, -2, -2, 0, -2]],
    gradients: [[0, 1, 0, 0, 0]],
    notTorchs: evenly,
  },
  { op: 'prod', attributes: { over: ['T'] }, inputs: [[0, 2, 3]], gradients: [[6, 0, 0]] },
  { op: 'prod', attributes: { over: ['T'] }, inputs: [[2, 0, 3, 0]], gradients: [[0, 0, 0, 0]] },
];

function runOf({ op: name, attributes, inputs }: Tie): SampleRun {
  const op = ops.get(name);
  if (op === undefined) throw new Error(`there is no op ${name}`);
  const arrays = inputs.map((line) => ({
    type: concrete({ T: line.length }),
    data: Float64Array.from(line),
  }));
  const sample = { inputs: arrays.map(({ type }) => type), attributes };
  const outputs = op.infer(sample.inputs.map(symbolic), attributes, new ConcreteContext()) ?? [];
  return { label: name, op, sample, inputs: arrays, outputs: outputs.map(concreteType) };
}

/** The gradients of the sum of what the op makes, `d0` and so on. */
function gradientsOf({ op, sample }: SampleRun): Graph {
  const b = new GraphBuilder();
  const xs = sample.inputs.map((type, i) =>
    b.input(`x${i}`, Object.fromEntries(type.axes.map(({ name, size }) => [name, size]))),
  );
  const y = b.op(op.name, xs, sample.attributes);
  const over = y.type.axes.map(({ name }) => name);
  const loss = over.length === 0 ? y : b.op('sum', [y], { over });
  const { graph, gradients } = differentiate(b.build(), loss, xs);
  if (graph === undefined) throw new Error(`${op.name} has no gradient`);
  const outputs = xs.flatMap((x, i) => {
    const value = gradients.get(x.id);
    return value === undefined ? [] : [{ name: `d${i}`, value, labels: undefined }];
  });
  return { ...graph, outputs };
}

const missing = oracleMissing('torch');

describe.each(ties)('at ties and kinks the gradient of $op', (tie) => {
  const run = runOf(tie);
  const graph = gradientsOf(run);
  const inputs = new Map<string, NdArray>(run.inputs.map((x, i) => [`x${i}`, x]));

  test('is as documented', () => {
    const { outputs } = interpretGraph(graph, inputs, new Map());
    expect(tie.gradients.map((_line, i) => [...(outputs.get(`d${i}`)?.data ?? [])])).toEqual(
      tie.gradients.map((line) => line.map((value): unknown => expect.closeTo(value, 12))),
    );
  });

  test('is the same in ONNX Runtime', async () => {
    const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '0', docs: [] };
    const { model } = lowerOnnx(layout(deadCode.run(graph), 'channels-first'), new Map(), provenance);
    if (model === undefined) throw new Error(`${tie.op} cannot be lowered`);
    const results = await runOnnxModel(model, inputs);
    expect(tie.gradients.map((_line, i) => Array.from(results.get(`d${i}`) ?? []))).toEqual(
      tie.gradients.map((line) => line.map((value): unknown => expect.closeTo(value, 6))),
    );
  });

  const title =
    tie.notTorchs === undefined ? 'is that of PyTorch' : `is not that of PyTorch: ${tie.notTorchs}`;
  test.skipIf(missing !== undefined)(
    missing === undefined ? title : `${title} (skipped: ${missing})`,
    async () => {
      const ones = run.outputs.map((type) =>
        exchanged({ type, data: new Float64Array(elementCount(type)).fill(1) }),
      );
      const tensors = new Map([
        ...run.inputs.map((x, i) => [`0/${i}`, exchanged(x)] as const),
        ...ones.map((g, i) => [`0/g${i}`, g] as const),
      ]);
      const gradients = run.inputs.map((_x, i) => i);
      const answered = await askOracle('ops', { cases: [{ ...askedOf(run), gradients }] }, tensors);
      const torchs = gradients.map((i) => [...numbersOf(answered, `0/d${i}`)]);
      const expected = tie.gradients.map((line) => line.map((value): unknown => expect.closeTo(value, 7)));
      if (tie.notTorchs === undefined) expect(torchs).toEqual(expected);
      else expect(torchs).not.toEqual(expected);
    },
  );
});

test.each([
  { over: ['H', 'W'], expected: [0, 1, 0, 0] },
  { over: ['W', 'H'], expected: [0, 0, 1, 0] },
])('of equal maxima over $over the first is meant, the axis named first being the outermost', (row) => {
  const type = concrete({ H: 2, W: 2 });
  const sample = { inputs: [type], attributes: { over: row.over } };
  const x = { type, data: Float64Array.of(0, 1, 1, 0) };
  const run = { label: 'max', op: maxOver, sample, inputs: [x], outputs: [concrete({})] };
  const { outputs } = interpretGraph(gradientsOf(run), new Map([['x0', x]]), new Map());
  expect(arrange(outputs.get('d0') ?? x, type).data).toEqual(Float64Array.from(row.expected));
});
