// Bundles the command line, the runtime and the prettier plugin into dist/, so that a start reads a few files and searches
// for no package.
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Made under another name and then put in place whole: whoever runs dist/ meanwhile finds the old one or the new. */
const place = join(root, 'dist');
const dist = join(root, `dist-${process.pid}.tmp`);

/** Loaded from node_modules when a command needs them: native code, or large and rarely used. */
const external = [
  '@dagrejs/*',
  'onnx-proto',
  'onnxruntime-node',
  'prettier',
  'prettier/*',
  'sharp',
  'vscode-languageserver',
  'vscode-languageserver/*',
  'vscode-languageserver-textdocument',
  '@tensorflow/*',
];

/** What targets copy beside the programs they write: modules, and folders of modules. */
const assets = [
  'src/compiler/lower/tfjs/assets/safetensors.mjs',
  'src/compiler/lower/tfjs/assets/wasm-kernels',
  'src/compiler/lower/tfjs/assets/wasm-kernels.mjs',
  'src/compiler/random/generator.mjs',
  'src/runtime/training/batch-tensors.mjs',
  'src/runtime/training/graph-runner.mjs',
  'src/runtime/training/into-arrays.mjs',
  'src/runtime/training/no-telemetry.mjs',
  'src/runtime/training/step-trainer.mjs',
];

/** Asked for by the licence of what the page of `netc graph` carries. */
const layoutLicence = await readFile(join(root, 'node_modules/@dagrejs/dagre/LICENSE'), 'utf8');

/** Scripts cannot import; what starts them, cli/start.ts, does it for them. */
const importByLoader = {
  name: 'import-by-loader',
  setup: ({ onLoad }) =>
    onLoad({ filter: /verify.import-url\.ts$/ }, () => ({
      contents: 'const byLoader = importUrl; export { byLoader as importUrl };',
    })),
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  external,
  outdir: dist,
  logLevel: 'warning',
};

/** What cli/start.ts starts, and command lines that leave behind it what V8 should keep compiled. */
const scripts = [
  { name: 'command-line', entry: 'cli/bin.ts', usual: ['check', 'models/mair.net', '--json'] },
  { name: 'check', entry: 'cli/check-bin.ts', usual: ['check', 'models/mair.net'] },
];

await Promise.all([
  build({
    ...common,
    format: 'cjs',
    entryPoints: { netc: 'cli/start.ts' },
    outExtension: { '.js': '.cjs' },
    banner: { js: '#!/usr/bin/env node' },
  }),
  // Each on its own: what one of them imports late, the others need not.
  ...scripts.map(({ name, entry }) =>
    build({
      ...common,
      // Scripts, since V8 keeps compiled code of scripts; modules in them run when they are first imported.
      format: 'cjs',
      entryPoints: { [name]: entry },
      define: { 'import.meta.url': 'bundleUrl' },
      banner: {
        js: `(function (require, __filename, importUrl) {
        const module = { exports: {} };
        const bundleUrl = require('node:url').pathToFileURL(__filename).href;`,
      },
      footer: { js: 'return module.exports.finished; })' },
      // string-width builds tables of all emoji before it measures anything: 20 ms of every start.
      alias: { 'string-width': './cli/string-width.ts' },
      // Packages are required, which scripts can do.
      supported: { 'dynamic-import': false },
      plugins: [importByLoader],
      // Names stay readable in the stack of a bug report; white space and syntax cost time to load.
      minifyWhitespace: true,
      minifySyntax: true,
    }),
  ),
  build({
    ...common,
    format: 'esm',
    entryPoints: {
      runtime: 'src/runtime/index.ts',
      prettier: 'src/fmt/plugin.ts',
      'lay-out-worker': 'cli/lay-out-worker.ts',
      'runner-process': 'src/runtime/training/runner-process.mjs',
      'life-line': 'src/runtime/training/life-line.mjs',
    },
    outExtension: { '.js': '.mjs' },
  }),
  build({
    ...common,
    entryPoints: { 'assets/graph-page': 'cli/graph/page.mjs' },
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    external: [],
    minify: true,
    banner: { js: `/*! Layout: dagre.\n${layoutLicence.trim()}\n*/` },
  }),
]);
await mkdir(join(dist, 'assets'), { recursive: true });
for (const asset of assets) {
  await cp(join(root, asset), join(dist, 'assets', asset.split('/').pop()), { recursive: true });
}

await cp(join(root, 'cli/init'), join(dist, 'assets/init'), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});

const bin = join(dist, 'netc.cjs');
await chmod(bin, 0o755);
for (const { name, usual } of scripts) {
  if (/[^\0-\x7f]/.test(await readFile(join(dist, `${name}.js`), 'latin1'))) {
    throw new Error(`${name}.js is not ASCII, as cli/start.ts reads it: write \\u in regular expressions`);
  }
  const { status, stderr } = spawnSync(process.execPath, [bin, ...usual], {
    cwd: root,
    env: { ...process.env, NETC_CODE_CACHE: 'write' },
    encoding: 'utf8',
  });
  // 1 says that the model has a mistake in it, which may be somebody's who is at work on it: `npx` builds anew then. A script that
  // did not come to its end has left nothing.
  const left = (await readdir(dist)).some((file) => file.startsWith(`${name}-`) && file.endsWith('.cache'));
  if ((status !== 0 && status !== 1) || !left) throw new Error(`netc ${usual.join(' ')} failed:\n${stderr}`);
}
await rm(place, { recursive: true, force: true });
await rename(dist, place);
