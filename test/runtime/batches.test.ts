import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { batches, batchRanges } from '../../src/runtime/batches.ts';
import type { Batch, BatchOptions } from '../../src/runtime/batches.ts';
import type { PixelSpec } from '../../src/runtime/prepare.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { userErrorOf } from './user-error.ts';

const folder = await temporaryFolder();
const pixels: PixelSpec = { channels: 1, height: 2, width: 2, mean: [0], std: [1], layout: 'hwc' };

/** Sample i is an image of the gray i with the labels [i, -i]. */
const samples: readonly Sample[] = Array.from({ length: 17 }, (_, i) => ({
  path: join(folder, `${i}.png`),
  patient: `${i}`,
  labels: Float32Array.of(i, -i),
  known: Float32Array.of(1, i % 2),
}));

beforeAll(async () => {
  for (const [i, { path }] of samples.entries()) {
    await sharp({ create: { width: 2, height: 2, channels: 3, background: { r: i, g: i, b: i } } })
      .png()
      .toFile(path);
  }
});

async function all(chosen: readonly Sample[], options: BatchOptions): Promise<Batch[]> {
  const list: Batch[] = [];
  for await (const batch of batches(chosen, options)) list.push(batch);
  return list;
}

const names = (list: readonly Batch[]) =>
  list.flatMap((batch) => batch.samples.map(({ path }) => basename(path, '.png')));

describe('batchRanges', () => {
  it('lets a remainder of 1 join the batch before, and keeps every other', () => {
    const sizes = (count: number, size: number) => batchRanges(count, size).map(([from, to]) => to - from);
    expect(sizes(785, 16)).toEqual([...Array<number>(48).fill(16), 17]);
    expect(sizes(18, 16)).toEqual([16, 2]);
    expect(sizes(1, 16)).toEqual([1]);
    expect(sizes(0, 16)).toEqual([]);
    expect(sizes(3, 1)).toEqual([1, 1, 1]);
  });

  it('covers every sample once, in order', () => {
    fc.assert(
      fc.property(fc.nat({ max: 500 }), fc.integer({ min: 1, max: 40 }), (count, size) => {
        let next = 0;
        for (const [from, to] of batchRanges(count, size)) {
          expect(from).toBe(next);
          expect(to - from).toBeLessThanOrEqual(size + 1);
          if (size > 1 && count > 1) expect(to - from).toBeGreaterThan(1);
          next = to;
        }
        expect(next).toBe(count);
      }),
      { seed: 7 },
    );
  });

  it.each([0, -1, 1.5])('refuses the size %s', (size) => {
    expect(() => batchRanges(10, size)).toThrow(RangeError);
  });
});

describe('batches', () => {
  it('puts images, labels and known side by side', async () => {
    const [first] = await all(samples.slice(3, 5), { size: 2, pixels });
    const gray = [3, 4].flatMap((i) => Array<number>(4).fill(Math.fround(i / 255)));
    expect(first?.size).toBe(2);
    expect([...(first?.images ?? [])].map((value) => Math.round(value * 255))).toEqual(
      gray.map((value) => Math.round(value * 255)),
    );
    expect(first?.labels).toEqual(Float32Array.of(3, -3, 4, -4));
    expect(first?.known).toEqual(Float32Array.of(1, 1, 1, 0));
  });

  it('keeps the order without a shuffle, and gives every sample once with one', async () => {
    const inOrder = samples.map((_, i) => `${i}`);
    expect(names(await all(samples, { size: 4, pixels }))).toEqual(inOrder);
    const mixed = names(await all(samples, { size: 4, pixels, shuffle: { seed: 1, epoch: 0 } }));
    expect(mixed).not.toEqual(inOrder);
    expect(mixed.sort((a, b) => Number(a) - Number(b))).toEqual(inOrder);
  });

  it('shuffles by seed and epoch alone', async () => {
    const order = async (seed: number, epoch: number, ahead: number) =>
      names(await all(samples, { size: 4, pixels, shuffle: { seed, epoch }, ahead }));
    const first = await order(1, 0, 2);
    expect(await order(1, 0, 0)).toEqual(first);
    expect(await order(1, 0, 9)).toEqual(first);
    expect(await order(1, 1, 2)).not.toEqual(first);
    expect(await order(2, 0, 2)).not.toEqual(first);
  });

  it('gives nothing for nothing', async () => {
    expect(await all([], { size: 4, pixels })).toEqual([]);
  });

  it('ends quietly when the caller stops early', async () => {
    for await (const batch of batches(samples, { size: 2, pixels })) {
      expect(batch.size).toBe(2);
      break;
    }
  });

  it('reports a damaged image when its turn comes, after the batches before it', async () => {
    const path = join(folder, 'damaged.png');
    await writeFile(path, 'not an image');
    const damaged = samples.map((sample, i) => (i === 4 ? { ...sample, path } : sample));
    const seen: number[] = [];
    const run = async () => {
      for await (const batch of batches(damaged, { size: 2, pixels, ahead: 3 })) seen.push(batch.size);
    };
    expect((await userErrorOf('R2009', run())).place).toBe(path);
    expect(seen).toEqual([2, 2]);
  });
});
