import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Augmentation } from '../../src/runtime/augmentation.ts';
import { batches, batchRanges } from '../../src/runtime/batches.ts';
import type { Batch, BatchOptions } from '../../src/runtime/batches.ts';
import { ImageCache } from '../../src/runtime/image-cache.ts';
import type { PixelSpec } from '../../src/runtime/prepare.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { userErrorOf } from './user-error.ts';

const folder = await temporaryFolder();
const pixels: PixelSpec = { channels: 1, height: 2, width: 2, mean: [0], std: [1], layout: 'hwc' };

/** Sample i is an image of the gray i with the labels [i, -i]. */
const samples: readonly Sample[] = Array.from({ length: 17 }, (_, i) => ({
  name: `${i}.png`,
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

  it('begins inside an epoch without reading what is before', async () => {
    const options = { size: 4, pixels, shuffle: { seed: 1, epoch: 2 } };
    const whole = await all(samples, options);
    const unreadable = new Set(whole.slice(0, 2).flatMap((batch) => batch.samples));
    const rest = samples.map((sample) =>
      unreadable.has(sample) ? { ...sample, path: join(folder, 'none.png') } : sample,
    );
    expect(await all(rest, { ...options, from: 2 })).toEqual(whole.slice(2));
    expect(await all(samples, { ...options, from: whole.length })).toEqual([]);
    for (const from of [-1, 0.5, whole.length + 1])
      await expect(all(samples, { ...options, from })).rejects.toThrow(RangeError);
  });

  it('throws the reason of its signal, also while it reads', async () => {
    const reason = new Error('enough');
    const before = all(samples, { size: 2, pixels, signal: AbortSignal.abort(reason) });
    await expect(before).rejects.toBe(reason);
    const controller = new AbortController();
    const seen: number[] = [];
    const run = async () => {
      for await (const batch of batches(samples, { size: 2, pixels, signal: controller.signal })) {
        seen.push(batch.index);
        if (batch.index === 1) setImmediate(() => controller.abort(reason));
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(seen.slice(0, 2)).toEqual([0, 1]);
    expect(seen.length).toBeLessThan(8);
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

describe('augmented and cached batches', () => {
  const by: Augmentation = { flip: true, shift: 0.1, scale: [0.9, 1.2] };
  const spec: PixelSpec = {
    channels: 3,
    height: 12,
    width: 9,
    mean: [0, 0.5, 1],
    std: [1, 2, 3],
    layout: 'chw',
  };
  const pictures: readonly Sample[] = samples.map((sample, i) => ({
    ...sample,
    name: `picture-${i}.png`,
    path: join(folder, `picture-${i}.png`),
  }));

  beforeAll(async () => {
    for (const [i, { path }] of pictures.entries()) {
      const channels = i % 3 === 0 ? 3 : 1;
      const [width, height] = [20 + i, 30 - i];
      const noise = Uint8Array.from(
        { length: width * height * channels },
        (_, at) => (Math.imul(at + 31 * i + 1, 2654435761) >>> 11) & 255,
      );
      const image = sharp(noise, { raw: { width, height, channels } });
      await (channels === 1 ? image.toColourspace('b-w') : image).png().toFile(path);
    }
  });

  /** The pixels of each picture by name: what must not depend on anything but seed, epoch and name. */
  const byName = async (chosen: readonly Sample[], options: Partial<BatchOptions>) => {
    const list = await all(chosen, { size: 5, pixels: spec, ...options });
    const length = 3 * 12 * 9;
    return new Map(
      list.flatMap((batch) =>
        batch.samples.map(({ name }, i) => [name, batch.images.slice(i * length, (i + 1) * length)] as const),
      ),
    );
  };

  it('vary with seed and epoch', async () => {
    const plain = await byName(pictures, {});
    const first = await byName(pictures, { augment: { seed: 1, epoch: 0, by } });
    const second = await byName(pictures, { augment: { seed: 1, epoch: 1, by } });
    const other = await byName(pictures, { augment: { seed: 2, epoch: 0, by } });
    for (const { name } of pictures) {
      const variants = [plain, first, second, other].map((list) => String(list.get(name)));
      expect(new Set(variants).size).toBe(4);
    }
  });

  it('do not depend on order, subset, batch size, or how far is read ahead', async () => {
    const augment = { seed: 1, epoch: 3, by };
    const plain = await byName(pictures, { augment });
    for (const options of [
      { ahead: 0 },
      { ahead: 9, size: 2 },
      { shuffle: { seed: 8, epoch: 3 } },
      { size: 17 },
    ]) {
      expect(new Map([...(await byName(pictures, { augment, ...options }))].sort())).toEqual(
        new Map([...plain].sort()),
      );
    }
    const part = await byName(pictures.slice(4, 9), { augment });
    for (const [name, values] of part) expect(values).toEqual(plain.get(name));
  });

  it.each([
    ['none', undefined],
    ['a flip', { flip: true, shift: 0, scale: [1, 1] } as const],
    ['all of it', by],
  ])('are bitwise the same with a cache, large, small or empty; augmentation: %s', async (_title, chosen) => {
    const epochs = async (cache?: ImageCache) => {
      const results: unknown[] = [];
      for (let epoch = 0; epoch < 3; epoch++) {
        const augment = chosen && { seed: 1, epoch, by: chosen };
        results.push(
          await byName(pictures, {
            ...(augment === undefined ? {} : { augment }),
            ...(cache === undefined ? {} : { cache }),
          }),
        );
      }
      return results;
    };
    const uncached = await epochs();
    for (const budget of [0, 1500, 2 ** 20]) {
      const cache = new ImageCache(budget);
      expect(await epochs(cache)).toEqual(uncached);
      expect(cache.bytes).toBeLessThanOrEqual(budget);
      expect(cache.bytes > 0).toBe(budget > 0);
    }
  });

  it('read an image that is kept no more than once', async () => {
    const path = join(folder, 'once.png');
    await sharp(Buffer.alloc(4, 9), { raw: { width: 2, height: 2, channels: 1 } }).toFile(path);
    const [sample] = samples;
    if (sample === undefined) throw new Error('no samples');
    const cache = new ImageCache(100);
    const once = [{ ...sample, path }];
    const first = await all(once, { size: 1, pixels, cache });
    await rm(path);
    expect(await all(once, { size: 1, pixels, cache })).toEqual(first);
  });

  it('refuse what is no augmentation', async () => {
    for (const wrong of [
      { shift: -0.1 },
      { shift: NaN },
      { scale: [0, 1] as const },
      { scale: [2, 1] as const },
    ]) {
      const augment = { seed: 1, epoch: 0, by: { ...by, ...wrong } };
      await expect(all(samples, { size: 1, pixels, augment })).rejects.toThrow(RangeError);
    }
  });
});
