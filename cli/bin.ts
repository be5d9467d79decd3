import { main } from './main.ts';
import { processTerminal } from './terminal.ts';

/** Runs the command line of this process; the promise is for the exit code. */
export const finished = main(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
  return code;
});
