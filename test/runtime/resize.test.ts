import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/runtime/images.ts';
import type { Image } from '../../src/runtime/images.ts';
import { resizeImage, resizeWeights, wholeImage } from '../../src/runtime/resize.ts';
import type { ResizeWeights, Window } from '../../src/runtime/resize.ts';
import { chestXrayFolder, chestXrayMissing } from './data-folder.ts';
import { pillowMissing, pillowPixels } from './pillow.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();

/** The matrix [outSize, inSize] that the weights stand for. */
function dense(inSize: number, outSize: number): number[][] {
  const { taps, starts, counts, weights } = resizeWeights(inSize, outSize);
  return Array.from({ length: outSize }, (_, i) => {
    const row = new Array<number>(inSize).fill(0);
    for (let t = 0; t < (counts[i] ?? 0); t++)
      row[(starts[i] ?? 0) + t] = weights[i * taps + t] ?? Number.NaN;
    return row;
  });
}

describe('resizeWeights', () => {
  it('halves with the triangle 1 3 3 1, cut at the edges', () => {
    const [first, second, last] = dense(6, 3);
    expect(first).toEqual([3 / 7, 3 / 7, 1 / 7, 0, 0, 0]);
    expect(second).toEqual([0, 1 / 8, 3 / 8, 3 / 8, 1 / 8, 0]);
    expect(last).toEqual([0, 0, 0, 1 / 7, 3 / 7, 3 / 7]);
  });

  it('doubles with quarters between half-pixel centres', () => {
    expect(dense(2, 4)).toEqual([
      [1, 0],
      [0.75, 0.25],
      [0.25, 0.75],
      [0, 1],
    ]);
  });

  it('are the identity where the size stays', () => {
    expect(dense(3, 3)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  it('sum to 1, are symmetric, and stay inside the input, for any sizes', () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(size, size, (inSize, outSize) => {
        const { taps, starts, counts } = resizeWeights(inSize, outSize);
        starts.forEach((start, i) => {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(counts[i]).toBeGreaterThan(0);
          expect(counts[i]).toBeLessThanOrEqual(taps);
          expect(start + (counts[i] ?? 0)).toBeLessThanOrEqual(inSize);
        });
        const rows = dense(inSize, outSize);
        for (const [i, row] of rows.entries()) {
          expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
          const mirrored = rows[outSize - 1 - i]?.toReversed() ?? [];
          for (const [j, weight] of row.entries()) expect(weight).toBeCloseTo(mirrored[j] ?? Number.NaN, 10);
        }
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

/** What `resizeImage` gives, by its definition: columns, then rows, each a sum of taps that is rounded to float32. */
function plainly({ width, height, channels, data }: Image, outW: number, outH: number, window: Window) {
  const pass = (
    from: ArrayLike<number>,
    lines: number,
    weights: ResizeWeights,
    step: number,
    stride: number,
  ) => {
    const { taps, starts, counts } = weights;
    const length = counts.length;
    const sums = new Float32Array(lines * length * step);
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        for (let c = 0; c < step; c++) {
          let sum = 0;
          for (let t = 0; t < (counts[i] ?? 0); t++) {
            const at = line * stride * step + ((starts[i] ?? 0) + t) * step + c;
            sum += (weights.weights[i * taps + t] ?? NaN) * (from[at] ?? NaN);
          }
          sums[(line * length + i) * step + c] = sum;
        }
      }
    }
    return sums;
  };
  const rowLength = width * channels;
  const columns = resizeWeights(height, outH, window.top * height, window.bottom * height);
  const rows = resizeWeights(width, outW, window.left * width, window.right * width);
  return pass(pass(data, 1, columns, rowLength, height), outH, rows, channels, width);
}

describe('resizeImage', () => {
  it('keeps channels apart and goes along the right axes', () => {
    // Channel c of pixel (y, x) is 10 y + x + 100 c: a linear image stays linear away from the edges.
    const image: Image = {
      width: 8,
      height: 12,
      channels: 3,
      data: Float32Array.from({ length: 8 * 12 * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return 10 * Math.floor(pixel / 8) + (pixel % 8) + 100 * (i % 3);
      }),
    };
    const small = resizeImage(image, 4, 6);
    expect(small).toMatchObject({ width: 4, height: 6, channels: 3 });
    for (let y = 1; y < 5; y++) {
      for (let x = 1; x < 3; x++) {
        for (let c = 0; c < 3; c++) {
          expect(small.data[(y * 4 + x) * 3 + c]).toBeCloseTo(
            10 * (2 * y + 0.5) + (2 * x + 0.5) + 100 * c,
            3,
          );
        }
      }
    }
  });

  it('sums each pass in float64 in the order of the taps, for any size, whole or in part', () => {
    const size = fc.integer({ min: 1, max: 40 });
    const pixels = fc.constantFrom('bytes', 'floats');
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.constantFrom(1, 3),
        pixels,
        (inW, inH, outW, outH, channels, kind) => {
          const values = Array.from({ length: inW * inH * channels }, (_, i) => (i * 7919) % 256);
          const data =
            kind === 'bytes' ? Uint8Array.from(values) : Float32Array.from(values, (value) => value / 1.7);
          const image: Image = { width: inW, height: inH, channels, data };
          for (const window of [wholeImage, { left: 0.1, top: -0.2, right: 0.8, bottom: 1.1 }])
            expect(Float32Array.from(resizeImage(image, outW, outH, window).data)).toEqual(
              plainly(image, outW, outH, window),
            );
        },
      ),
      { seed: 7, numRuns: 100 },
    );
    const tall: Image = {
      width: 9,
      height: 3000,
      channels: 1,
      data: new Uint8Array(27000).map((_, i) => i * 31),
    };
    expect(resizeImage(tall, 5, 7).data).toEqual(plainly(tall, 5, 7, wholeImage));
  });

  const ramp: Image = {
    width: 6,
    height: 4,
    channels: 1,
    data: Uint8Array.from({ length: 24 }, (_, i) => 100 + (i % 6)),
  };

  it('takes out a window that lies on whole pixels, and leaves what is outside black', () => {
    const moved = resizeImage(ramp, 6, 4, { left: -2 / 6, top: 0, right: 4 / 6, bottom: 1 });
    expect([...moved.data.subarray(0, 6)].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
      0, 0, 100, 101, 102, 103,
    ]);
    const down = resizeImage(ramp, 6, 4, { left: 0, top: 0.5, right: 1, bottom: 1.5 });
    expect([...down.data]).toEqual([...ramp.data.subarray(12), ...new Array<number>(12).fill(0)]);
    const far = resizeImage(ramp, 3, 2, { left: 5, top: 5, right: 6, bottom: 6 });
    expect([...far.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('has numbers for any window, between those of the image or black', () => {
    const edge = fc.double({ min: -2, max: 3, noNaN: true });
    fc.assert(
      fc.property(edge, edge, fc.integer({ min: 1, max: 9 }), (a, b, size) => {
        fc.pre(Math.abs(a - b) > 1e-6);
        const [left, right] = [Math.min(a, b), Math.max(a, b)];
        const { data } = resizeImage(ramp, size, size, { left, right, top: left, bottom: right });
        for (const value of data) expect(value === 0 || (value > 99.999 && value < 105.001)).toBe(true);
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});

/** The largest difference, in gray levels, between this resize and Pillow's. */
async function distanceToPillow(path: string, width: number, height: number, window?: Window) {
  const image = await decodeImage(path);
  const ours = resizeImage(image, width, height, window).data;
  const mode = image.channels === 1 ? 'L' : 'RGB';
  const { left, top, right, bottom } = window ?? wholeImage;
  const box = [left * image.width, top * image.height, right * image.width, bottom * image.height].join(', ');
  const bytes = pillowPixels(
    path,
    `image = image.convert("${mode}").resize((${width}, ${height}), Image.BILINEAR, box=(${box}))`,
  );
  expect(bytes.length).toBe(ours.length);
  return bytes.reduce((most, byte, i) => Math.max(most, Math.abs(byte - (ours[i] ?? Number.NaN))), 0);
}

describe.skipIf(pillowMissing !== undefined)(
  `against Pillow${pillowMissing ? `: ${pillowMissing}` : ''}`,
  () => {
    it.each([
      [64, 64],
      [31, 90],
      [97, 41],
      [200, 13],
      [1, 1],
    ])('noise at %i x %i is within one level', async (width, height) => {
      const path = join(folder, 'noise.png');
      const noise = Uint8Array.from(
        { length: 97 * 83 * 3 },
        (_, i) => (Math.imul(i + 1, 2654435761) >>> 11) & 255,
      );
      await sharp(noise, { raw: { width: 97, height: 83, channels: 3 } })
        .png()
        .toFile(path);
      expect(await distanceToPillow(path, width, height)).toBeLessThanOrEqual(1);
    });

    it.each([
      { left: 0.1, top: 0.05, right: 0.9, bottom: 0.93 },
      { left: 0, top: 0.4, right: 0.2, bottom: 1 },
    ])('a part of noise is within one level of the same box', async (window) => {
      const path = join(folder, 'noise.png');
      const noise = Uint8Array.from(
        { length: 97 * 83 },
        (_, i) => (Math.imul(i + 1, 2654435761) >>> 11) & 255,
      );
      await sharp(noise, { raw: { width: 97, height: 83, channels: 1 } })
        .toColourspace('b-w')
        .png()
        .toFile(path);
      for (const [width, height] of [
        [20, 31],
        [97, 83],
        [150, 9],
      ] as const)
        expect(await distanceToPillow(path, width, height, window)).toBeLessThanOrEqual(1);
    });

    it.skipIf(chestXrayMissing !== undefined)(
      `radiographs as published are within one level${chestXrayMissing ? `: ${chestXrayMissing}` : ''}`,
      async () => {
        const originals = join(chestXrayFolder, 'originals');
        for (const name of await readdir(originals)) {
          expect(await distanceToPillow(join(originals, name), 224, 224)).toBeLessThanOrEqual(1);
        }
      },
    );
  },
);
