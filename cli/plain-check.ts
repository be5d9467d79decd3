import { printResults } from './check/check-report.ts';
import { checkSource } from './check-source.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * What `netc check` does with sources alone, as yargs would have it done; throws nothing. It imports nothing later than
 * it starts, so that the bundler need not keep modules apart, and nothing else that the command can do.
 */
export function plainCheck(files: readonly string[], terminal: Terminal): ExitCode {
  try {
    const results = files.map((file) => checkSource(file, { set: {} }));
    printResults(results, terminal);
    return results.some(({ failed }) => failed) ? exitCodes.source : exitCodes.ok;
  } catch (error) {
    return reportError(error, terminal);
  }
}
