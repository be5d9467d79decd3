import { interpretGraph } from '../compiler/interpret/interpret-graph.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import { flatten } from '../compiler/ir/inline.ts';
import type { Module } from '../compiler/ir/module.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { encodeOnnx } from '../compiler/lower/onnx/encode.ts';
import { cost } from '../compiler/passes/cost.ts';
import { inferenceGraph } from '../compiler/targets/inference-graph.ts';
import { initialWeights } from '../compiler/targets/initial-weights.ts';
import { lowerInference } from '../compiler/targets/onnx.ts';
import { deviationOf } from './difference.ts';
import type { BlockValues } from './first-different-block.ts';
import { EngineError, startOnnx, type OnnxEngine } from './onnx-engine.ts';
import { settleStatistics } from './settle-statistics.ts';
import { shapeOf, type Outputs, type Tensors, type Values } from './tensors.ts';
import { testInputs } from './test-inputs.ts';

/** A model with weights on which its targets can be told apart, and ONNX Runtime running it. */
export interface Subject {
  readonly module: Module;
  /** Unfolded, before any pass: what the interpreter runs. */
  readonly source: Graph;
  readonly weights: Weights;
  /** With a symbolic batch. */
  readonly onnx: OnnxEngine;
  /** The standard deviation of the logits, and what had to be done for it. */
  readonly deviation: number;
  readonly scaling: string | undefined;
}

/** Logits that vary less or more than this hide differences, or drown in rounding. */
export const deviationLimits = [0.1, 10] as const;

/** Samples over which the deviation of logits is taken. */
const batch = 4;
/** Statistics are taken over as many samples as this many floating point operations allow, between these limits. */
const statisticsFlops = 2e10;
const statisticsBatch = [4, 32] as const;

/**
 * The model with its initial weights and the statistics of a training-mode pass. Where the logits' deviation lies
 * outside of the limits, the last weights of all are divided by it.
 */
export async function makeSubject(module: Module): Promise<Subject> {
  const { graph: source } = flatten(module, { mode: 'infer' });
  if (source === undefined) throw new Error(`${module.model.name} was built, but cannot be unfolded`);
  const initial = initialWeights(source.params, module.training?.seed ?? 0);
  const affordable = Math.floor(statisticsFlops / (cost(source)[0]?.flops ?? 1));
  const samples = Math.min(Math.max(affordable, statisticsBatch[0]), statisticsBatch[1]);
  const weights = await settleStatistics(module, initial, samples);
  const onnx = await startOnnx(await onnxFile(module, weights));
  const deviation = await deviationOfLogits(source, onnx);
  const subject = { module, source, weights, onnx, deviation, scaling: undefined };
  const last = source.params.findLast(({ role, value }) => role === 'weight' && value.type.axes.length > 1);
  const values = last && weights.get(last.path);
  if (isWithinLimits(deviation) || !(deviation > 0) || last === undefined || values === undefined)
    return subject;

  await onnx.close();
  const rescaled = new Map(weights).set(last.path, values.map((value) => value / deviation)); // prettier-ignore
  const engine = await startOnnx(await onnxFile(module, rescaled));
  return {
    ...subject,
    weights: rescaled,
    onnx: engine,
    deviation: await deviationOfLogits(source, engine),
    scaling: `it was ${deviation.toPrecision(2)}, and ${last.path} was scaled for the comparison`,
  };
}

export function isWithinLimits(deviation: number): boolean {
  return deviation >= deviationLimits[0] && deviation <= deviationLimits[1];
}

/** Logits are outputs without labels; a model that names all of its outputs is judged by all. */
async function deviationOfLogits(source: Graph, engine: OnnxEngine): Promise<number> {
  const outputs = await engine.run(testInputs(source, batch));
  const floats = source.outputs.filter(({ value }) => value.type.dtype === 'f32');
  const logits = floats.filter(({ labels }) => labels === undefined);
  const judged = logits.length > 0 ? logits : floats;
  return Math.max(...judged.map(({ name }) => deviationOf(outputs.get(name)?.data ?? [])));
}

/** The ONNX file of a model on given weights. */
export async function onnxFile(module: Module, weights: Weights, fixedBatch?: number): Promise<Uint8Array> {
  return encode(simplified(module, fixedBatch), weights);
}

function simplified(module: Module, fixedBatch: number | undefined): Graph {
  const { graph } = inferenceGraph(module, fixedBatch === undefined ? {} : { batch: fixedBatch });
  if (graph === undefined) throw new Error(`${module.model.name} was built, but cannot be unfolded`);
  return graph;
}

async function encode(graph: Graph, weights: Weights): Promise<Uint8Array> {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '', docs: [] };
  const { model, diagnostics } = lowerInference(graph, weights, provenance);
  if (model !== undefined) return encodeOnnx(model);
  throw new EngineError(diagnostics.map(({ message }) => message).join('; '));
}

/** What the interpreter computes. */
export function interpreted({ source, weights }: Subject, inputs: Tensors): Outputs {
  const { outputs } = interpretGraph(source, inputs, weights);
  return new Map(
    [...outputs].map(([name, array]): [string, Values] => [
      name,
      { shape: shapeOf(array), data: array.data },
    ]),
  );
}

/** What calls of blocks return in the interpreter. */
export function interpretedBlocks({ source, weights }: Subject, inputs: Tensors): BlockValues {
  const wanted = new Set(source.blocks.flatMap(({ values }) => values.map((value) => value?.id)));
  const found = new Map<number, Values>();
  interpretGraph(source, inputs, weights, {
    observe: ({ id }, array) => {
      if (wanted.has(id)) found.set(id, { shape: shapeOf(array), data: array.data });
    },
  });
  return source.blocks.map(({ values }) => values.map((value) => value && found.get(value.id)));
}

/** What calls of blocks return in ONNX Runtime: the file is made once more with them as outputs. */
export async function onnxBlocks({ module, weights }: Subject, inputs: Tensors): Promise<BlockValues> {
  const graph = simplified(module, undefined);
  const nameOf = (block: number, output: number): string => `block ${block}.${output}`;
  const probes = graph.blocks.flatMap(({ values }, i) =>
    values.flatMap((value, k) =>
      value === undefined ? [] : [{ name: nameOf(i, k), value, labels: undefined }],
    ),
  );
  const engine = await startOnnx(await encode({ ...graph, outputs: [...graph.outputs, ...probes] }, weights));
  const results = await engine.run(inputs).finally(() => engine.close());
  return graph.blocks.map(({ values }, i) => values.map((_, k) => results.get(nameOf(i, k))));
}
