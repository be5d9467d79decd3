import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import { flatten } from '../../src/compiler/ir/inline.ts';
import type { GraphNode } from '../../src/compiler/ir/graph.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import type { ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import type { FormSet } from '../../src/compiler/lower/onnx/forms/registry.ts';
import { initialWeights } from '../../src/compiler/targets/initial-weights.ts';
import { emitEvaluation, emitStep, type StepModel } from '../../src/compiler/targets/onnx-train.ts';
import { rateOfSteps, stepParameters } from '../../src/compiler/training/step-parameters.ts';
import type { Batch } from '../../src/runtime/batches.ts';
import type { BatchTensor, StepGraph, StepProgram } from '../../src/runtime/training/step-program.ts';
import { version } from '../version.ts';

export interface MadeStepProgram {
  /** Undefined after a diagnostic. */
  readonly program: StepProgram | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface StepProgramOptions {
  readonly sourceSha256: string;
  readonly batch: number;
  /** The sizes of all batches that will come; that of `batch` where they are left out. */
  readonly batchSizes?: readonly number[];
  /** What the provider that will run it has; standard operators alone where it is left out. */
  readonly forms?: FormSet;
  /** Bytes that a step may hold at most. */
  readonly memoryBudget?: number;
  /** Has the steps say where numbers come from that are not finite, in these words. */
  readonly describeOrigin?: (node: GraphNode) => string;
}

/**
 * What trains a module in ONNX Runtime. The step for batches of `batch` samples is made at once, so that whatever is
 * wrong is said before training begins; under a budget, which a larger batch may not meet, all others are tried as well.
 */
export async function makeStepProgram(
  module: Module,
  recipe: Pick<ImageRecipe, 'tensors'>,
  { sourceSha256, batch, batchSizes = [], forms = 'plain', memoryBudget, describeOrigin }: StepProgramOptions,
): Promise<MadeStepProgram> {
  const { training, model } = module;
  if (training === undefined) throw new Error(`${model.name} has no \`train\``);
  const provenance = { sourceSha256, languageVersion: '1', compilerVersion: version };
  const { graph: source, diagnostics } = flatten(module, { mode: 'infer' });
  if (source === undefined) return { program: undefined, diagnostics };
  const evaluation = emitEvaluation(module, { provenance });
  if (evaluation.made === undefined) return { program: undefined, diagnostics: evaluation.diagnostics };
  const options = {
    provenance,
    forms,
    watch: describeOrigin !== undefined,
    ...(memoryBudget !== undefined && { memoryBudget }),
  };
  const first = emitStep(module, { ...options, batch });
  if (first.made === undefined) return { program: undefined, diagnostics: first.diagnostics };
  if (memoryBudget !== undefined) {
    const phases = training.accumulation === 1 ? (['update'] as const) : (['update', 'accumulate'] as const);
    const sizes = [...new Set([batch, ...batchSizes])];
    const all = phases.flatMap((phase) => sizes.map((size) => ({ phase, batch: size })));
    // They are made again when their turn comes: until then a step is as large as its index tables.
    const tried = all.slice(1).map((step) => emitStep(module, { ...options, ...step }));
    const failed = tried.find(({ made }) => made === undefined);
    if (failed !== undefined) return { program: undefined, diagnostics: failed.diagnostics };
  }
  // Given away once: whoever runs it has a copy, and it is as large as its index tables.
  let firstGraph: StepGraph | undefined = await stepGraph(first.made, describeOrigin);
  const stepFor: StepProgram['stepFor'] = (size, phase) => {
    if (size === batch && phase === 'update' && firstGraph !== undefined) {
      const graph = firstGraph;
      firstGraph = undefined;
      return graph;
    }
    const { made, diagnostics: problems } = emitStep(module, { ...options, batch: size, phase });
    if (made === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
    return stepGraph(made, describeOrigin);
  };
  const { rate, schedule, settings } = rateOfSteps(training);
  const program: StepProgram = {
    model: model.name,
    parameters: stepParameters(source.params, training, first.made.places),
    initial: (seed) => initialWeights(source.params, seed),
    accumulation: training.accumulation,
    stepFor,
    evaluation: await encodeOnnx(evaluation.made.model),
    tensorsOf: (read) => tensorsOf(recipe, read),
    learningRate: (step, steps) => rate * schedule.factorAt(settings, step, steps),
  };
  return { program, diagnostics: [] };
}

async function stepGraph(
  { model, watch, ...made }: StepModel,
  describeOrigin: StepProgramOptions['describeOrigin'],
): Promise<StepGraph> {
  const graph = { ...made, file: await encodeOnnx(model) };
  if (watch === undefined || describeOrigin === undefined) return graph;
  const originOf = (isFinite: (output: string) => boolean) => {
    const node = watch.originOf(isFinite);
    return node && describeOrigin(node);
  };
  return { ...graph, watch: { outputs: watch.outputs, originOf } };
}

function tensorsOf(
  { tensors }: Pick<ImageRecipe, 'tensors'>,
  batch: Batch,
): ReadonlyMap<string, BatchTensor> {
  return new Map(
    tensors.map(({ name, holds, shape }) => {
      const data = batch[holds];
      if (data === undefined) throw new Error(`the batch has no ${holds} for ${name}`);
      return [name, { data, shape: [batch.size, ...shape] }];
    }),
  );
}
