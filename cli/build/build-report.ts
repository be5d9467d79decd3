import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { FileToWrite } from '../../src/runtime/atomic-file.ts';
import type { ProblemReport } from '../problem-report.ts';
import type { Terminal } from '../terminal.ts';
import { renderChecks } from '../verify-model.ts';
import type { BuildResult } from './build-once.ts';

/** Tells a person what was verified and written. */
export function printBuild(result: BuildResult, terminal: Terminal): void {
  if (result.kind === 'failed') return;
  const { verification, outputs } = result;
  if (verification !== undefined) terminal.out(`${renderChecks(verification)}\n`);
  if (outputs.length === 0) {
    terminal.err('Nothing was written.');
    return;
  }
  for (const { path, content } of outputs) terminal.out(`wrote ${path} (${readableSize(sizeOf(content))})`);
  terminal.out('Not a medical device: for research and teaching only.');
}

/** The fields of `--json`. */
export function buildAsJson(
  file: string,
  result: BuildResult,
  { collected }: ProblemReport,
): Readonly<Record<string, unknown>> {
  const isBuilt = result.kind === 'built';
  const outputs = isBuilt ? result.outputs : [];
  return {
    ok: isBuilt && result.isGood,
    file,
    outputs: outputs.map(({ path, content, target }) => ({ target, path, bytes: sizeOf(content) })),
    verification: (isBuilt ? result.verification : undefined) ?? null,
    diagnostics: collected,
  };
}

export function exitCodeOfBuild(result: BuildResult): ExitCode {
  if (result.kind === 'failed') return exitCodes.source;
  return result.isGood ? exitCodes.ok : exitCodes.verification;
}

function sizeOf(content: FileToWrite['content']): number {
  if (typeof content === 'string') return Buffer.byteLength(content);
  return content instanceof Uint8Array
    ? content.length
    : content.reduce((sum, piece) => sum + piece.length, 0);
}

function readableSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
