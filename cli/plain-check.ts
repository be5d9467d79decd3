import { check } from './commands/check.ts';
import type { ExitCode } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';

/** What `netc check` does with sources alone, as yargs would have it done; throws nothing. */
export async function plainCheck(files: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await check({ files }, terminal);
  } catch (error) {
    return reportError(error, terminal);
  }
}
