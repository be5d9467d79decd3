#!/usr/bin/env node
'use strict';
// Starts the bundled command line, `command-line.js` beside this file, from compiled code where there is some for this Node.
// In CommonJS, because Node would first load its loader of modules.
//
// Half of the time of a short command went into compiling us. `scripts/build.mjs` keeps what V8 made of the bundle in
// `command-line.cache`; V8 takes it only if version, flags and text are the same, and else compiles as always.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

// The V8 of Node 20 hands a function to its optimising compiler once it has run for a while. In a process of a quarter of
// a second that costs more than it brings: it took half of the time of `netc check`. What runs fifteen times longer is
// optimised still. Later versions have a cheaper compiler in between, and no such flag.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000');

const bundle = join(__dirname, 'command-line.js');
const cache = join(__dirname, 'command-line.cache');

function compiledBefore() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

// The text is ASCII (the build sees to it), which is read faster than UTF-8.
const script = new Script(readFileSync(bundle, 'latin1'), { filename: bundle, cachedData: compiledBefore() });
/** @type {(require: NodeJS.Require, filename: string, importUrl: (url: string) => Promise<unknown>) => Promise<unknown>} */
const start = script.runInThisContext();

start(require, bundle, (url) => import(url)).then(() => {
  // For scripts/build.mjs: keeps what this run has compiled.
  if (process.env.NETC_CODE_CACHE === 'write') writeFileSync(cache, script.createCachedData());
  // Nothing is left to do, but V8 would tidy up for a while. Output that is still on its way goes first.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
});
