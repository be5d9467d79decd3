import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import type { CompiledModel } from '../compile-model.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ProblemReport } from '../problem-report.ts';
import type { Target } from '../separate-targets.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export interface DumpOptions {
  /** The pass after which the graph is printed: of inference, or of a step of training where `train/` stands before it. */
  readonly wanted: string;
  readonly batch: number | undefined;
  /** Of the step of training. */
  readonly memoryBudget: number | undefined;
  /** Where nothing but the training step is built, `train/` need not be said. */
  readonly targets: readonly Target[];
}

type Print = (graph: string) => void;

const ofTraining = 'train/';
const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };

/** Prints the graph of a model as it is after a pass. */
export async function dumpAfter(
  model: CompiledModel,
  options: DumpOptions,
  problems: ProblemReport,
  terminal: Terminal,
): Promise<ExitCode> {
  const print: Print = (graph) => {
    terminal.out(graph.trimEnd());
  };
  const { wanted, targets } = options;
  const isOfStep = wanted.startsWith(ofTraining);
  const diagnostics =
    isOfStep || targets.every((target) => target === 'onnx-train')
      ? await dumpStep(
          model.module,
          { ...options, wanted: isOfStep ? wanted : `${ofTraining}${wanted}` },
          print,
        )
      : await dumpInference(model.module, options, print);
  problems.report(diagnostics, model);
  return diagnostics.length === 0 ? exitCodes.ok : exitCodes.source;
}

async function dumpInference(
  module: Module,
  { wanted, batch }: DumpOptions,
  print: Print,
): Promise<readonly Diagnostic[]> {
  const [{ emitOnnx }, { inferenceStages }, { trainingStages }, { printGraph }] = await Promise.all([
    import('../../src/compiler/targets/onnx.ts'),
    import('../../src/compiler/targets/inference-graph.ts'),
    import('../../src/compiler/targets/training-step.ts'),
    import('../../src/compiler/ir/print-graph.ts'),
  ]);
  const stages = [...inferenceStages, 'freeze'];
  if (!stages.includes(wanted)) throw noPass(wanted, [...stages, ...stepStages(trainingStages)]);
  const after = (stage: string, graph: Graph): void => {
    if (stage === wanted) print(printGraph(graph));
  };
  return emitOnnx(module, { provenance, after, ...(batch === undefined ? {} : { batch }) }).diagnostics;
}

/** With the forms that this machine would train with. */
async function dumpStep(
  module: Module,
  { wanted, batch, memoryBudget }: DumpOptions,
  print: Print,
): Promise<readonly Diagnostic[]> {
  const [{ emitStep }, { trainingStages }, { availableForms }, { printGraph }, { printPhysical }] =
    await Promise.all([
      import('../../src/compiler/targets/onnx-train.ts'),
      import('../../src/compiler/targets/training-step.ts'),
      import('../train/available-forms.ts'),
      import('../../src/compiler/ir/print-graph.ts'),
      import('../../src/compiler/ir/print-physical.ts'),
    ]);
  const stages = stepStages(trainingStages);
  if (!stages.includes(wanted)) throw noPass(wanted, stages);
  if (module.training === undefined)
    throw new UsageError(`${module.model.name} has no \`train\`, and so no pass "${wanted}"`);
  const { diagnostics } = emitStep(module, {
    provenance,
    batch: batch ?? module.training.batch,
    forms: await availableForms(),
    ...(memoryBudget !== undefined && { memoryBudget }),
    after: (stage, graph) => {
      if (`${ofTraining}${stage}` === wanted) print(printGraph(graph));
    },
    afterForms: (graph) => {
      if (wanted === `${ofTraining}choose-forms`) print(printPhysical(graph));
    },
  });
  return diagnostics;
}

function stepStages(stages: readonly string[]): readonly string[] {
  return [...stages, 'choose-forms'].map((stage) => `${ofTraining}${stage}`);
}

function noPass(wanted: string, stages: readonly string[]): UsageError {
  return new UsageError(`there is no pass "${wanted}"; there are ${stages.join(', ')}`);
}
