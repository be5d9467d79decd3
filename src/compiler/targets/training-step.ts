import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import { flatten } from '../ir/inline.ts';
import type { Module, TrainingEntry } from '../ir/module.ts';
import { runPasses } from '../passes/pass.ts';
import { forwardPasses, trainingPasses } from '../passes/pipelines.ts';
import { clipGradients } from '../training/clip-gradients.ts';
import { applyOptimizer, type ScalarInput } from '../training/optimizer-pass.ts';
import type { RandomInput } from '../training/random-inputs.ts';
import { gradientGraph, gradientStages, type Observe } from './gradient-graph.ts';

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

/** The names of the stages for `--dump-after`, in their order. */
export const trainingStages: readonly string[] = [
  ...gradientStages,
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
  const { gradients, diagnostics } = gradientGraph(module, { batch, ...(after && { after }) });
  if (gradients === undefined) return { step: undefined, diagnostics };
  // A weight that the loss does not depend on has no slope, and stays.
  const { graph: stepping, slopes, draws } = gradients;
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
