import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkMask } from './check-mask.ts';
import { concurrently } from './concurrently.ts';
import { UserError } from './errors.ts';
import { decodeAlpha, decodeImage, imageSize, toGray } from './images.ts';
import type { Image } from './images.ts';
import { maskFolderOf, maskName } from './mask-file.ts';
import type { Sample } from './sample.ts';
import { nearestName } from './suggest.ts';

export interface MaskOptions {
  /** Masks that are decoded at a time. */
  readonly concurrency?: number;
  readonly onProgress?: (done: number, all: number) => void;
  /** Its reason is thrown before the next image. */
  readonly signal?: AbortSignal;
}

/** The folder of a data set that has a folder of masks for each class. */
const maskFolder = 'masks';

/**
 * Gives each sample its masks: `masks/CLASS/NAME.png` for the image `NAME.png` or `NAME.jpg`, gray, as large as the image,
 * 0 outside and 255 inside. All of them are decoded here, so that none that is missing, damaged, of another size or of
 * other values is met in the midst of a training.
 *
 * UserError R2012 for masks that are missing, R2013 for those that do not fit, R2009 for those that are damaged.
 */
export async function readMasks(
  folder: string,
  classes: readonly string[],
  samples: readonly Sample[],
  { concurrency = 8, onProgress, signal }: MaskOptions = {},
): Promise<readonly Sample[]> {
  const files = await Promise.all(classes.map((name) => maskFiles(folder, name, samples)));
  let done = 0;
  return concurrently(samples, concurrency, async (sample) => {
    signal?.throwIfAborted();
    const paths = files.map((pathOf) => pathOf(sample));
    const hash = createHash('sha256');
    const size = await imageSize(sample.path);
    for (const path of paths) hash.update((await checkedMask(path, sample, size)).data);
    onProgress?.(++done, samples.length);
    return { ...sample, masks: { paths, sha256: hash.digest('hex') } };
  });
}

/** The mask of each image of one class, all of which are there. */
async function maskFiles(
  folder: string,
  name: string,
  samples: readonly Sample[],
): Promise<(sample: Sample) => string> {
  const directory = maskFolderOf(join(folder, maskFolder), name);
  const found = new Set(
    await readdir(directory).catch((cause: unknown) => noFolder(folder, name, directory, cause)),
  );
  const fileOf = (sample: Sample) => maskName(sample.name);
  const missing = samples.map(fileOf).filter((file) => !found.has(file));
  if (missing.length > 0) {
    const first = missing.slice(0, 5).join(', ');
    throw new UserError(
      'R2012',
      `${missing.length} of the ${samples.length} images have no mask here: ${first}${missing.length > 5 ? ', ...' : ''} ${missing.length === 1 ? 'is' : 'are'} missing.`,
      {
        place: directory,
        remedy:
          'Add them, all 0 where an image has nothing of the class, or take these images out of the lists.',
      },
    );
  }
  return (sample) => join(directory, fileOf(sample));
}

async function noFolder(folder: string, name: string, directory: string, cause: unknown): Promise<never> {
  const others = await readdir(join(folder, maskFolder)).catch(() => []);
  const nearest = nearestName(name, others);
  const known = others.length === 0 ? '' : `; ${join(folder, maskFolder)} has ${others.sort().join(', ')}`;
  throw new UserError('R2012', `There is no folder of masks for the label "${name}"${known}.`, {
    place: directory,
    remedy:
      nearest === undefined
        ? `Put a mask for each image into ${maskFolder}/${name} of the data set, or give the model the names of its folders as labels.`
        : `Did you mean "${nearest}"?`,
    cause,
  });
}

/** The mask of an image as it is in its file. UserError R2013 as `checkMask` throws it. */
async function checkedMask(
  path: string,
  { name }: Sample,
  size: { readonly width: number; readonly height: number },
): Promise<Image> {
  const [image, alpha] = await readMask(path, () => Promise.all([decodeImage(path), decodeAlpha(path)]));
  checkMask({ path, image, alpha }, { name, ...size });
  return toGray(image);
}

/** A mask as it is in its file, gray. UserError as `decodeImage` throws it, with what helps with masks. */
export function decodeMask(path: string): Promise<Image> {
  return readMask(path, async () => toGray(await decodeImage(path)));
}

async function readMask<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'R2009') throw error;
    throw new UserError('R2009', error.message, {
      place: path,
      remedy: 'Make the mask again, or take its image out of the lists.',
      cause: error,
    });
  }
}
