import { plainCheck } from './plain-check.ts';
import { plainSources } from './plain-sources.ts';
import { processTerminal } from './terminal.ts';

const code = plainCheck(plainSources(process.argv.slice(2)) ?? [], processTerminal());
process.exitCode = code;

/** As in bin.ts, where one has to wait for it. */
export const finished = Promise.resolve(code);
