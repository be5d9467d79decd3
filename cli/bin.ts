import { main } from './main.ts';
import { flushed, stream } from './streams.ts';
import { processTerminal } from './terminal.ts';

// Packages write to them, too.
stream('stdout');
stream('stderr');

/** Runs the command line of this process; settled when its output is out. */
export const finished = main(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
  return flushed();
});
