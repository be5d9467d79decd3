import { plainCheck } from './plain-check.ts';
import { plainSources } from './plain-sources.ts';
import { processTerminal } from './terminal.ts';

/** Runs the command line of this process, which `plainSources` understands; the promise is for the exit code. */
export const finished = plainCheck(plainSources(process.argv.slice(2)) ?? [], processTerminal()).then(
  (code) => {
    process.exitCode = code;
    return code;
  },
);
