import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

// The V8 of Node 20 hands a function to its optimising compiler once it has run for a while. In a process of a quarter of
// a second that costs more than it brings: half of the time of `netc check` went there. What runs fifteen times longer
// is optimised still. Later versions have a cheaper compiler in between, and no such flag.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000');

// Keeps the compiled form of what follows between runs, on Node 22.1 and later. The types are those of Node 20.
const { enableCompileCache } = module as { readonly enableCompileCache?: () => unknown };
enableCompileCache?.();

const { main } = await import('./main.ts');
const { processTerminal } = await import('./terminal.ts');
process.exitCode = await main(process.argv.slice(2), processTerminal());
