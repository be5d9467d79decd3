import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeOnnx } from '../../../../src/compiler/lower/onnx/encode.ts';
import { executionOrder } from '../../../../src/compiler/lower/onnx/file-order.ts';
import { nextName } from '../../../../src/compiler/lower/onnx/lower-onnx.ts';
import type { OnnxGraph, OnnxModel } from '../../../../src/compiler/lower/onnx/onnx-model.ts';
import { overName, writeLast } from '../../../../src/compiler/lower/onnx/write-last.ts';
import { constant } from '../../../../src/compiler/shapes/size.ts';
import { emitStep } from '../../../../src/compiler/targets/onnx-train.ts';
import { moduleOf } from '../../../support/model-graph.ts';

const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
const options = { batch: 2, provenance };

const recipes = [
  'optimizer adamw(lr: 1e-2, weight_decay: 0.1)',
  'optimizer lion(lr: 1e-2)',
  'optimizer sgd(lr: 1e-2, momentum: 0.9, nesterov: true)',
  'optimizer sgd(lr: 1e-2)',
  'optimizer rmsprop(lr: 1e-2)',
  'optimizer adamw(lr: 1e-2) clip norm(1) average ema(decay: 0.9)',
];

/**
 * Small, and with all that a step may keep: weights of all ranks, statistics, slots, averages. Two of the weights are too large to be
 * packed with others. So the one's new value is there, where it need not wait for all gradients, before the last that reads the old
 * one: the gradient of the other.
 */
const source = (recipe: string): string => `language 1

model Small(size: int = 8) {
  input image: [N, C: 3, H: size, W: size]

  param gain: [] = ones
  seen = image |> conv(C -> C: 64, over: [H: 3, W: 3]) |> batch_norm(C) |> relu
  hidden = seen |> mean(over: [H, W]) |> linear(C -> K: 520) |> relu
  score = gain * (hidden |> linear(K -> K: 64) |> mean(over: [K]))

  output score
}

train Small {
  target wanted: [N]
  loss = mean((score - wanted) * (score - wanted), over: [N])
  ${recipe.split(/ (?=clip|average)/).join('\n  ')}
  batch 2
}
`;

/** Of what an output is the new value; the name itself where it is of nothing. */
function keptPath(output: string): string {
  const prefix = [nextName(''), overName('')].find((one) => output.startsWith(one)) ?? '';
  return output.slice(prefix.length);
}

/**
 * Some steps of a graph in ONNX Runtime, each result of which is what the next one reads: in arrays of their own, or in those
 * that are read at the same time.
 */
async function trained(
  { graph }: OnnxModel,
  options: InferenceSession.SessionOptions,
  inPlace: boolean,
): Promise<ReadonlyMap<string, Float32Array>> {
  const file = await encodeOnnx({ graph, doc: '', producerVersion: '0', metadata: new Map() });
  const session = await InferenceSession.create(file, {
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...options,
  });
  const feeds: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    const shape = input.isTensor ? input.shape.map(Number) : [];
    const size = shape.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: size }, (_, i) => 0.3 + 0.2 * Math.sin(1.7 * i));
    feeds[input.name] = new Tensor('float32', data, shape);
  }
  const kept = new Map<string, Float32Array>();
  for (let step = 0; step < 3; step++) {
    const fetches: Record<string, Tensor | null> = {};
    for (const name of session.outputNames) {
      const old = feeds[keptPath(name)];
      fetches[name] = name.startsWith(overName('')) && inPlace && old !== undefined ? new Tensor('float32', old.data as Float32Array, old.dims) : null; // prettier-ignore
    }
    const results = await session.run(feeds, fetches);
    for (const [name, result] of Object.entries(results)) {
      const path = keptPath(name);
      const tensor = fetches[name] ?? result;
      kept.set(path, Float32Array.from(tensor.data as Float32Array));
      if (path !== name) feeds[path] = tensor;
    }
  }
  await session.release();
  return kept;
}

function bytesOf(values: Float32Array = new Float32Array()): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The ways of ONNX Runtime to put a graph in another order. */
const sessions: readonly InferenceSession.SessionOptions[] = [
  { graphOptimizationLevel: 'disabled' },
  { graphOptimizationLevel: 'all' },
  { graphOptimizationLevel: 'disabled', executionMode: 'parallel', interOpNumThreads: 4 },
];

test.each(recipes)('steps by `%s` that write over what they read make the same bits', async (recipe) => {
  const module = moduleOf('small.net', { text: source(recipe), set: {} });
  const plain = emitStep(module, options).made?.model;
  const last = emitStep(module, { ...options, memoryBudget: Number.MAX_SAFE_INTEGER }).made?.model;
  if (plain === undefined || last === undefined) throw new Error('there is no step');
  for (const session of sessions) {
    const expected = await trained(plain, session, false);
    expect(expected.size).toBeGreaterThan(5);
    const actual = await trained(last, session, true);
    expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
    const differing = [...expected].filter(
      ([path, values]) => !bytesOf(values).equals(bytesOf(actual.get(path))),
    );
    expect(differing.map(([path]) => path)).toEqual([]);
  }
});

test('all else is computed before the first parameter is written, and in the order in which it would be', () => {
  const module = moduleOf('models/u-net.net', { set: { size: '32', width: '4' } });
  const graph = emitStep(module, { ...options, memoryBudget: Number.MAX_SAFE_INTEGER }).made?.model.graph;
  if (graph === undefined) throw new Error('there is no step');
  const order = executionOrder(graph.nodes);
  const isMove = (name: string): boolean => name.startsWith(overName(''));
  const first = order.findIndex(({ name }) => isMove(name));
  expect(first).toBeGreaterThan(0);
  expect(order.slice(first).every(({ name }) => isMove(name))).toBe(true);
  const isAdded = ({ name }: { readonly name: string }): boolean => isMove(name) || name.startsWith('last.');
  const rest = graph.nodes.filter((node) => !isAdded(node));
  expect(order.filter((node) => !isAdded(node))).toEqual(executionOrder(rest));
});

test('what is an input under another name is not written over anything', () => {
  const dims = [constant(2)];
  const tensor = (name: string) => ({ name, dtype: 'f32', dims }) as const;
  const node = (opType: string, inputs: readonly string[], output: string) =>
    ({ name: output, owner: '', opType, inputs, outputs: [output], attributes: {} }) as const;
  const graph: OnnxGraph = {
    name: 'exchange',
    inputs: [tensor('a'), tensor('b')],
    outputs: [tensor(nextName('a')), tensor(nextName('b'))],
    nodes: [node('Identity', ['b'], nextName('a')), node('Add', ['a', 'b'], nextName('b'))],
    initializers: [],
    values: [],
  };
  expect(writeLast(graph).outputs.map(({ name }) => name)).toEqual([nextName('a'), overName('b')]);
});

test.each([undefined, Number.MAX_SAFE_INTEGER])(
  'no source gives a parameter the name of an output, with a budget of %s',
  (memoryBudget) => {
    const text = `language 1

block Scale()(x: [N]) -> [N] {
  param gain: [] = ones
  return gain * x
}

model Small() {
  input x: [N]
  param gain: [] = ones
  next = Scale()
  over = Scale()
  output score = gain * next(over(x))
}

train Small {
  target wanted: [N]
  loss = mean((score - wanted) * (score - wanted), over: [N])
  optimizer sgd(lr: 1e-2)
  batch 2
}
`;
    const module = moduleOf('small.net', { text, set: {} });
    const budget = memoryBudget === undefined ? {} : { memoryBudget };
    const graph = emitStep(module, { ...options, ...budget }).made?.model.graph;
    if (graph === undefined) throw new Error('there is no step');
    const { inputs, initializers, nodes } = graph;
    const names = [...inputs, ...initializers]
      .map(({ name }) => name)
      .concat(nodes.flatMap((node) => node.outputs));
    expect(names.filter((name) => name.endsWith('gain')).length).toBeGreaterThan(5);
    expect(new Set(names).size).toBe(names.length);
  },
);
