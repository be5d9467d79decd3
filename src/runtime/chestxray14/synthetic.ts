import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromSystem } from '../system-errors.ts';
import type { SplitIdentity } from './split-lists.ts';

/** How the README.txt of a folder begins that has this layout and no radiographs in it. */
export const syntheticHeading = 'SYNTHETIC IMAGES.';

/** What images that were computed are called instead of a split of the data set. */
export const syntheticSplit: SplitIdentity = {
  kind: 'synthetic',
  description: 'synthetic images, not radiographs',
};

export async function isSynthetic(folder: string, entries: readonly string[]): Promise<boolean> {
  const name = 'README.txt';
  if (!entries.includes(name)) return false;
  const path = join(folder, name);
  try {
    return (await readFile(path, 'utf8')).startsWith(syntheticHeading);
  } catch (error) {
    throw fromSystem(error, path, 'read');
  }
}
