import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Augmentation } from '../../src/runtime/augmentation.ts';
import { batches, type BatchOptions } from '../../src/runtime/batches.ts';
import { ImageCache } from '../../src/runtime/image-cache.ts';
import { fitMask, layMasks } from '../../src/runtime/prepare-mask.ts';
import type { PixelSpec } from '../../src/runtime/prepare.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
const spec: PixelSpec = { channels: 1, height: 12, width: 9, mean: [0], std: [1], layout: 'chw' };
const samples: Sample[] = [];

/** Images that are their own masks: a disc, each of another size and at another place; and beside it a rectangle. */
beforeAll(async () => {
  for (let i = 0; i < 6; i++) {
    const [width, height] = [40 + 3 * i, 50 - i];
    const raw = { width, height, channels: 1 as const };
    const draw = async (name: string, isInside: (x: number, y: number) => boolean) => {
      const values = Uint8Array.from({ length: width * height }, (_, at) =>
        isInside(at % width, Math.floor(at / width)) ? 255 : 0,
      );
      await sharp(values, { raw }).toColourspace('b-w').png().toFile(join(folder, name));
      return join(folder, name);
    };
    const disc = await draw(`disc-${i}.png`, (x, y) => Math.hypot(x - 10 - 2 * i, y - 20) < 9 + i);
    const rectangle = await draw(`rectangle-${i}.png`, (x, y) => x > 5 && x < 15 && y > 30 - i);
    const none = new Float32Array();
    const masks = { paths: [disc, rectangle], sha256: '' };
    samples.push({ name: `${i}.png`, path: disc, patient: `${i}`, labels: none, known: none, masks });
  }
});

async function read(options: Partial<BatchOptions>) {
  const parts: { images: number[]; masks: number[] }[] = [];
  for await (const { images, masks = new Float32Array() } of batches(samples, {
    size: 4,
    pixels: spec,
    ...options,
  }))
    parts.push({ images: [...images], masks: [...masks] });
  return { images: parts.flatMap((part) => part.images), masks: parts.flatMap((part) => part.masks) };
}

const augmentations: readonly (readonly [string, Augmentation | undefined])[] = [
  ['none', undefined],
  ['a flip', { flip: true, shift: 0, scale: [1, 1] }],
  ['all of it', { flip: true, shift: 0.2, scale: [0.7, 1.4] }],
];

describe('masks in batches', () => {
  it.each(augmentations)('show what their images show; augmentation: %s', async (_title, by) => {
    const pixels = spec.height * spec.width;
    for (let epoch = 0; epoch < 4; epoch++) {
      const { images, masks } = await read(by === undefined ? {} : { augment: { seed: 3, epoch, by } });
      expect(masks).toHaveLength(2 * images.length);
      images.forEach((value, at) => {
        const [image, pixel] = [Math.floor(at / pixels), at % pixels];
        expect(masks[2 * image * pixels + pixel]).toBe(value >= 0.5 ? 1 : 0);
      });
      expect(masks.filter((value) => value === 1).length).toBeGreaterThan(100);
    }
  });

  it.each(augmentations)('are bitwise the same with a cache; augmentation: %s', async (_title, by) => {
    const cache = new ImageCache(2 ** 20);
    for (let epoch = 0; epoch < 3; epoch++) {
      const augment = by === undefined ? {} : { augment: { seed: 3, epoch, by } };
      expect(await read({ ...augment, cache })).toEqual(await read(augment));
    }
  });

  it('have the order of axes that images have', async () => {
    const { masks } = await read({});
    const innermost = await read({ pixels: { ...spec, layout: 'hwc' } });
    const pixels = spec.height * spec.width;
    masks.forEach((value, at) => {
      const [image, k, pixel] = [Math.floor(at / (2 * pixels)), Math.floor(at / pixels) % 2, at % pixels];
      expect(innermost.masks[(image * pixels + pixel) * 2 + k]).toBe(value);
    });
  });

  it('are left out where samples have none', async () => {
    const plain = samples.map(({ name, path, patient, labels, known }) => ({
      name,
      path,
      patient,
      labels,
      known,
    }));
    for await (const batch of batches(plain, { size: 4, pixels: spec })) expect('masks' in batch).toBe(false);
  });
});

describe('fitMask', () => {
  const tiny: PixelSpec = { ...spec, width: 2, height: 1 };
  const mask = (...data: number[]) => ({
    width: data.length,
    height: 1,
    channels: 1 as const,
    data: Uint8Array.from(data),
  });

  it('is inside where at least half of what is seen is inside', () => {
    // Each of two pixels sees two to its sides with weights 1/8, 3/8, 3/8, 1/8, at the edge 3/7, 3/7, 1/7.
    expect([...fitMask(mask(255, 255, 0, 0), tiny).data]).toEqual([1, 0]);
    expect([...fitMask(mask(0, 255, 0, 0), tiny).data]).toEqual([0, 0]);
    expect([...fitMask(mask(0, 255, 255, 0), tiny).data]).toEqual([1, 1]);
  });

  it('leaves a mask of the size as it is, and is outside beyond the edges', () => {
    expect([...fitMask(mask(255, 0), tiny).data]).toEqual([1, 0]);
    const window = { left: 0.5, right: 1.5, top: 0, bottom: 1 };
    expect([...fitMask(mask(0, 255), tiny, window).data]).toEqual([1, 0]);
  });

  it('is mirrored as it is laid', () => {
    const { data } = mask(1, 0);
    const fitted = { width: 2, height: 1, channels: 1 as const, data };
    expect([...layMasks([fitted], tiny, false)]).toEqual([1, 0]);
    expect([...layMasks([fitted], tiny, true)]).toEqual([0, 1]);
  });
});
