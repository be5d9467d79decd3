// Starts one of the scripts beside this file from compiled code, where there is some for this Node. In the package it is
// CommonJS, because Node would first load its loader of modules.
//
// Half of the time of a short command went into compiling us. `scripts/build.mjs` keeps what V8 made of each script in a
// `.cache`. V8 takes it only if its flags and the text are the same, and else compiles as always. Its own version it
// compares as well, but Node patches V8 without a new one: Node 20.19 crashed on what 20.20 had compiled. So the name of the
// file says for which Node it is.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { plainSources } from './plain-sources.ts';

// The V8 of Node 20 hands a function to its optimising compiler once it has run for a while. In a process of a quarter of
// a second that costs more than it brings: it took half of the time of `netc check`. What waits for edits waits for those
// threads instead, on a machine with few cores: one answer in twenty of the language server took twice as long for them. What
// runs fifteen times longer is optimised still. The value is one for all, since compiled code is taken only under the
// flags it was made with. Later versions have a cheaper compiler in between, and no such flag. Nor is there garbage
// enough in a short run to wake other threads for.
const isLasting = process.argv[2] === 'lsp' || process.argv.includes('--watch');
if (process.versions.v8.startsWith('11.')) {
  setFlagsFromString('--interrupt-budget=1000000');
  if (!isLasting) setFlagsFromString('--no-parallel-scavenge');
}

/** A check of sources alone has a script of its own: half the text to read, and no yargs to build. */
const name = plainSources(process.argv.slice(2)) === undefined ? 'command-line' : 'check';
const path = join(__dirname, `${name}.js`);
const cache = join(__dirname, `${name}-${process.version}-${process.platform}-${process.arch}.cache`);

/** What a script is: see the banner in scripts/build.mjs. */
type Start = (
  require: NodeJS.Require,
  filename: string,
  importUrl: (url: string) => Promise<unknown>,
) => Promise<unknown>;

// The text is ASCII (the build sees to it), which is read faster than UTF-8.
const script = new Script(readFileSync(path, 'latin1'), { filename: path, cachedData: compiledBefore() });
const start = script.runInThisContext() as Start;

void start(require, path, (url) => import(url)).then(() => {
  // For scripts/build.mjs: keeps what this run has compiled.
  if (process.env['NETC_CODE_CACHE'] === 'write') writeFileSync(cache, script.createCachedData());
  // Nothing is left to do, but V8 would tidy up for a while.
  process.exit();
});

function compiledBefore(): Buffer | undefined {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}
