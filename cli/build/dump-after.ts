import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { CompiledModel } from '../compile-model.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ProblemReport } from '../problem-report.ts';
import type { Target } from '../separate-targets.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export interface DumpOptions {
  /** The pass after which the graph is printed. */
  readonly wanted: string;
  readonly batch: number | undefined;
  /** The stages are those of the training step where that alone is built, else those of inference. */
  readonly targets: readonly Target[];
}

/** Prints the graph of a model as it is after a pass. */
export async function dumpAfter(
  model: CompiledModel,
  { wanted, batch, targets }: DumpOptions,
  problems: ProblemReport,
  terminal: Terminal,
): Promise<ExitCode> {
  const { printGraph } = await import('../../src/compiler/ir/print-graph.ts');
  const { stages, run } = await stagesOf(model, {
    isTraining: targets.every((target) => target === 'onnx-train'),
    batch,
  });
  if (!stages.includes(wanted))
    throw new UsageError(`there is no pass "${wanted}"; there are ${stages.join(', ')}`);
  const diagnostics = run((stage, graph) => {
    if (stage === wanted) terminal.out(printGraph(graph).trimEnd());
  });
  problems.report(diagnostics, model);
  return diagnostics.length === 0 ? exitCodes.ok : exitCodes.source;
}

interface Stages {
  readonly stages: readonly string[];
  readonly run: (after: (stage: string, graph: Graph) => void) => readonly Diagnostic[];
}

async function stagesOf(
  { module }: CompiledModel,
  { isTraining, batch }: { readonly isTraining: boolean; readonly batch: number | undefined },
): Promise<Stages> {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
  if (isTraining) {
    const [{ emitTraining }, { trainingStages }] = await Promise.all([
      import('../../src/compiler/targets/onnx-train.ts'),
      import('../../src/compiler/targets/training-step.ts'),
    ]);
    const size = batch ?? module.training?.batch ?? 1;
    return {
      stages: trainingStages,
      run: (after) => emitTraining(module, { provenance, after, batch: size }).diagnostics,
    };
  }
  const [{ emitOnnx }, { inferenceStages }] = await Promise.all([
    import('../../src/compiler/targets/onnx.ts'),
    import('../../src/compiler/targets/inference-graph.ts'),
  ]);
  const options = { provenance, ...(batch === undefined ? {} : { batch }) };
  return {
    stages: [...inferenceStages, 'freeze'],
    run: (after) => emitOnnx(module, { ...options, after }).diagnostics,
  };
}
