import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, toGray } from '../../src/runtime/images.ts';
import { chestXrayFolder, chestXrayMissing } from './data-folder.ts';
import { pillowMissing, pillowPixels } from './pillow.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { userErrorOf } from './user-error.ts';

const folder = await temporaryFolder();
const width = 7;
const height = 5;

/** A PNG of `channels` interleaved channels with pseudo-random bytes. */
async function png(name: string, channels: 1 | 2 | 3 | 4): Promise<{ path: string; bytes: Uint8Array }> {
  const bytes = Uint8Array.from(
    { length: width * height * channels },
    (_, i) => (i * 97 + 13 * channels) % 256,
  );
  const path = join(folder, name);
  const image = sharp(bytes, { raw: { width, height, channels } });
  await (channels <= 2 ? image.toColourspace('b-w') : image).png().toFile(path);
  return { path, bytes };
}

/** A PNG of samples of 1 to 16 bits, `colourType` as the format numbers it; by hand, because the library writes few kinds. */
function pngOf({ depth, colourType, isInterlaced, samples, palette, transparent }: PngKind): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([
    0,
    0,
    0,
    width,
    0,
    0,
    0,
    height,
    depth,
    colourType,
    0,
    0,
    Number(isInterlaced),
  ]);
  const channels = samples.length / (width * height);
  const rows: number[] = [];
  for (const [left, top, across, down] of isInterlaced ? adam7 : [[0, 0, 1, 1] as const]) {
    for (let y = top; left < width && y < height; y += down) {
      let bits = '';
      for (let x = left; x < width; x += across)
        for (let c = 0; c < channels; c++)
          bits += (samples[(y * width + x) * channels + c] ?? NaN).toString(2).padStart(depth, '0');
      rows.push(0);
      for (let i = 0; i < bits.length; i += 8) rows.push(parseInt(bits.slice(i, i + 8).padEnd(8, '0'), 2));
    }
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
    ...(transparent === undefined ? [] : [chunk('tRNS', transparent)]),
    chunk('IDAT', deflateSync(Uint8Array.from(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

interface PngKind {
  readonly depth: number;
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly isInterlaced: boolean;
  readonly samples: readonly number[];
  readonly palette?: Uint8Array;
  readonly transparent?: Uint8Array;
}

/** The passes of an interlaced PNG: left, top, across, down. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Reproducible samples of `depth` bits. */
const samplesOf = (count: number, depth: number) =>
  Array.from({ length: count }, (_, i) => (Math.imul(i + depth, 2654435761) >>> 9) % 2 ** depth);

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A TIFF of 2 x 2 pixels of 32 bits, gray; written by hand, because the library writes bytes instead. */
function wideTiff(sampleFormat: number): Buffer {
  const fields = [
    [256, 2],
    [257, 2],
    [258, 32],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, 2],
    [279, 16],
    [339, sampleFormat],
  ] as const;
  const file = Buffer.alloc(8 + 16 + 2 + 12 * fields.length + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(24, 4);
  file.writeUInt16LE(fields.length, 24);
  for (const [i, [tag, value]] of fields.entries()) {
    const at = 26 + 12 * i;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(4, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  return file;
}

const without = (bytes: Uint8Array, alpha: number) => [...bytes].filter((_, i) => (i + 1) % alpha !== 0);

describe('decodeImage', () => {
  it('reads gray', async () => {
    const { path, bytes } = await png('gray.png', 1);
    expect(await decodeImage(path)).toEqual({ width, height, channels: 1, data: Uint8Array.from(bytes) });
  });

  it('reads RGB', async () => {
    const { path, bytes } = await png('rgb.png', 3);
    expect(await decodeImage(path)).toEqual({ width, height, channels: 3, data: Uint8Array.from(bytes) });
  });

  it('drops the alpha of RGBA and of gray, also where it is 0', async () => {
    const rgba = await png('rgba.png', 4);
    expect(await decodeImage(rgba.path)).toMatchObject({
      channels: 3,
      data: Uint8Array.from(without(rgba.bytes, 4)),
    });
    const grayAlpha = await png('gray-alpha.png', 2);
    expect(await decodeImage(grayAlpha.path)).toMatchObject({
      channels: 1,
      data: Uint8Array.from(without(grayAlpha.bytes, 2)),
    });
  });

  it('keeps the precision of 16 bits', async () => {
    const values = Uint16Array.from({ length: width * height }, (_, i) => i * 1927);
    const path = join(folder, 'gray16.png');
    await sharp(values, { raw: { width, height, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(path);
    const image = await decodeImage(path);
    expect(image.channels).toBe(1);
    expect(image.data).toEqual(Float32Array.from(values, (value) => value / 257));
  });

  it('looks palettes up', async () => {
    const path = join(folder, 'palette.png');
    const { bytes } = await png('source.png', 3);
    await sharp(
      bytes.map((byte) => (byte < 128 ? 0 : 255)),
      { raw: { width, height, channels: 3 } },
    )
      .png({ palette: true, colours: 8, dither: 0 })
      .toFile(path);
    const image = await decodeImage(path);
    expect(image.channels).toBe(3);
    expect(image.data).toEqual(Uint8Array.from(bytes, (byte) => (byte < 128 ? 0 : 255)));
  });

  it('keeps the precision of 16 bits in colour, and drops their alpha', async () => {
    const values = Uint16Array.from({ length: width * height * 4 }, (_, i) => (i * 40503) % 65536);
    const path = join(folder, 'rgba16.png');
    await sharp(values, { raw: { width, height, channels: 4 } })
      .toColourspace('rgb16')
      .png()
      .toFile(path);
    expect((await readFile(path))[24]).toBe(16);
    const image = await decodeImage(path);
    expect(image.channels).toBe(3);
    const kept = [...values].filter((_, i) => i % 4 !== 3);
    expect(image.data).toEqual(Float32Array.from(kept, (value) => value / 257));
  });

  it('spreads 16 bits over the whole range, where white is 255', async () => {
    const path = join(folder, 'white16.png');
    await sharp(Uint16Array.of(0, 256, 32768, 65535), { raw: { width: 4, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(path);
    const { data } = await decodeImage(path);
    expect([...data]).toEqual([0, Math.fround(256 / 257), Math.fround(32768 / 257), 255]);
  });

  describe.each([false, true])('PNG, interlaced: %s', (isInterlaced) => {
    let written = 0;
    const decoded = async (kind: Omit<PngKind, 'isInterlaced'>) => {
      // Each a file of its own: the library remembers what it has decoded by its name.
      const path = join(folder, `kind-${isInterlaced}-${written++}.png`);
      await writeFile(path, pngOf({ ...kind, isInterlaced }));
      const image = await decodeImage(path);
      expect([image.width, image.height]).toEqual([width, height]);
      return { channels: image.channels, data: Float32Array.from(image.data) };
    };

    it.each([
      ['gray', 0, [1, 2, 4, 8, 16], 1, 1],
      ['gray and alpha', 4, [8, 16], 2, 1],
      ['RGB', 2, [8, 16], 3, 3],
      ['RGB and alpha', 6, [8, 16], 4, 3],
    ] as const)(
      'of %s has the whole range in any depth',
      async (_name, colourType, depths, given, channels) => {
        for (const depth of depths) {
          const samples = samplesOf(width * height * given, depth);
          const kept = samples.filter((_, i) => i % given < channels);
          const data = Float32Array.from(kept, (sample) => (sample * 255) / (2 ** depth - 1));
          expect(await decoded({ depth, colourType, samples })).toEqual({ channels, data });
          if (colourType !== 0 && colourType !== 2) continue;
          const transparent = Uint8Array.from(
            kept.slice(0, channels).flatMap((sample) => [sample >> 8, sample & 255]),
          );
          expect(await decoded({ depth, colourType, samples, transparent })).toEqual({ channels, data });
        }
      },
    );

    it('of a palette has its colours, whatever is transparent', async () => {
      for (const depth of [1, 2, 4, 8]) {
        const samples = samplesOf(width * height, depth);
        const palette = Uint8Array.from(samplesOf(3 * 2 ** depth, 8));
        const transparent = Uint8Array.from(samplesOf(2 ** depth, 8));
        const data = Float32Array.from(
          samples.flatMap((sample) => [...palette.subarray(3 * sample, 3 * sample + 3)]),
        );
        const kind = { depth, colourType: 3, samples, palette } as const;
        expect(await decoded(kind)).toEqual({ channels: 3, data });
        expect(await decoded({ ...kind, transparent })).toEqual({ channels: 3, data });
      }
    });
  });

  it('reads JPEG, gray and in colour', async () => {
    const flat = (channels: 1 | 3) =>
      sharp(new Uint8Array(64 * channels).fill(90), { raw: { width: 8, height: 8, channels } });
    const [gray, colour] = [join(folder, 'gray.jpg'), join(folder, 'colour.jpeg')];
    await flat(1).toColourspace('b-w').jpeg().toFile(gray);
    await flat(3).jpeg().toFile(colour);
    for (const [path, channels] of [
      [gray, 1],
      [colour, 3],
    ] as const) {
      const image = await decodeImage(path);
      expect([image.width, image.height, image.channels]).toEqual([8, 8, channels]);
      for (const value of image.data) expect(Math.abs(value - 90)).toBeLessThanOrEqual(2);
    }
  });

  it('refuses an image with a flipped bit', async () => {
    const whole = join(folder, 'noise.png');
    const noise = Uint8Array.from({ length: 100 * 100 }, (_, i) => ((i * 2654435761) >>> 13) & 255);
    await sharp(noise, { raw: { width: 100, height: 100, channels: 1 } })
      .png()
      .toFile(whole);
    const bytes = await readFile(whole);
    const path = join(folder, 'flipped.png');
    for (const at of [bytes.length >> 1, bytes.length - 30]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 4;
      await writeFile(path, damaged);
      await userErrorOf('R2009', decodeImage(path));
    }
  });

  it.each([
    ['text', Buffer.from('no image')],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', async (title, bytes) => {
    const path = join(folder, `${title}.png`);
    await writeFile(path, bytes);
    expect((await userErrorOf('R2009', decodeImage(path))).place).toBe(path);
  });

  it('refuses an image that was cut off', async () => {
    const noise = Uint8Array.from({ length: 100 * 100 }, (_, i) => ((i * 2654435761) >>> 13) & 255);
    const whole = join(folder, 'whole.png');
    await sharp(noise, { raw: { width: 100, height: 100, channels: 1 } })
      .png()
      .toFile(whole);
    const path = join(folder, 'part.png');
    const bytes = await readFile(whole);
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
    await userErrorOf('R2009', decodeImage(path));
  });

  it.each([
    ['int', 2],
    ['float', 3],
  ])('refuses values of the type %s, whose white is not known', async (depth, sampleFormat) => {
    const path = join(folder, `${depth}.tiff`);
    await writeFile(path, wideTiff(sampleFormat));
    expect((await userErrorOf('R2009', decodeImage(path))).message).toContain(`type ${depth}`);
  });

  it('refuses a folder, a pipe and a link to itself', async () => {
    const [directory, pipe, link] = [
      join(folder, 'folder.png'),
      join(folder, 'pipe.png'),
      join(folder, 'link.png'),
    ];
    await mkdir(directory);
    execFileSync('mkfifo', [pipe]);
    await symlink(link, link);
    expect((await userErrorOf('R1002', decodeImage(directory))).message).toContain('a folder');
    expect((await userErrorOf('R1002', decodeImage(pipe))).message).toContain('a pipe');
    expect((await userErrorOf('R1002', decodeImage(link))).message).toMatch(
      /^The system reports ELOOP: (?!ELOOP)/,
    );
  });

  it('says on one line what is wrong, each thing once', async () => {
    const path = join(folder, 'header.jpg');
    const whole = await sharp(new Uint8Array(64 * 3), { raw: { width: 8, height: 8, channels: 3 } })
      .jpeg()
      .toBuffer();
    await writeFile(path, whole.subarray(0, whole.indexOf(Buffer.from([0xff, 0xc4])) + 8));
    const { message } = await userErrorOf('R2009', decodeImage(path));
    expect(message).not.toContain('\n');
    const reasons = message.split('; ');
    expect(reasons.length).toBeGreaterThan(1);
    expect(new Set(reasons).size).toBe(reasons.length);
  });

  it('does not say that an error is unknown, when many are met at a time', async () => {
    const noise = Uint8Array.from({ length: 100 * 100 }, (_, i) => ((i * 2654435761) >>> 13) & 255);
    const bytes = await sharp(noise, { raw: { width: 100, height: 100, channels: 1 } })
      .png()
      .toBuffer();
    const decodings = Array.from({ length: 48 }, async (_, i) => {
      const path = join(folder, `part-${i}.png`);
      await writeFile(path, bytes.subarray(0, bytes.length >> 1));
      const { message } = await userErrorOf('R2009', decodeImage(path));
      expect(message).toMatch(/damaged one( \(vipspng: libpng read error\))?\.$/);
    });
    await Promise.all(decodings);
  });

  it('refuses a file that is not there', () => userErrorOf('R1001', decodeImage(join(folder, 'none.png'))));
});

describe('toGray', () => {
  it('weights colours by their luma', () => {
    const data = Float32Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 80, 80, 80);
    const gray = toGray({ width: 4, height: 1, channels: 3, data });
    expect(gray.channels).toBe(1);
    for (const [i, value] of [76.245, 149.685, 29.07, 80].entries())
      expect(gray.data[i]).toBeCloseTo(value, 4);
  });

  it('leaves gray as it is', () => {
    const gray = { width: 1, height: 1, channels: 1, data: Float32Array.of(3) } as const;
    expect(toGray(gray)).toBe(gray);
  });
});

const missing = pillowMissing ?? chestXrayMissing;
describe.skipIf(missing !== undefined)(
  `radiographs as published, against Pillow${missing ? `: ${missing}` : ''}`,
  () => {
    it('are decoded to the same values', async () => {
      const originals = join(chestXrayFolder, 'originals');
      const channels = new Set<number>();
      for (const name of await readdir(originals)) {
        const path = join(originals, name);
        const image = await decodeImage(path);
        channels.add(image.channels);
        const bytes = pillowPixels(path, `image = image.convert("${image.channels === 1 ? 'L' : 'RGB'}")`);
        expect(Buffer.compare(Buffer.from(Uint8Array.from(image.data)), Buffer.from(bytes))).toBe(0);
      }
      expect([...channels].sort()).toEqual([1, 3]);
    });

    it('become the same gray, within the rounding', async () => {
      const path = join(chestXrayFolder, 'originals', '00000773_001.png');
      const gray: ArrayLike<number> = toGray(await decodeImage(path)).data;
      const bytes = pillowPixels(path, 'image = image.convert("L")');
      const worst = bytes.reduce(
        (most, byte, i) => Math.max(most, Math.abs(byte - (gray[i] ?? Number.NaN))),
        0,
      );
      expect(worst).toBeLessThanOrEqual(0.51);
    });
  },
);
