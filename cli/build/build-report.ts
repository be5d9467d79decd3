import { dirname, join, relative, sep } from 'node:path';
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
  for (const line of writtenLines(outputs)) terminal.out(`wrote ${line}`);
  terminal.out('Not a medical device: for research and teaching only.');
}

/** A line for each file of the output's folder, and one for each folder in it. */
function writtenLines(outputs: readonly FileToWrite[]): string[] {
  const out = dirname(outputs[0]?.path ?? '');
  const sizes = new Map<string, number[]>();
  for (const { path, content } of outputs) {
    const [name = '', ...inside] = relative(out, path).split(sep);
    const place = join(out, name) + (inside.length > 0 ? sep : '');
    sizes.set(place, [...(sizes.get(place) ?? []), sizeOf(content)]);
  }
  return [...sizes].map(([place, bytes]) => {
    const size = readableSize(bytes.reduce((sum, one) => sum + one, 0));
    return place.endsWith(sep) ? `${place} (${bytes.length} files, ${size})` : `${place} (${size})`;
  });
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
