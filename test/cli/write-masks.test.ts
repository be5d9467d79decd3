import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { writeMasks } from '../../cli/predict/write-masks.ts';
import { readMasks } from '../../src/runtime/masks.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';

const root = await temporaryFolder();
const image = join(root, 'chest.png');
await sharp({ create: { width: 4, height: 3, channels: 3, background: '#888' } })
  .png()
  .toFile(image);

const map = (label: string) => ({
  label,
  width: 2,
  height: 2,
  values: new Float32Array(4).fill(0.75),
  share: 1,
});

test("a mask for each label, of the image's size", async () => {
  const paths = await writeMasks(join(root, 'found'), image, [map('lungs'), map('heart..')]);
  expect(paths).toEqual([join(root, 'found/lungs/chest.png'), join(root, 'found/heart../chest.png')]);
  expect(await sharp(paths[0]).metadata()).toMatchObject({ width: 4, height: 3 });
});

test.each(['', '.', '..', '../../evil', 'a/b', 'a\\b', '/tmp'])(
  'no label leads out of its folder: %j',
  async (label) => {
    const before = await readdir(root, { recursive: true });
    const refused = {
      code: 'R2012',
      message: `The label ${JSON.stringify(label)} cannot be the name of a folder of masks.`,
    };
    await expect(writeMasks(join(root, 'found'), image, [map(label)])).rejects.toMatchObject(refused);
    await expect(readMasks(root, [label], [])).rejects.toMatchObject(refused);
    expect(await readdir(root, { recursive: true })).toEqual(before);
  },
);

test('two outputs that say where one label is', async () => {
  await expect(writeMasks(join(root, 'twice'), image, [map('lungs'), map('lungs')])).rejects.toMatchObject({
    code: 'R3004',
    message: 'Several outputs of the model say where "lungs" is, and a mask has one file.',
  });
  expect(await readdir(root)).not.toContain('twice');
});
