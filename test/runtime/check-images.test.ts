import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { checkImages } from '../../src/runtime/check-images.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
const noise = Uint8Array.from({ length: 60 * 40 * 3 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 11) & 255);

const sample = (name: string): Sample => ({
  name,
  path: join(folder, name),
  patient: '1',
  labels: Float32Array.of(0),
  known: Float32Array.of(1),
});

it('lists what cannot be decoded, each with its reason, and counts the kinds of the others', async () => {
  await sharp(noise, { raw: { width: 60, height: 40, channels: 3 } })
    .png()
    .toFile(join(folder, 'colour.png'));
  const gray = sharp(noise, { raw: { width: 60, height: 120, channels: 1 } }).toColourspace('b-w');
  for (const name of ['a.png', 'b.jpg']) await gray.clone().toFile(join(folder, name));
  for (const name of ['a.png', 'b.jpg']) {
    const bytes = await readFile(join(folder, name));
    await writeFile(join(folder, `cut-${name}`), bytes.subarray(0, bytes.length / 2));
  }
  await writeFile(join(folder, 'empty.png'), '');
  const names = ['cut-a.png', 'a.png', 'none.png', 'colour.png', 'b.jpg', 'cut-b.jpg', 'empty.png'];
  const progress: number[] = [];
  const check = await checkImages(names.map(sample), {
    concurrency: 3,
    onProgress: (done, all) => {
      expect(all).toBe(names.length);
      progress.push(done);
    },
  });
  expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(check.checked).toBe(7);
  expect(check.unreadable.map(({ name, code }) => [name, code])).toEqual([
    ['cut-a.png', 'R2009'],
    ['none.png', 'R1001'],
    ['cut-b.jpg', 'R2009'],
    ['empty.png', 'R2009'],
  ]);
  for (const { reason } of check.unreadable) expect(reason.length).toBeGreaterThan(10);
  expect(Object.entries(check.kinds)).toEqual([
    ['60 x 120 gray', 2],
    ['60 x 40 colour', 1],
  ]);
});

it('ends by its signal', async () => {
  const reason = new Error('enough');
  await expect(checkImages([sample('a.png')], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
