import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import type { Module } from '../ir/module.ts';
import type { Weights } from '../ir/weights.ts';
import { toBlockFunctions } from '../lower/onnx/block-functions.ts';
import { lowerOnnx, type LowerOnnxOptions } from '../lower/onnx/lower-onnx.ts';
import type { Provenance } from '../lower/onnx/metadata.ts';
import { DEFAULT_OPSET, type OnnxModel } from '../lower/onnx/onnx-model.ts';
import { toOpset, type Opset } from '../lower/onnx/opset.ts';
import { rawImageInput } from '../lower/onnx/raw-images.ts';
import { freeze, type Frozen } from '../passes/freeze.ts';
import { layout } from '../passes/layout.ts';
import { inferenceGraph, type InferenceOptions } from './inference-graph.ts';
import { initialWeights } from './initial-weights.ts';
import { scoreOutput } from './score-output.ts';
import { Span } from '../source/span.ts';

export interface OnnxOptions extends InferenceOptions {
  readonly provenance: Omit<Provenance, 'docs'>;
  /** Weights and state of the model by path; those of its initialisers where they are left out. */
  readonly weights?: Weights;
  /** Inputs `from pixels` take decoded images, uint8 [N, H, W, C] of any size, which the graph prepares itself. */
  readonly prepareImages?: boolean;
  /** Whether each block of the source becomes a function, so that viewers show the architecture. */
  readonly functions?: boolean;
  /** The operator set; 17 where it is left out. */
  readonly opset?: Opset;
}

export interface OnnxTarget {
  /** Undefined after a diagnostic. `encodeOnnx` makes a file of it. */
  readonly model: OnnxModel | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The target `onnx`: the model for inference with its weights inside. */
export function emitOnnx(
  module: Module,
  {
    provenance,
    weights,
    prepareImages = false,
    functions = false,
    opset = DEFAULT_OPSET,
    ...options
  }: OnnxOptions,
): OnnxTarget {
  const { graph, source, diagnostics } = inferenceGraph(module, options);
  if (graph === undefined || source === undefined) return { model: undefined, diagnostics };
  if (prepareImages) {
    const problem = preparationProblem(module, graph);
    if (problem !== undefined) return { model: undefined, diagnostics: [problem] };
  }
  const frozen =
    weights === undefined
      ? freeze(graph, initialWeights(source.params, module.training?.seed ?? 0), 'given')
      : freeze(graph, weights);
  options.after?.('freeze', frozen.graph);
  const target = lowerFrozen(frozen, { ...provenance, docs: docsOf(module) }, { prepareImages });
  const { model } = target;
  if (model === undefined) return target;
  // Whoever runs the file ought to know whether it has learned anything.
  const metadata = new Map(model.metadata).set('weights', weights === undefined ? 'initial' : 'given');
  const scores = scoreOutput(module);
  if (scores !== undefined) metadata.set('scores', scores);
  const described = toOpset({ ...model, metadata }, opset);
  return { ...target, model: functions ? withFunctions(described, frozen.graph, module) : described };
}

function withFunctions(model: OnnxModel, { blocks }: Graph, { functions }: Module): OnnxModel {
  const docs = new Map([...functions.values()].map(({ name, docs: lines }) => [name, lines.join('\n')]));
  return { ...model, ...toBlockFunctions(model.graph, blocks, docs) };
}

/** The last steps of the target, on a graph that may also have been changed by hand. */
export function lowerInference(graph: Graph, weights: Weights, provenance: Provenance): OnnxTarget {
  return lowerFrozen(freeze(graph, weights), provenance);
}

function lowerFrozen(
  { graph, weights }: Frozen,
  provenance: Provenance,
  options: LowerOnnxOptions = {},
): OnnxTarget {
  return lowerOnnx(layout(graph, 'channels-first'), weights, provenance, options);
}

/** Why the graph cannot prepare images itself. */
function preparationProblem({ functions, model }: Module, { inputs }: Graph): Diagnostic | undefined {
  const images = inputs.filter(({ pixels }) => pixels !== undefined);
  const misfit = images.find((input) => rawImageInput(input, 0) === undefined);
  if (images.length > 0 && misfit === undefined) return undefined;
  const span = functions.get(model.func)?.span ?? Span.startOf('');
  const message =
    misfit === undefined
      ? `\`${model.name}\` has no input \`from pixels\` whose images could be prepared inside the file`
      : `the images of \`${misfit.name}\` cannot be prepared inside the file`;
  return errorAt('N7001', span, message, {
    notes: ['what can be: a batch of gray or RGB images of a known size, such as [N, C: 3, H: 224, W: 224]'],
  });
}

function docsOf(module: Module): readonly string[] {
  return module.functions.get(module.model.func)?.docs ?? [];
}
