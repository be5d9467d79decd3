import type { UserError } from '../../src/runtime/errors.ts';
import { diagnosticsAsJson, printDiagnostics, type CheckedSource } from '../checked-source.ts';
import { reportError } from '../report-error.ts';
import type { Terminal } from '../terminal.ts';

/** What came of a file: it was compiled, or, while it is watched, could not be read. */
export type Checked =
  CheckedSource | { readonly file: string; readonly failed: true; readonly error: UserError };

export function wasCompiled(checked: Checked): checked is CheckedSource {
  return !('error' in checked);
}

/** Tells a person what is wrong; whether all is well is left to the caller. */
export function printChecked(results: readonly Checked[], terminal: Terminal): void {
  for (const result of results) {
    if (wasCompiled(result)) printDiagnostics(result.diagnostics, result, terminal);
    else reportError(result.error, terminal);
  }
}

/** All that `netc check` says to a person. */
export function printResults(results: readonly CheckedSource[], terminal: Terminal): void {
  printChecked(results, terminal);
  if (results.some(({ failed }) => failed)) return;
  terminal.out(results.map(({ file }) => `${file}: no errors`).join('\n'));
}

/** The fields of `--json`. */
export function checkedAsJson(results: readonly Checked[]): Readonly<Record<string, unknown>> {
  const files = results.map((result) => {
    const { file, failed } = result;
    if (wasCompiled(result)) return { file, ok: !failed, diagnostics: diagnosticsAsJson(result.diagnostics, result) }; // prettier-ignore
    const { code, message, place = null, remedy } = result.error;
    return { file, ok: false, error: { code, message, place, help: remedy }, diagnostics: [] };
  });
  return { ok: results.every(({ failed }) => !failed), files };
}
