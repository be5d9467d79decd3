import { flatten } from '../compiler/ir/inline.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import type { Module } from '../compiler/ir/module.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { concreteType } from '../compiler/interpret/interpret-graph.ts';
import { encodeOnnx } from '../compiler/lower/onnx/encode.ts';
import { elementCount, type NdArray } from '../compiler/ops/nd-array.ts';
import { runPasses } from '../compiler/passes/pass.ts';
import { trainingPasses } from '../compiler/passes/pipelines.ts';
import { lowerInference } from '../compiler/targets/onnx.ts';
import { startOnnx, type OnnxEngine } from './onnx-engine.ts';
import { testInputs } from './test-inputs.ts';
import type { Tensors } from './tensors.ts';

const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '', docs: [] };

/**
 * The weights with statistics as a long training would leave them on one batch: with those of the initialisers, zeros
 * and ones, half of a batch norm could be missing unseen.
 *
 * A running statistic moves towards the batch's by the same factor in every step: s0, s1, s2 are a geometric sequence,
 * and two passes in training mode tell its limit.
 *
 * No variance is less than the mean of its batch norm's: channels that hardly vary in a few samples would magnify the
 * rounding of deep networks until it is taken for a mistake.
 */
export async function settleStatistics(module: Module, weights: Weights, batch: number): Promise<Weights> {
  const { graph } = flatten(module, { mode: 'train' });
  if (graph === undefined || graph.updates.length === 0) return weights;
  const step = stateAsInputs(runPasses(graph, trainingPasses));
  const { model } = lowerInference(step, weights, provenance);
  if (model === undefined) return weights;
  const engine = await startOnnx(await encodeOnnx(model));
  try {
    const inputs = testInputs(graph, batch);
    const first = stateOf(graph, weights);
    const second = await pass(engine, inputs, first);
    const third = await pass(engine, inputs, second);
    const settled = new Map(weights);
    for (const [path, s0] of first) {
      const [s1, s2] = [second.get(path), third.get(path)];
      if (s1 !== undefined && s2 !== undefined) settled.set(path, limit(s0.data, s1.data, s2.data));
    }
    for (const { path, role, init } of graph.params) {
      const values = settled.get(path);
      if (values === undefined || role !== 'state' || init.name !== 'ones') continue;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      settled.set(path, values.map((value) => Math.max(value, mean))); // prettier-ignore
    }
    return settled;
  } finally {
    await engine.close();
  }
}

/** One pass in training mode, whose outputs are the new state. */
function stateAsInputs(graph: Graph): Graph {
  const state = graph.params.filter(({ role }) => role === 'state');
  return {
    ...graph,
    inputs: [...graph.inputs, ...state.map(({ path, value }) => ({ name: path, value, pixels: undefined }))],
    params: graph.params.filter(({ role }) => role !== 'state'),
    outputs: graph.updates.map(({ path, value }) => ({ name: `${path}/new`, value, labels: undefined })),
    updates: [],
  };
}

function stateOf(graph: Graph, weights: Weights): Tensors {
  const state = new Map<string, NdArray>();
  for (const { path, role, value } of graph.params) {
    if (role !== 'state') continue;
    const type = concreteType(value.type, new Map());
    state.set(path, {
      type,
      data: Float64Array.from(weights.get(path) ?? new Float32Array(elementCount(type))),
    });
  }
  return state;
}

async function pass(engine: OnnxEngine, inputs: Tensors, state: Tensors): Promise<Tensors> {
  const results = await engine.run(new Map([...inputs, ...state]));
  return new Map(
    [...state].map(([path, { type, data }]): [string, NdArray] => [
      path,
      { type, data: Float64Array.from(results.get(`${path}/new`)?.data ?? data) },
    ]),
  );
}

/** The limit of s0, s1, s2, ... with s2 - s1 = q (s1 - s0) for one q < 1 in all elements. */
function limit(s0: Float64Array, s1: Float64Array, s2: Float64Array): Float32Array {
  let [product, square] = [0, 0];
  s0.forEach((start, i) => {
    const [first, second] = [(s1[i] ?? NaN) - start, (s2[i] ?? NaN) - (s1[i] ?? NaN)];
    product += first * second;
    square += first * first;
  });
  const q = square === 0 ? 0 : product / square;
  // A variance stays a variance: rounding must not carry one that is next to 0 below it.
  const floor = s0.every((value) => value >= 0) && s2.every((value) => value > 0) ? 1e-6 : -Infinity;
  return Float32Array.from(s0, (start, i) => Math.max(floor, start + ((s1[i] ?? NaN) - start) / (1 - q)));
}
