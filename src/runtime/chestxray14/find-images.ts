import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { fromSystem } from '../system-errors.ts';
import { source } from './publication.ts';

export interface FoundImages {
  /** Paths by file name. Where a name occurs twice, the first folder by name has it. */
  readonly paths: ReadonlyMap<string, string>;
  /** How many files have the name of another one, and are not read. */
  readonly duplicates: number;
}

/**
 * The images below a folder, in the layouts in circulation: in `images`, `images_001`, `images-224` and the like, or in
 * a folder of that kind inside them. A folder that links lead to again, also from inside of itself, is read once.
 * UserError R2007 when there are none.
 */
export async function findImages(folder: string, entries: readonly string[]): Promise<FoundImages> {
  const paths = new Map<string, string>();
  const seen = new Set<string>();
  let duplicates = 0;
  const collect = async (directory: string) => {
    const real = await realpath(directory);
    if (seen.has(real)) return;
    seen.add(real);
    for (const name of (await readdir(directory)).sort()) {
      const path = join(directory, name);
      if (/\.(png|jpe?g)$/i.test(name)) {
        if (paths.has(name)) duplicates++;
        else paths.set(name, path);
      } else if (isImageFolder(name) && (await isFolder(path))) {
        await collect(path);
      }
    }
  };
  for (const name of entries) {
    const path = join(folder, name);
    if (!isImageFolder(name) || !(await isFolder(path))) continue;
    try {
      await collect(path);
    } catch (error) {
      throw fromSystem(error, path, 'read');
    }
  }
  if (paths.size === 0) {
    throw new UserError(
      'R2007',
      'The folder has no images in "images", "images_001", ... or in an "images" inside them.',
      {
        place: folder,
        remedy: `Unpack at least one archive of images (images_001.tar.gz, ...) into this folder, from ${source}.`,
      },
    );
  }
  return { paths, duplicates };
}

/** `images` as published, `images_001` of the archives, `images-224` of a copy with smaller images. */
function isImageFolder(name: string): boolean {
  return /^images([_-]\d+)?$/i.test(name);
}

/** Also through a symbolic link: large data sets are often linked from another disk. */
async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
