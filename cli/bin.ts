import module from 'node:module';

// Keeps the compiled form of what follows between runs, on Node 22.1 and later: starting costs half of its time in
// compiling us. The types are those of Node 20.
const { enableCompileCache } = module as { readonly enableCompileCache?: () => unknown };
enableCompileCache?.();

const { main } = await import('./main.ts');
const { processTerminal } = await import('./terminal.ts');
process.exitCode = await main(process.argv.slice(2), processTerminal());
