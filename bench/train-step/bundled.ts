import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * The path of a script made of a TypeScript file and all of ours that it imports, as `dist/` is made: what loads TypeScript holds
 * tens of megabytes, which nobody has who uses netc. It finds the files of `dist/` where it would lie itself.
 */
export async function bundled(root: string, entry: string): Promise<string> {
  // Beside the packages that it imports.
  const folder = join(root, 'node_modules', '.cache', 'netc-bench');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, 'train-step.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'dist', 'netc.cjs'))) },
    outfile,
    logLevel: 'warning',
  });
  return outfile;
}
