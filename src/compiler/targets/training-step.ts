import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import { flatten } from '../ir/inline.ts';
import type { Module, NamedSetting } from '../ir/module.ts';
import { optimizers } from '../optimizers/registry.ts';
import { completeSettings } from '../optimizers/setting.ts';
import { settingsFor } from '../optimizers/weight-decay.ts';
import { rematerialise } from '../passes/rematerialise.ts';
import { runPasses } from '../passes/pass.ts';
import { forwardPasses, stepPasses, trainingPasses } from '../passes/pipelines.ts';
import { Span } from '../source/span.ts';
import { accumulateGradients, type StepPhase } from '../training/accumulate-gradients.ts';
import { averageWeights } from '../training/average-weights.ts';
import { clipGradients } from '../training/clip-gradients.ts';
import { applyOptimizer, type ScalarInput } from '../training/optimizer-pass.ts';
import { packParameters } from '../training/pack-parameters.ts';
import type { Places } from '../training/places.ts';
import type { RandomInput } from '../training/random-inputs.ts';
import type { Slope, UpdatedSlope } from '../training/slope.ts';
import { placesOfSlots } from '../training/step-parameters.ts';
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
  /** Where parameters and slots are that the graph has in vectors. */
  readonly places: Places;
}

export interface TrainingStepResult {
  /** Undefined after a diagnostic. */
  readonly step: TrainingStep | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The names of the stages for `--dump-after`, in their order. */
export const trainingStages: readonly string[] = [
  ...gradientStages,
  'pack-parameters',
  'accumulate',
  'clip',
  'optimizer',
  'average',
  ...stepPasses.map(({ name }) => name),
  'rematerialise',
];

export interface TrainingStepOptions {
  readonly batch: number;
  readonly phase?: StepPhase;
  /** Bytes that the step may hold at most, see `peakMemory`. */
  readonly memoryBudget?: number;
  readonly after?: Observe;
}

/** Forward pass, loss, backward pass and optimiser of the `train` of a module, for batches of one size. */
export function trainingStep(module: Module, options: TrainingStepOptions): TrainingStepResult {
  const { batch, phase = 'update', after } = options;
  const { training } = module;
  if (training === undefined) throw new Error(`${module.model.name} has no \`train\``);
  const { gradients, diagnostics } = gradientGraph(module, { batch, ...(after && { after }) });
  if (gradients === undefined) return { step: undefined, diagnostics };
  // A weight that the loss does not depend on has no slope, and stays.
  const { accumulation: batches, clipping, optimizer, averaging } = training;
  const { draws } = gradients;
  const packed = packParameters(gradients.graph, gradients.slopes.map(decaying(optimizer)), optimizer);
  after?.('pack-parameters', packed.graph);
  const places = placesOfSlots(packed.places, training);
  const summed =
    batches === 1 ? packed : accumulateGradients(packed.graph, packed.slopes, { batches, phase });
  after?.('accumulate', summed.graph);
  if (phase === 'accumulate')
    return finished(module, { graph: summed.graph, scalars: [], draws, places }, options);
  const clipped = clipping === undefined ? summed : clipGradients(summed.graph, summed.slopes, clipping);
  after?.('clip', clipped.graph);
  const { graph: optimized, scalars } = applyOptimizer(clipped.graph, clipped.slopes, optimizer);
  after?.('optimizer', optimized);
  const graph = averaging === undefined ? optimized : averageWeights(optimized, averaging);
  after?.('average', graph);
  return finished(module, { graph, scalars, draws, places }, options);
}

/** Says of a slope whether its weight decays in a recipe. */
function decaying({ name, args }: NamedSetting): (slope: Slope) => UpdatedSlope {
  const { settings } = completeSettings(optimizers.get(name)?.settings ?? {}, args);
  return (slope) => ({ ...slope, decays: settingsFor(slope.param, settings).weight_decay !== 0 });
}

/** The step as it is to be run: with what is computed once only, and what again. */
function finished(
  { functions, model }: Module,
  step: TrainingStep,
  { batch, memoryBudget, after }: TrainingStepOptions,
): TrainingStepResult {
  const { graph, peak } = rematerialise(runPasses(step.graph, stepPasses, after && { after }), memoryBudget);
  after?.('rematerialise', graph);
  if (memoryBudget === undefined || peak <= memoryBudget)
    return { step: { ...step, graph }, diagnostics: [] };
  const span = functions.get(model.func)?.span ?? Span.startOf('');
  const message = `a training step of \`${model.name}\` on ${batch} samples needs ${megabytes(peak)} MB at least, and ${memoryBudget / 1e6} MB are allowed`;
  const help = `allow \`--memory-budget ${megabytes(peak)}MB\`, or take another \`--batch\``;
  return { step: undefined, diagnostics: [errorAt('N8003', span, message, { help })] };
}

/** Rounded up, so that as much is enough. */
function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

/** The loss of a batch and the model's outputs in inference mode, for batches of any size. */
export function evaluationGraph(module: Module): {
  readonly graph: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { graph, diagnostics } = flatten(module, { mode: 'infer', entry: 'training' });
  return { graph: graph && runPasses(graph, [...forwardPasses, ...trainingPasses]), diagnostics };
}
