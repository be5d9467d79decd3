import { UserError } from '../src/runtime/errors.ts';
import { jsonReport } from './json.ts';
import type { Terminal } from './terminal.ts';

/**
 * Prints what is wrong with data or a run as the result of a command that was asked for JSON; on the error stream it is
 * told as always. Files and folders that cannot be read or written (R1xxx) are told there alone.
 */
export function printErrorAsJson(error: unknown, command: string, terminal: Terminal): void {
  if (!(error instanceof UserError) || error.code.startsWith('R1')) return;
  const { code, message, place = null, remedy } = error;
  terminal.out(
    jsonReport(command, { ok: false, error: { code, message, place, help: remedy }, diagnostics: [] }),
  );
}
