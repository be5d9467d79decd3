import { UserError } from './errors.ts';
import { toGray, type Image } from './images.ts';

/** What a mask is like in its file. */
export interface MaskFile {
  readonly path: string;
  /** As it is decoded, without its alpha channel. */
  readonly image: Image;
  /** The alpha channel, where there is one. */
  readonly alpha: Image | undefined;
}

/**
 * UserError R2013 where a mask has another size than its image, or where brightness, cut at a half, would not be what is
 * meant: numbers or colours of classes, a shape that the alpha channel has, nothing that is bright.
 *
 * Along a border there may be grays, and an alpha channel may be narrower: so masks are that were drawn smoothly or resized.
 * Only where it has an area does either say something else than inside or outside.
 */
export function checkMask(
  { path, image, alpha }: MaskFile,
  { name, width, height }: { readonly name: string; readonly width: number; readonly height: number },
): void {
  const refuse = (message: string, remedy: string): never => {
    throw new UserError('R2013', message, { place: path, remedy });
  };
  if (image.width !== width || image.height !== height) {
    refuse(
      `The mask has ${image.width} x ${image.height} pixels and its image ${name} has ${width} x ${height}.`,
      'Make the mask as large as its image: each of its pixels is one of the image.',
    );
  }
  const mask = toGray(image);
  if (alpha !== undefined && hidesShape(mask, alpha)) {
    refuse(
      'The alpha channel of the mask has another shape than its brightness, which alone is looked at.',
      'Save the mask without an alpha channel: 0 outside and 255 inside.',
    );
  }
  const areas = grayAreas(mask, image);
  if (areas.length > 0) {
    refuse(
      `The mask has areas of ${listed(areas)}, which is neither 0, outside, nor 255, inside.`,
      'Write 0 outside and 255 inside. Numbers or colours of classes become a mask for each class; a border that belongs to none of them, often 255, is 0 in all.',
    );
  }
  let largest = 0;
  for (const value of mask.data) if (value > largest) largest = value;
  if (largest > 0 && largest < 128) {
    refuse(
      `No pixel of the mask is brighter than ${rounded(largest)}, so that it would count as empty.`,
      'Write 0 outside and 255 inside; masks with numbers of classes become a mask for each class.',
    );
  }
}

/** Whether an alpha channel that is not the same everywhere shows what brightness does not. */
function hidesShape(mask: Image, alpha: Image): boolean {
  if (isUniform(alpha)) return false;
  const differs = (at: number): boolean => isBright(mask, at) !== isBright(alpha, at);
  return isUniform(mask) || mask.data.some((_value, at) => isArea(mask, at, differs));
}

function isUniform({ data }: Image): boolean {
  return data.every((value) => value === data[0]);
}

function isBright({ data }: Image, at: number): boolean {
  return (data[at] ?? NaN) >= 127.5;
}

/** The grays that have an area: as numbers, or in an image of colours as red, green and blue. */
function grayAreas(mask: Image, image: Image): readonly string[] {
  const { data } = mask;
  const found = new Map<number, string>();
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? NaN;
    if (value === 0 || value === 255 || found.has(value)) continue;
    if (isArea(mask, at, (other) => data[other] === value)) found.set(value, colourOf(image, at));
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, colour]) => colour);
}

/** Whether something holds of a pixel and of all its neighbours. */
function isArea({ width, height }: Image, at: number, holds: (at: number) => boolean): boolean {
  if (!holds(at)) return false;
  const [x, y] = [at % width, Math.floor(at / width)];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      if (!holds(row * width + column)) return false;
    }
  }
  return true;
}

function colourOf({ channels, data }: Image, at: number): string {
  const colour = Array.from(data.subarray(channels * at, channels * (at + 1)), rounded);
  return colour.every((part) => part === colour[0]) ? String(colour[0]) : `(${colour.join(', ')})`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** The first of many, and how many more there are. */
function listed(names: readonly string[]): string {
  const more = names.length - 5;
  return `${names.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
