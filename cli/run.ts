import { check } from './commands/check.ts';
import type { ExitCode } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs one command line (without `node` and the script) and returns its exit code; throws nothing. `netc check` with
 * nothing but sources, as editors and hooks call it, is understood without yargs, which would take longer to load than
 * a small file to check.
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [command, ...files] = argv;
  if (command !== 'check' || files.length === 0 || !files.every(isSource)) {
    const { main } = await import('./main.ts');
    return main(argv, terminal);
  }
  try {
    return await check({ files, json: false }, terminal);
  } catch (error) {
    return reportError(error, terminal);
  }
}

/** Whether a word can be nothing but the path of a source: no option, and none of the words that yargs knows. */
function isSource(word: string): boolean {
  return word.endsWith('.net') && !word.startsWith('-');
}
