import { basename, extname } from 'node:path';

/** What the mask of an image is called, in the folder of each label. */
export function maskName(image: string): string {
  return `${basename(image, extname(image))}.png`;
}
