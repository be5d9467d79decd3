import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeMask, readMasks } from '../../src/runtime/masks.ts';
import { fitMask } from '../../src/runtime/prepare-mask.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { dataFingerprint } from '../../src/runtime/training/configuration.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { userErrorOf } from './user-error.ts';

const root = await temporaryFolder();

/** Writes gray values, one a pixel. */
async function writeGray(path: string, values: readonly number[], width = 2): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const raw = { width, height: values.length / width, channels: 1 as const };
  await sharp(Buffer.from(values), { raw }).toColourspace('b-w').png().toFile(path);
}

interface Data {
  readonly folder: string;
  readonly samples: readonly Sample[];
}

/** Three images with masks of lungs and of a heart. */
async function data(name: string): Promise<Data> {
  const folder = join(root, name);
  const samples: Sample[] = [];
  for (let i = 0; i < 3; i++) {
    const path = join(folder, 'images', `${i}.png`);
    await writeGray(path, [9, 9, 9, 9]);
    await writeGray(join(folder, 'masks', 'lungs', `${i}.png`), [255, 0, 0, i === 1 ? 255 : 0]);
    await writeGray(join(folder, 'masks', 'heart', `${i}.png`), [0, 0, 0, 0]);
    const none = new Float32Array();
    samples.push({ name: `${i}.png`, path, patient: `${i}`, labels: none, known: none });
  }
  return { folder, samples };
}

describe('readMasks', () => {
  it('gives each image its masks in the order of the classes, and tells other masks apart', async () => {
    const { folder, samples } = await data('whole');
    const progress: string[] = [];
    const masked = await readMasks(folder, ['lungs', 'heart'], samples, {
      onProgress: (done, all) => progress.push(`${done}/${all}`),
    });
    expect(masked.map(({ masks }) => masks?.paths)).toEqual(
      [0, 1, 2].map((i) => ['lungs', 'heart'].map((organ) => join(folder, 'masks', organ, `${i}.png`))),
    );
    expect(progress).toEqual(['1/3', '2/3', '3/3']);
    const digests = masked.map(({ masks }) => masks?.sha256);
    expect(digests[0]).toBe(digests[2]);
    expect(digests[0]).not.toBe(digests[1]);

    await writeGray(join(folder, 'masks', 'heart', '2.png'), [0, 255, 0, 0]);
    const changed = await readMasks(folder, ['lungs', 'heart'], samples);
    expect(dataFingerprint([changed])).not.toBe(dataFingerprint([masked]));
  });

  it('takes the mask of a JPEG from a PNG of its name', async () => {
    const { folder, samples } = await data('jpeg');
    const [first] = samples;
    if (first === undefined) throw new Error('no samples');
    const path = join(folder, 'images', '0.jpeg');
    await sharp({ create: { width: 2, height: 2, channels: 3, background: 'gray' } })
      .jpeg()
      .toFile(path);
    const [masked] = await readMasks(folder, ['lungs'], [{ ...first, name: '0.jpeg', path }]);
    expect(masked?.masks?.paths).toEqual([join(folder, 'masks', 'lungs', '0.png')]);
  });

  it('names the folder that is missing, those that are there, and the one that is near', async () => {
    const { folder, samples } = await data('misnamed');
    const near = await userErrorOf('R2012', readMasks(folder, ['Lung'], samples));
    expect(near.place).toBe(join(folder, 'masks', 'Lung'));
    expect(near.message).toContain('heart, lungs');
    expect(near.remedy).toBe('Did you mean "lungs"?');
    const none = await userErrorOf('R2012', readMasks(join(root, 'nowhere'), ['lungs'], samples));
    expect(none.remedy).toContain('masks/lungs');
  });

  it('counts and names the masks that are missing', async () => {
    const { folder, samples } = await data('incomplete');
    const more = [7, 8].map((i) => ({ ...(samples[0] as Sample), name: `${i}.png` }));
    const error = await userErrorOf('R2012', readMasks(folder, ['lungs'], [...samples, ...more]));
    expect(error.place).toBe(join(folder, 'masks', 'lungs'));
    expect(error.message).toContain('2 of the 5 images have no mask here: 7.png, 8.png');
  });

  it.each([
    ['of another size', [255, 0, 0, 0, 0, 0], 3, '3 x 2 pixels and its image 1.png has 2 x 2'],
    ['with numbers of classes', [0, 1, 2, 0], 2, 'No pixel of the mask is brighter than 2'],
  ])('refuses a mask %s', async (_title, values, width, message) => {
    const { folder, samples } = await data(`wrong-${width}`);
    const path = join(folder, 'masks', 'lungs', '1.png');
    await writeGray(path, values, width);
    const error = await userErrorOf('R2013', readMasks(folder, ['lungs'], samples));
    expect(error.place).toBe(path);
    expect(error.message).toContain(message);
  });

  /** A square of 4 x 4 in an image of 8 x 8: what it is inside, outside, and along its border of 1. */
  const square = <T>(inside: T, outside: T, border: T): readonly T[] =>
    Array.from({ length: 64 }, (_, at) => {
      const distance = Math.max(Math.abs((at % 8) - 3.5), Math.abs(Math.floor(at / 8) - 3.5));
      return distance < 2 ? inside : distance < 3 ? border : outside;
    });

  /** Reads one mask of one image of 8 x 8. */
  async function readSquare(
    name: string,
    pixels: readonly (readonly number[])[],
    write = (image: Sharp) => image.png(),
  ): Promise<readonly Sample[]> {
    const { folder, samples } = await data(name);
    const [first] = samples;
    if (first === undefined) throw new Error('no samples');
    await writeGray(first.path, new Array<number>(64).fill(9), 8);
    const channels = pixels[0]?.length as 1 | 2 | 3 | 4;
    const image = sharp(Buffer.from(pixels.flat()), { raw: { width: 8, height: 8, channels } });
    await write(channels === 1 ? image.toColourspace('b-w') : image).toFile(
      join(folder, 'masks', 'lungs', '0.png'),
    );
    return readMasks(folder, ['lungs'], [first]);
  }

  const gray = (values: readonly number[]): readonly (readonly number[])[] => values.map((value) => [value]);

  it.each([
    ['numbers of classes with a border of 255', gray(square(15, 0, 255)), 'areas of 15, which'],
    ['an inside that is not 255', gray(square(200, 0, 90)), 'areas of 200, which'],
    [
      'colours of classes',
      square<readonly number[]>([128, 0, 0], [0, 0, 0], [224, 224, 192]),
      'areas of (128, 0, 0), which',
    ],
    [
      'a shape in the alpha channel of black',
      square<readonly number[]>([0, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 128]),
      'The alpha channel of the mask has another shape',
    ],
    [
      'a hole in the alpha channel',
      square<readonly number[]>([255, 0], [0, 255], [255, 255]),
      'The alpha channel of the mask has another shape',
    ],
    [
      'a shape in the alpha channel of white',
      square<readonly number[]>([255, 255], [255, 0], [255, 128]),
      'The alpha channel of the mask has another shape',
    ],
  ])('refuses %s', async (name, pixels, message) => {
    const error = await userErrorOf('R2013', readSquare(name, pixels));
    expect(error.message).toContain(message);
    expect(error.place).toContain(join('masks', 'lungs', '0.png'));
    expect(error.remedy).toContain('0 outside and 255 inside');
  });

  it('refuses numbers of classes that a palette gives colours', async () => {
    const colours = square<readonly number[]>([192, 128, 128], [0, 0, 0], [224, 224, 192]);
    const write = (image: Sharp) => image.png({ palette: true, dither: 0 });
    const error = await userErrorOf('R2013', readSquare('palette', colours, write));
    expect(error.message).toContain('areas of (192, 128, 128), which');
  });

  it('names the first of many grays', async () => {
    const stripes = Array.from({ length: 64 }, (_, at) => (at < 8 ? 255 : 0));
    const { folder, samples } = await data('grays');
    const [first] = samples;
    if (first === undefined) throw new Error('no samples');
    const bands = Array.from({ length: 7 }, (_, band) => new Array<number>(24).fill(10 * (band + 1))).flat();
    await writeGray(first.path, new Array<number>(64 + bands.length).fill(9), 8);
    await writeGray(join(folder, 'masks', 'lungs', '0.png'), [...stripes, ...bands], 8);
    const error = await userErrorOf('R2013', readMasks(folder, ['lungs'], [first]));
    expect(error.message).toContain('areas of 10, 20, 30, 40, 50 and 2 more, which');
  });

  it.each([
    ['grays along the border', gray(square(255, 0, 90))],
    [
      'an alpha channel that is opaque',
      square<readonly number[]>([255, 255, 255, 255], [0, 0, 0, 255], [0, 0, 0, 255]),
    ],
    ['an alpha channel of the same shape', square<readonly number[]>([255, 255], [0, 0], [200, 200])],
    ['one that is narrower along the border', square<readonly number[]>([255, 255], [0, 0], [255, 100])],
  ])('takes %s', async (name, pixels) => {
    expect(await readSquare(name, pixels)).toHaveLength(1);
  });

  it('refuses a mask that is damaged, with what helps with masks', async () => {
    const { folder, samples } = await data('damaged');
    const path = join(folder, 'masks', 'lungs', '1.png');
    await writeFile(path, 'not an image');
    const error = await userErrorOf('R2009', readMasks(folder, ['lungs'], samples));
    expect(error).toMatchObject({
      place: path,
      remedy: expect.stringContaining('Make the mask again') as string,
    });
  });

  it('reads masks of 1, 8 and 16 bits, and of colour, alike', async () => {
    const { folder, samples } = await data('depths');
    const [first] = samples;
    if (first === undefined) throw new Error('no samples');
    const path = join(folder, 'masks', 'lungs', '0.png');
    const raw = { width: 2, height: 2, channels: 1 as const };
    const eight = () => sharp(Buffer.from([255, 0, 0, 0]), { raw });
    const spec = { channels: 1, width: 2, height: 2, mean: [0], std: [1], layout: 'chw' } as const;
    for (const image of [
      eight().toColourspace('b-w').png(),
      eight().png({ palette: true, colours: 2 }),
      eight().toColourspace('srgb').png(),
      sharp(Uint16Array.of(65535, 0, 0, 0), { raw })
        .toColourspace('grey16')
        .png(),
    ]) {
      await image.toFile(path);
      expect(await readMasks(folder, ['lungs'], [first])).toHaveLength(1);
      expect([...fitMask(await decodeMask(path), spec).data]).toEqual([1, 0, 0, 0]);
    }
  });

  it('ends with the reason of its signal', async () => {
    const { folder, samples } = await data('stopped');
    const reason = new Error('enough');
    const read = readMasks(folder, ['lungs'], samples, { signal: AbortSignal.abort(reason) });
    await expect(read).rejects.toBe(reason);
  });
});
