import { join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../../src/runtime/errors.ts';
import { imageSize } from '../../src/runtime/images.ts';
import { makeFolder } from '../../src/runtime/make-folder.ts';
import { writeFilesAtomic } from '../../src/runtime/atomic-file.ts';
import { maskFolderOf, maskName } from '../../src/runtime/mask-file.ts';
import { resizeImage } from '../../src/runtime/resize.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import type { LabelMap } from './label-maps.ts';

/**
 * Writes the masks of one image as a data set has them, `FOLDER/LABEL/NAME.png`, as large as the image: the probabilities
 * are brought to its size before they are cut at a half, so that borders are smooth. Returns their paths. UserError R3004
 * where two maps have one label, R2012 where a label is no name of a folder.
 */
export async function writeMasks(
  folder: string,
  image: string,
  maps: readonly LabelMap[],
): Promise<readonly string[]> {
  const twice = maps.find(({ label }, i) => maps.findIndex((other) => other.label === label) !== i);
  if (twice !== undefined) {
    throw new UserError(
      'R3004',
      `Several outputs of the model say where "${twice.label}" is, and a mask has one file.`,
      {
        remedy: 'Give labels to one output only, the probability.',
      },
    );
  }
  const { width, height } = await imageSize(image);
  const files = await Promise.all(
    maps.map(async ({ label, values, ...size }) => {
      const { data } = resizeImage({ ...size, channels: 1, data: values }, width, height);
      const mask = Uint8Array.from(data, (probability) => (probability >= 0.5 ? 255 : 0));
      const path = join(maskFolderOf(folder, label), maskName(image));
      await makeFolder(maskFolderOf(folder, label)).catch((error: unknown) => {
        throw fromSystem(error, path, 'write');
      });
      const png = sharp(mask, { raw: { width, height, channels: 1 } })
        .toColourspace('b-w')
        .png();
      return { path, content: await png.toBuffer() };
    }),
  );
  await writeFilesAtomic(files);
  return files.map(({ path }) => path);
}
