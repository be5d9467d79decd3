import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { UserError } from './errors.ts';
import { fromSystem } from './system-errors.ts';

/** A decoded image: rows from the top, pixels from the left, channels innermost; values from 0 to 255. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1: gray; 3: red, green, blue. */
  readonly channels: 1 | 3;
  /** height * width * channels values: bytes as they are decoded from images of 8 bits, else floats. */
  readonly data: Uint8Array | Float32Array;
}

/**
 * Decodes PNG, JPEG, TIFF, WebP or GIF (its first frame). Images of 8 bits give what Pillow's `convert('L')` or
 * `convert('RGB')` gives: alpha is dropped, not blended; colour profiles and orientation tags are ignored; palettes are
 * looked up; CMYK alone becomes RGB by a colour profile, which Pillow does without. Images of 16 bits keep their precision,
 * scaled by 1/257, where Pillow would clip them at 255.
 *
 * UserError R1001 or R1002 when the file cannot be read, R2009 when it is not an image, a damaged one, or one of floats or
 * of 32 bits, as TIFF can be: nothing says which of their values is white.
 */
export function decodeImage(path: string): Promise<Image> {
  return read(path, async () => {
    const file = sharp(path, { ignoreIcc: true, failOn: 'error', sequentialRead: true });
    const { space, depth, hasAlpha } = await file.metadata();
    if (depth !== 'uchar' && depth !== 'ushort')
      throw new Error(`its values are of the type ${depth}, where 8 or 16 bits without a sign are read`);
    const gray = space === 'b-w' || space === 'grey16';
    const deep = depth === 'ushort';
    const pixels = hasAlpha ? file.removeAlpha() : file;
    const { data, info } = await pixels
      .toColourspace(gray ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb')
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const values = deep ? from16Bits(data) : new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { width: info.width, height: info.height, channels: gray ? 1 : 3, data: values };
  });
}

/** The alpha channel of an image, or undefined where it has none. UserError as `decodeImage` throws it. */
export function decodeAlpha(path: string): Promise<Image | undefined> {
  return read(path, async () => {
    const file = sharp(path, { failOn: 'error' });
    if (!(await file.metadata()).hasAlpha) return undefined;
    const { data, info } = await file
      .extractChannel('alpha')
      .toColourspace('b-w')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 1, data: new Uint8Array(data) };
  });
}

/** The size of an image, by its header alone. UserError as `decodeImage` throws it. */
export async function imageSize(path: string): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height } = await read(path, () => sharp(path).metadata());
  return { width, height };
}

/** Reads of a file by sharp, whose errors do not say what is wrong with the file system. */
async function read<T>(path: string, work: () => Promise<T>): Promise<T> {
  await checkFile(path);
  try {
    return await work();
  } catch (cause) {
    throw new UserError(
      'R2009',
      `The file is not an image that can be read, or a damaged one${reasonOf(cause)}.`,
      {
        place: path,
        remedy:
          'Fetch it again, or take it out of the lists; `netc data inspect FOLDER --check-images` finds all such files.',
        cause,
      },
    );
  }
}

/** A pipe would be waited on for ever. */
async function checkFile(path: string): Promise<void> {
  let found;
  try {
    found = await stat(path);
    await access(path, constants.R_OK);
  } catch (error) {
    throw fromSystem(error, path, 'read');
  }
  if (found.isFile()) return;
  throw new UserError(
    'R1002',
    `This is a ${found.isDirectory() ? 'folder' : 'device, a pipe or a socket'}, not a file.`,
    { place: path, remedy: 'Give the path of a file.' },
  );
}

/**
 * In brackets, on one line, what the library reports on several, some of them many times over. It has one report for all
 * images that it decodes at a time, which another one may have taken: then it says that the error is unknown.
 */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const lines = text.split('\n').map((line) => line.trim());
  const told = new Set(lines.filter((line) => line !== '' && line !== 'Unknown error'));
  return told.size === 0 ? '' : ` (${[...told].join('; ')})`;
}

function from16Bits(bytes: Buffer): Float32Array {
  const values = new Float32Array(bytes.length / 2);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  for (let i = 0; i < values.length; i++) values[i] = view.getUint16(2 * i, littleEndian) / 257;
  return values;
}

/** The luma of ITU-R BT.601, as Pillow's `convert('L')` has it before it rounds. A gray image comes back as it is. */
export function toGray(image: Image): Image {
  if (image.channels === 1) return image;
  const { width, height, data } = image;
  const gray = new Float32Array(width * height);
  for (let i = 0; i < gray.length; i++) {
    const [red = 0, green = 0, blue = 0] = [data[3 * i], data[3 * i + 1], data[3 * i + 2]];
    gray[i] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return { width, height, channels: 1, data: gray };
}
