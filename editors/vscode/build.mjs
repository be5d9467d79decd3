// Bundles the extension into one script, with the licences of the packages that are in it.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ['src/vscode/extension.ts'],
  outfile: 'dist/extension.cjs',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // The Node of the oldest editor that `engines` admits.
  target: 'node22',
  // The editor gives this module to its extensions.
  external: ['vscode'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

// Whatever else were left to be required would be missing where the extension is installed.
const provided = new Set(['vscode', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
const missing = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports.map(({ path }) => path))
  .filter((path) => !provided.has(path));
if (missing.length > 0) throw new Error(`the bundle lacks ${missing.join(', ')}`);

const bundled = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
);
const notices = await Promise.all([...bundled].toSorted().map(notice));
await writeFile(join(here, 'dist/third-party-licenses.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));

async function notice(folder) {
  const { name, version } = JSON.parse(await readFile(join(here, folder, 'package.json'), 'utf8'));
  const file = (await readdir(join(here, folder))).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  if (file === undefined) throw new Error(`${name} is bundled and brings no licence`);
  return `${name} ${version}\n\n${(await readFile(join(here, folder, file), 'utf8')).trim()}\n`;
}
