import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../ir/graph.ts';
import type { Module } from '../ir/module.ts';
import { lowerOnnx } from '../lower/onnx/lower-onnx.ts';
import type { Provenance } from '../lower/onnx/metadata.ts';
import type { OnnxModel } from '../lower/onnx/onnx-model.ts';
import { layout } from '../passes/layout.ts';
import type { ScalarInput } from '../training/optimizer-pass.ts';
import type { RandomInput } from '../training/random-inputs.ts';
import { sizeNumbers } from '../ir/size-numbers.ts';
import { evaluationGraph, trainingStep, type Observe } from './training-step.ts';

/** One step: its parameters are inputs under their paths, the new values of those that change are outputs `next/PATH`. */
export interface StepModel {
  readonly model: OnnxModel;
  readonly scalars: readonly ScalarInput[];
  readonly draws: readonly (RandomInput & { readonly shape: readonly number[] })[];
}

/** `made` is undefined after a diagnostic. */
export interface Emitted<T> {
  readonly made: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface StepOptions {
  readonly batch: number;
  readonly provenance: Omit<Provenance, 'docs'>;
  readonly after?: Observe;
}

/** One step of training of a module's `train` as an ONNX model, for batches of one size. */
export function emitStep(module: Module, { batch, provenance, after }: StepOptions): Emitted<StepModel> {
  const { step, diagnostics } = trainingStep(module, { batch, ...(after && { after }) });
  if (step === undefined) return { made: undefined, diagnostics };
  const { graph, scalars, draws } = step;
  const { made: model, diagnostics: problems } = lowerParametric(graph, module, provenance);
  if (model === undefined) return { made: undefined, diagnostics: problems };
  const inputs = new Map(graph.inputs.map(({ name, value }) => [name, value.type]));
  const shapedDraws = draws.map((draw) => ({
    ...draw,
    shape: sizeNumbers(inputs.get(draw.name)?.axes ?? []),
  }));
  return { made: { model, scalars, draws: shapedDraws }, diagnostics: [] };
}

/** The loss of a batch and the outputs of the model in inference mode, as an ONNX model for batches of any size. */
export function emitEvaluation(
  module: Module,
  { provenance }: Pick<StepOptions, 'provenance'>,
): Emitted<OnnxModel> {
  const { graph, diagnostics } = evaluationGraph(module);
  return graph === undefined ? { made: undefined, diagnostics } : lowerParametric(graph, module, provenance);
}

function lowerParametric(
  graph: Graph,
  module: Module,
  provenance: Omit<Provenance, 'docs'>,
): Emitted<OnnxModel> {
  const docs = module.functions.get(module.model.func)?.docs ?? [];
  const physical = layout(graph, 'channels-first', { parameters: 'given' });
  const options = { parameters: 'given' } as const;
  const { model, diagnostics } = lowerOnnx(physical, new Map(), { ...provenance, docs }, options);
  return { made: model, diagnostics };
}
