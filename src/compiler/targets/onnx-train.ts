import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph, GraphValue } from '../ir/graph.ts';
import { flatten } from '../ir/inline.ts';
import type { Module } from '../ir/module.ts';
import type { PhysicalGraph } from '../ir/physical.ts';
import { sizeNumbers } from '../ir/size-numbers.ts';
import { printType } from '../ir/tensor-type.ts';
import { copyAddends } from '../lower/onnx/addend-copies.ts';
import type { DriverFacts, DriverTensor } from '../lower/onnx-train/driver-facts.ts';
import { fileOrder } from '../lower/onnx/file-order.ts';
import { formSets, type FormSet } from '../lower/onnx/forms/registry.ts';
import { openShapes } from '../lower/onnx/open-shapes.ts';
import { lowerOnnx } from '../lower/onnx/lower-onnx.ts';
import type { Provenance } from '../lower/onnx/metadata.ts';
import type { OnnxModel } from '../lower/onnx/onnx-model.ts';
import { writeLast } from '../lower/onnx/write-last.ts';
import { chooseForms } from '../passes/choose-forms.ts';
import { layout } from '../passes/layout.ts';
import { runPasses } from '../passes/pass.ts';
import { stepPasses } from '../passes/pipelines.ts';
import { schedule } from '../passes/schedule.ts';
import { print } from '../shapes/print-size.ts';
import { isConstant } from '../shapes/size.ts';
import { Span } from '../source/span.ts';
import type { StepPhase } from '../training/accumulate-gradients.ts';
import type { ScalarInput } from '../training/optimizer-pass.ts';
import type { Places } from '../training/places.ts';
import type { RandomInput } from '../training/random-inputs.ts';
import { evaluateScalar, type StepNumbers } from '../training/scalar.ts';
import { rateOfSteps, stepParameters } from '../training/step-parameters.ts';
import { watchValues, type WatchedGraph } from '../training/watch-values.ts';
import { gradientGraph, type Observe } from './gradient-graph.ts';
import { batchSize } from './inference-graph.ts';
import { initialWeights } from './initial-weights.ts';
import { evaluationGraph, trainingStep } from './training-step.ts';

/** A graph that is given its parameters, as an ONNX model. */
export interface ParametricModel {
  readonly model: OnnxModel;
  /** The paths of the parameters, or of the vectors of them, that are inputs. */
  readonly reads: readonly string[];
}

export interface StepModel extends ParametricModel {
  /** The paths of those that have an output `next.value/PATH`, or `next.over/PATH` (see `writeLast`). */
  readonly replaces: readonly string[];
  readonly scalars: readonly (ScalarInput & { readonly valueAt: (numbers: StepNumbers) => number })[];
  readonly draws: readonly Draw[];
  /** Where parameters are that are in vectors. */
  readonly places: Places;
  /** Where it was asked for. */
  readonly watch?: Omit<WatchedGraph, 'graph'>;
}

/** Random numbers that a graph is given, uniform in [0, 1). */
export interface Draw extends RandomInput {
  readonly shape: readonly number[];
}

/** All that the target has of a module. */
export interface TrainingTarget {
  readonly step: OnnxModel;
  /** A step that only adds gradients to those before; undefined where the optimiser makes one after each batch. */
  readonly accumulating: OnnxModel | undefined;
  readonly evaluation: OnnxModel;
  /** Weights and state to begin with; whatever else is kept begins as zeros. */
  readonly initial: readonly {
    readonly path: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }[];
  readonly driver: DriverFacts;
}

/** `made` is undefined after a diagnostic. */
export interface Emitted<T> {
  readonly made: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface StepOptions {
  readonly batch: number;
  /** Of a recipe that accumulates gradients; `update` where it is left out. */
  readonly phase?: StepPhase;
  readonly provenance: Omit<Provenance, 'docs'>;
  /** What the provider that runs the step is faster with; standard operators alone where it is left out. */
  readonly forms?: FormSet;
  /** Whether the step says of every value whether it is finite; it takes longer then. */
  readonly watch?: boolean;
  /**
   * Bytes that a step may hold at most; what is over is computed again when it is needed, and new parameters are written over the
   * old ones.
   */
  readonly memoryBudget?: number;
  readonly after?: Observe;
  /** Hears the graph as it is written, with the form of each node. */
  readonly afterForms?: (graph: PhysicalGraph) => void;
}

/** The target `onnx-train`: what one's own code needs in order to train a module; N7001 where it has no `train`. */
export function emitTraining(module: Module, options: StepOptions): Emitted<TrainingTarget> {
  const { training, model } = module;
  if (training === undefined) return { made: undefined, diagnostics: [noTraining(module)] };
  const source = flatten(module, { mode: 'infer' });
  const { graph, diagnostics } = evaluationGraph(module);
  const problems = [...source.diagnostics, ...diagnostics];
  if (source.graph === undefined || graph === undefined) return { made: undefined, diagnostics: problems };
  const physical = layout(graph, 'channels-first', { parameters: 'given' });
  const evaluation = lowerParametric(physical, module, options.provenance);
  const step = emitStep(module, options);
  const accumulating =
    training.accumulation === 1 ? undefined : emitStep(module, { ...options, phase: 'accumulate' });
  const failed = [step, evaluation, accumulating].find(
    (part) => part !== undefined && part.made === undefined,
  );
  if (evaluation.made === undefined || step.made === undefined || failed !== undefined)
    return { made: undefined, diagnostics: failed?.diagnostics ?? [] };
  const { params } = source.graph;
  const parameters = stepParameters(params, training, step.made.places);
  const weights = initialWeights(params, training.seed);
  const { model: stepModel, scalars, draws } = step.made;
  const made: TrainingTarget = {
    step: stepModel,
    accumulating: accumulating?.made?.model,
    evaluation: evaluation.made.model,
    initial: parameters.flatMap(({ path, shape }) => {
      const data = weights.get(path);
      return data === undefined ? [] : [{ path, shape, data }];
    }),
    driver: {
      model: model.name,
      seed: training.seed,
      batch: options.batch,
      samples: batchSize(graph)?.name,
      inputs: graph.inputs.map(({ name, value, pixels }) => ({ ...driverTensor(name, value), pixels })),
      outputs: graph.outputs
        .filter(({ name }) => model.outputs.some((output) => output.name === name))
        .map(({ name, value }) => driverTensor(name, value)),
      parameters,
      step: { scalars, draws },
      accumulation: training.accumulation,
      rate: rateOfSteps(training),
    },
  };
  return { made, diagnostics: [] };
}

function noTraining({ functions, model }: Module): Diagnostic {
  const span = functions.get(model.func)?.span ?? Span.startOf('');
  const message = `\`${model.name}\` has no \`train\`, and so no training step`;
  const help = `add a \`train ${model.name} { loss = ... }\`, or leave out \`--target onnx-train\``;
  return errorAt('N7001', span, message, { help });
}

function driverTensor(name: string, { type }: GraphValue): DriverTensor {
  const shape = type.axes.map(({ size }) => isConstant(size) ?? print(size));
  return { name, dtype: type.dtype, shape, written: printType(type) };
}

/** One step of training of a module's `train` as an ONNX model, for batches of one size. */
export function emitStep(
  module: Module,
  {
    batch,
    phase = 'update',
    provenance,
    forms = 'plain',
    watch = false,
    memoryBudget,
    after,
    afterForms,
  }: StepOptions,
): Emitted<StepModel> {
  const { step, diagnostics } = trainingStep(module, {
    batch,
    phase,
    ...(memoryBudget !== undefined && { memoryBudget }),
    ...(after && { after }),
  });
  if (step === undefined) return { made: undefined, diagnostics };
  const { scalars, draws, places } = step;
  const watched = watch ? watchValues(step.graph) : undefined;
  // What watches a value is done with it at once.
  const graph = watched === undefined ? step.graph : schedule.run(watched.graph);
  const inMemory = (of: Graph): PhysicalGraph => layout(of, 'channels-first', { parameters: 'given' });
  const physical = chooseForms(inMemory(graph), formSets[forms], watched && inMemory(step.graph));
  afterForms?.(physical);
  const lowered = lowerStep(physical, module, provenance, {
    // It costs a copy of all parameters.
    writesLast: memoryBudget !== undefined,
  });
  if (lowered.made === undefined) return { made: undefined, diagnostics: lowered.diagnostics };
  const made: StepModel = {
    ...lowered.made,
    replaces: graph.updates.map(({ path }) => path),
    scalars: scalars.map(({ name, scalar }) => ({
      name,
      scalar,
      valueAt: (numbers) => evaluateScalar(scalar, numbers),
    })),
    draws: withShapes(draws, graph),
    places,
    ...(watched && { watch: { outputs: watched.outputs, originOf: watched.originOf } }),
  };
  return { made, diagnostics: [] };
}

export interface GradientModel extends ParametricModel {
  /** The paths of the weights that have an output `gradientName(path)`: those that the loss depends on. */
  readonly gradients: readonly string[];
  readonly draws: readonly Draw[];
}

/** The name of the output that is d loss / d weight. */
export function gradientName(path: string): string {
  return `gradient/${path}`;
}

/**
 * What a step of training computes up to where clipping and optimiser begin, its outputs the loss, the gradients and the
 * new state: for whoever wants to look at the gradients, or to do with them what no recipe does.
 */
export function emitGradients(
  module: Module,
  { batch, provenance, forms = 'plain' }: Pick<StepOptions, 'batch' | 'provenance' | 'forms'>,
): Emitted<GradientModel> {
  const { gradients, diagnostics } = gradientGraph(module, { batch });
  if (gradients === undefined) return { made: undefined, diagnostics };
  // In the order of axes that the weight has in checkpoints.
  const slopes = gradients.slopes.map(({ param, gradient }) => ({
    name: gradientName(param.path),
    value: { ...gradient, type: param.value.type },
    labels: undefined,
  }));
  const whole = { ...gradients.graph, outputs: [...gradients.graph.outputs, ...slopes] };
  const graph = schedule.run(runPasses(whole, stepPasses));
  const physical = chooseForms(layout(graph, 'channels-first', { parameters: 'given' }), formSets[forms]);
  const lowered = lowerStep(physical, module, provenance);
  if (lowered.made === undefined) return { made: undefined, diagnostics: lowered.diagnostics };
  const made: GradientModel = {
    ...lowered.made,
    gradients: gradients.slopes.map(({ param }) => param.path),
    draws: withShapes(gradients.draws, graph),
  };
  return { made, diagnostics: [] };
}

/** The loss of a batch and the outputs of the model in inference mode, as an ONNX model for batches of any size. */
export function emitEvaluation(
  module: Module,
  { provenance }: Pick<StepOptions, 'provenance'>,
): Emitted<ParametricModel> {
  const { graph, diagnostics } = evaluationGraph(module);
  if (graph === undefined) return { made: undefined, diagnostics };
  const physical = layout(graph, 'channels-first', { parameters: 'given' });
  return lowerParametric(physical, module, provenance);
}

function withShapes(draws: readonly RandomInput[], { inputs }: Graph): readonly Draw[] {
  const types = new Map(inputs.map(({ name, value }) => [name, value.type]));
  return draws.map((draw) => ({ ...draw, shape: sizeNumbers(types.get(draw.name)?.axes ?? []) }));
}

function lowerParametric(
  physical: PhysicalGraph,
  module: Module,
  provenance: Omit<Provenance, 'docs'>,
): Emitted<ParametricModel> {
  const docs = module.functions.get(module.model.func)?.docs ?? [];
  const options = { parameters: 'given' } as const;
  const { model, diagnostics } = lowerOnnx(physical, new Map(), { ...provenance, docs }, options);
  if (model === undefined) return { made: undefined, diagnostics };
  return { made: { model, reads: physical.params.map(({ param }) => param.path) }, diagnostics: [] };
}

/**
 * The same for a graph with a backward pass: as it takes ONNX Runtime least memory.
 *
 * @param options `writesLast`: see `writeLast`
 */
function lowerStep(
  physical: PhysicalGraph,
  module: Module,
  provenance: Omit<Provenance, 'docs'>,
  { writesLast = false } = {},
): Emitted<ParametricModel> {
  const { made, diagnostics } = lowerParametric(physical, module, provenance);
  if (made === undefined) return { made, diagnostics };
  const { model, reads } = made;
  const given = new Set(physical.inputs.map(({ name }) => name));
  const copied = copyAddends(model.graph);
  const ordered = { ...copied, nodes: fileOrder(copied) };
  const graph = openShapes(writesLast ? writeLast(ordered) : ordered, given);
  return { made: { model: { ...model, graph }, reads }, diagnostics };
}
