import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import type { Module } from '../ir/module.ts';
import type { Weights } from '../ir/weights.ts';
import { lowerOnnx } from '../lower/onnx/lower-onnx.ts';
import type { Provenance } from '../lower/onnx/metadata.ts';
import type { OnnxModel } from '../lower/onnx/onnx-model.ts';
import { freeze, type Frozen } from '../passes/freeze.ts';
import { layout } from '../passes/layout.ts';
import { inferenceGraph, type InferenceOptions } from './inference-graph.ts';
import { initialWeights } from './initial-weights.ts';
import { scoreOutput } from './score-output.ts';

export interface OnnxOptions extends InferenceOptions {
  readonly provenance: Omit<Provenance, 'docs'>;
  /** Weights and state of the model by path; those of its initialisers where they are left out. */
  readonly weights?: Weights;
}

export interface OnnxTarget {
  /** Undefined after a diagnostic. `encodeOnnx` makes a file of it. */
  readonly model: OnnxModel | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The target `onnx`: the model for inference with its weights inside. */
export function emitOnnx(module: Module, { provenance, weights, ...options }: OnnxOptions): OnnxTarget {
  const { graph, source, diagnostics } = inferenceGraph(module, options);
  if (graph === undefined || source === undefined) return { model: undefined, diagnostics };
  const frozen =
    weights === undefined
      ? freeze(graph, initialWeights(source.params, module.training?.seed ?? 0), 'given')
      : freeze(graph, weights);
  options.after?.('freeze', frozen.graph);
  const target = lowerFrozen(frozen, { ...provenance, docs: docsOf(module) });
  const { model } = target;
  if (model === undefined) return target;
  // Whoever runs the file ought to know whether it has learned anything.
  const metadata = new Map(model.metadata).set('weights', weights === undefined ? 'initial' : 'given');
  const scores = scoreOutput(module);
  if (scores !== undefined) metadata.set('scores', scores);
  return { ...target, model: { ...model, metadata } };
}

/** The last steps of the target, on a graph that may also have been changed by hand. */
export function lowerInference(graph: Graph, weights: Weights, provenance: Provenance): OnnxTarget {
  return lowerFrozen(freeze(graph, weights), provenance);
}

function lowerFrozen({ graph, weights }: Frozen, provenance: Provenance): OnnxTarget {
  return lowerOnnx(layout(graph, 'channels-first'), weights, provenance);
}

function docsOf(module: Module): readonly string[] {
  return module.functions.get(module.model.func)?.docs ?? [];
}
