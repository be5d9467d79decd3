// Bundles the command line and the runtime into dist/, so that a start loads a few files and no package is searched for.
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** Loaded from node_modules when a command needs them: native code, or large and rarely used. */
const external = ['onnx-proto', 'onnxruntime-node', 'prettier', 'prettier/*', 'sharp', '@tensorflow/*'];

/** What the tfjs target copies beside the programs it writes. */
const assets = [
  'src/compiler/lower/tfjs/assets/safetensors.mjs',
  'src/compiler/lower/tfjs/assets/wasm-kernels.mjs',
  'src/compiler/random/generator.mjs',
];

/** string-width builds tables of all emoji before it measures anything: 20 ms of every start. */
const narrowWidth = {
  name: 'narrow-width',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^string-width$/ }, () => ({ path: join(root, 'cli/string-width.ts') })),
};

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  external,
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
};

await rm(dist, { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: { netc: 'cli/bin.ts' },
    banner: { js: '#!/usr/bin/env node' },
    splitting: true,
    chunkNames: '[name]-[hash]',
    // Names stay readable in the stack of a bug report; white space and syntax cost time to load.
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: false,
    plugins: [narrowWidth],
  }),
  build({ ...common, entryPoints: { runtime: 'src/runtime/index.ts', prettier: 'src/fmt/plugin.ts' } }),
]);
await mkdir(join(dist, 'assets'), { recursive: true });
for (const asset of assets) await cp(join(root, asset), join(dist, 'assets', asset.split('/').pop()));
