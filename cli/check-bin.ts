import { plainCheck } from './plain-check.ts';
import { plainSources } from './plain-sources.ts';
import { flushed } from './streams.ts';
import { processTerminal } from './terminal.ts';

process.exitCode = plainCheck(plainSources(process.argv.slice(2)) ?? [], processTerminal());

/** As in bin.ts. */
export const finished = flushed();
