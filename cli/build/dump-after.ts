import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { CompiledModel } from '../compile-model.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ProblemReport } from '../problem-report.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export interface DumpOptions {
  /** The pass after which the graph is printed. */
  readonly wanted: string;
  readonly batch: number | undefined;
}

/** Prints the graph of a model as it is after a pass. */
export async function dumpAfter(
  model: CompiledModel,
  { wanted, batch }: DumpOptions,
  problems: ProblemReport,
  terminal: Terminal,
): Promise<ExitCode> {
  const [{ emitOnnx }, { inferenceStages }, { printGraph }] = await Promise.all([
    import('../../src/compiler/targets/onnx.ts'),
    import('../../src/compiler/targets/inference-graph.ts'),
    import('../../src/compiler/ir/print-graph.ts'),
  ]);
  const stages = [...inferenceStages, 'freeze'];
  if (!stages.includes(wanted))
    throw new UsageError(`there is no pass "${wanted}"; there are ${stages.join(', ')}`);
  const after = (stage: string, graph: Graph): void => {
    if (stage === wanted) terminal.out(printGraph(graph).trimEnd());
  };
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
  const { diagnostics } = emitOnnx(model.module, {
    provenance,
    after,
    ...(batch === undefined ? {} : { batch }),
  });
  problems.report(diagnostics, model);
  return diagnostics.length === 0 ? exitCodes.ok : exitCodes.source;
}
