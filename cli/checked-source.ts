import type { Diagnosis } from '../src/compiler/compile.ts';
import type { Diagnostic } from '../src/compiler/diagnostics/diagnostic.ts';
import { jsonDiagnostics, type JsonDiagnostic } from '../src/compiler/diagnostics/render-json.ts';
import { renderDiagnostics } from '../src/compiler/diagnostics/render-text.ts';
import type { SourceReader } from '../src/compiler/source/reader.ts';
import type { Terminal } from './terminal.ts';

/** A source from the disk of which it is known what is wrong with it, and the means to report on it. */
export interface CheckedSource extends Diagnosis {
  /** The path as the user wrote it. */
  readonly file: string;
  readonly failed: boolean;
  /** The path as the compiler knows it, and how it reads files: for compiling it again. */
  readonly entry: string;
  readonly reader: SourceReader;
  readonly display: (path: string) => string;
  readonly onDisk: (path: string) => string;
}

type Reported = Pick<CheckedSource, 'sources' | 'display'>;

/** Prints diagnostics for a person; nothing where there are none. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  { sources, display }: Reported,
  terminal: Terminal,
): void {
  if (diagnostics.length === 0) return;
  terminal.err(renderDiagnostics(diagnostics, { sources, display, colour: terminal.colour }));
}

/** The same as data for `--json`. */
export function diagnosticsAsJson(
  diagnostics: readonly Diagnostic[],
  { sources, display }: Reported,
): readonly JsonDiagnostic[] {
  return jsonDiagnostics(diagnostics, { sources, display });
}
