#!/usr/bin/env node
// Starts the bundled command line, `netc.cjs` beside this file, from compiled code where there is some for this Node.
//
// Half of the time of a short command went into compiling us. `scripts/build.mjs` keeps what V8 made of the bundle in
// `netc.cache`; V8 takes it only if version, flags and text are the same, and else compiles as always.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';

// The V8 of Node 20 hands a function to its optimising compiler once it has run for a while. In a process of a quarter of
// a second that costs more than it brings: it took half of the time of `netc check`. What runs fifteen times longer is
// optimised still. Later versions have a cheaper compiler in between, and no such flag.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000');

const bundle = fileURLToPath(new URL('./netc.cjs', import.meta.url));
const cache = fileURLToPath(new URL('./netc.cache', import.meta.url));

function compiledBefore() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

const script = new vm.Script(
  `(function (require, module, __filename, importUrl) {${readFileSync(bundle, 'utf8')}\n})`,
  {
    filename: bundle,
    cachedData: compiledBefore(),
  },
);
const module = { exports: {} };
script.runInThisContext()(createRequire(bundle), module, bundle, (url) => import(url));
await module.exports.finished;

// For scripts/build.mjs: keeps what this run has compiled.
if (process.env.NETC_CODE_CACHE === 'write') writeFileSync(cache, script.createCachedData());

// Nothing is left to do, but V8 would tidy up for a while. Output that is still on its way goes first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
