import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TargetFile } from '../../src/compiler/lower/tfjs/lower-tfjs.ts';

/** Writes the files of a target into a folder, and makes the folders that they lie in. */
export async function writeTargetFiles(folder: string, files: readonly TargetFile[]): Promise<void> {
  for (const { path, text } of files) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, text);
  }
}
