import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Module } from '../ir/module.ts';
import type { PhysicalGraph } from '../ir/physical.ts';
import { formSets, type FormSet } from '../lower/onnx/forms/registry.ts';
import { lowerOnnx } from '../lower/onnx/lower-onnx.ts';
import type { Provenance } from '../lower/onnx/metadata.ts';
import type { OnnxModel } from '../lower/onnx/onnx-model.ts';
import { chooseForms } from '../passes/choose-forms.ts';
import { layout } from '../passes/layout.ts';
import { evaluateScalar, type StepNumbers } from '../training/scalar.ts';
import { sizeNumbers } from './size-numbers.ts';
import { evaluationGraph, trainingStep, type Observe } from './training-step.ts';

/** A graph that is given its parameters, as an ONNX model. */
export interface ParametricModel {
  readonly model: OnnxModel;
  /** The paths of the parameters that are inputs. */
  readonly reads: readonly string[];
}

export interface StepModel extends ParametricModel {
  /** The paths of the parameters that have an output `next/PATH`. */
  readonly replaces: readonly string[];
  readonly scalars: readonly { readonly name: string; readonly valueAt: (numbers: StepNumbers) => number }[];
  readonly draws: readonly {
    readonly name: string;
    readonly stream: string;
    readonly shape: readonly number[];
  }[];
}

/** `made` is undefined after a diagnostic. */
export interface Emitted<T> {
  readonly made: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface StepOptions {
  readonly batch: number;
  readonly provenance: Omit<Provenance, 'docs'>;
  /** What the provider that runs the step is faster with; standard operators alone where it is left out. */
  readonly forms?: FormSet;
  readonly after?: Observe;
  /** Hears the graph as it is written, with the form of each node. */
  readonly afterForms?: (graph: PhysicalGraph) => void;
}

/** One step of training of a module's `train` as an ONNX model, for batches of one size. */
export function emitStep(
  module: Module,
  { batch, provenance, forms = 'plain', after, afterForms }: StepOptions,
): Emitted<StepModel> {
  const { step, diagnostics } = trainingStep(module, { batch, ...(after && { after }) });
  if (step === undefined) return { made: undefined, diagnostics };
  const { graph, scalars, draws } = step;
  const physical = chooseForms(layout(graph, 'channels-first', { parameters: 'given' }), formSets[forms]);
  afterForms?.(physical);
  const lowered = lowerParametric(physical, module, provenance);
  if (lowered.made === undefined) return { made: undefined, diagnostics: lowered.diagnostics };
  const inputs = new Map(graph.inputs.map(({ name, value }) => [name, value.type]));
  const made: StepModel = {
    ...lowered.made,
    replaces: graph.updates.map(({ path }) => path),
    scalars: scalars.map(({ name, scalar }) => ({
      name,
      valueAt: (numbers) => evaluateScalar(scalar, numbers),
    })),
    draws: draws.map(({ name, stream }) => ({
      name,
      stream,
      shape: sizeNumbers(inputs.get(name)?.axes ?? []),
    })),
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
