import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

/** Runs the command line of this process; the promise is for the exit code. */
export const finished = run(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
  return code;
});
