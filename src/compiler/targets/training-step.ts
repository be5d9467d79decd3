import { differentiate } from '../autodiff/differentiate.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import { flatten } from '../ir/inline.ts';
import type { Module, TrainingEntry } from '../ir/module.ts';
import { fixSizes } from '../passes/fix-sizes.ts';
import { runPasses, type Pass } from '../passes/pass.ts';
import { forwardPasses, trainingPasses } from '../passes/pipelines.ts';
import { clipGradients } from '../training/clip-gradients.ts';
import { applyOptimizer, type ScalarInput } from '../training/optimizer-pass.ts';
import { centreBatchNorms } from '../training/centre-batch-norms.ts';
import { randomInputs, type RandomInput } from '../training/random-inputs.ts';
import { batchSize } from './inference-graph.ts';

/** One step of training as a function: what it is given besides the batch and the parameters, and what it makes. */
export interface TrainingStep {
  /**
   * Inputs: those of the model, the targets, random numbers, numbers of the optimiser. Parameters: weights, state and
   * slots. Output: the loss before the step. Updates: the new value of every parameter that changes.
   */
  readonly graph: Graph;
  readonly scalars: readonly ScalarInput[];
  readonly draws: readonly RandomInput[];
}

export interface TrainingStepResult {
  /** Undefined after a diagnostic. */
  readonly step: TrainingStep | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Hears the graph after each stage, by name. */
export type Observe = (stage: string, graph: Graph) => void;

/** What is better done before the backward pass follows from the forward pass. */
const beforeGradients: readonly Pass[] = [...forwardPasses, centreBatchNorms];

/** The names of the stages for `--dump-after`, in their order. */
export const trainingStages: readonly string[] = [
  'flatten',
  'fix-sizes',
  'random-inputs',
  ...beforeGradients.map(({ name }) => name),
  'differentiate',
  'clip',
  'optimizer',
  ...trainingPasses.map(({ name }) => name),
];

/** Forward pass, loss, backward pass and optimiser of the `train` of a module, for batches of one size. */
export function trainingStep(
  module: Module,
  { batch, after }: { readonly batch: number; readonly after?: Observe },
): TrainingStepResult {
  const { training } = module;
  if (training === undefined) throw new Error(`${module.model.name} has no \`train\``);
  const beyond = beyondOneStep(module, training);
  if (beyond.length > 0) return { step: undefined, diagnostics: beyond };
  const flattened = flatten(module, { mode: 'train', entry: 'training' });
  if (flattened.graph === undefined) return { step: undefined, diagnostics: flattened.diagnostics };
  after?.('flatten', flattened.graph);
  const sized = withBatch(flattened.graph, batch);
  after?.('fix-sizes', sized);
  const { graph: drawn, draws } = randomInputs(sized);
  after?.('random-inputs', drawn);
  const given = runPasses(drawn, beforeGradients, after === undefined ? {} : { after });
  const [lossOutput] = given.outputs;
  if (lossOutput === undefined) throw new Error(`${module.model.name} was flattened without its loss`);
  const weights = given.params.filter(({ role }) => role === 'weight');
  const backward = differentiate(given, lossOutput.value, weights.map(({ value }) => value)); // prettier-ignore
  if (backward.graph === undefined) return { step: undefined, diagnostics: backward.diagnostics };
  after?.('differentiate', backward.graph);
  // A weight that the loss does not depend on has no gradient, and stays.
  const slopes = weights.flatMap((param) => {
    const gradient = backward.gradients.get(param.value.id);
    return gradient === undefined || backward.independent.has(param.value.id) ? [] : [{ param, gradient }];
  });
  const stepping = { ...backward.graph, outputs: [lossOutput], blocks: [] };
  const clipped =
    training.clipping === undefined
      ? { graph: stepping, slopes }
      : clipGradients(stepping, slopes, training.clipping);
  after?.('clip', clipped.graph);
  const { graph: whole, scalars } = applyOptimizer(clipped.graph, clipped.slopes, training.optimizer);
  after?.('optimizer', whole);
  const graph = runPasses(whole, trainingPasses, after === undefined ? {} : { after });
  return { step: { graph, scalars, draws }, diagnostics: [] };
}

/** What a recipe asks for that one graph, which does the same in every step, cannot do. */
function beyondOneStep(
  module: Module,
  { func, accumulation, averaging }: TrainingEntry,
): readonly Diagnostic[] {
  const span = module.functions.get(func)?.span;
  if (span === undefined) return [];
  const cannot = (what: string, setting: string): Diagnostic =>
    errorAt('N7001', span, `the step graph of ONNX Runtime does not ${what}`, {
      help: `leave out \`${setting}\`, or train by TensorFlow.js: \`--engine tfjs\``,
    });
  return [
    ...(accumulation === 1 ? [] : [cannot('accumulate gradients', 'accumulate')]),
    ...(averaging === undefined ? [] : [cannot('average weights', 'average')]),
  ];
}

/** The loss of a batch and the model's outputs in inference mode, for batches of any size. */
export function evaluationGraph(module: Module): {
  readonly graph: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { graph, diagnostics } = flatten(module, { mode: 'infer', entry: 'training' });
  return { graph: graph && runPasses(graph, [...forwardPasses, ...trainingPasses]), diagnostics };
}

function withBatch(graph: Graph, batch: number): Graph {
  const size = batchSize(graph);
  return size === undefined ? graph : fixSizes(graph, new Map([[size, batch]]));
}
