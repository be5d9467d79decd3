import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { chestXrayFolder, chestXrayMissing } from '../runtime/data-folder.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli, spawnCli } from './run-cli.ts';

const folder = await temporaryFolder();

beforeAll(async () => {
  const rows = ['a.png,Mass,1', 'b.png,No Finding,2', 'c.png,Mass|Nodule,3', 'd.png,Edema,4'];
  await writeFile(
    join(folder, 'Data_Entry_2017.csv'),
    ['Image Index,Finding Labels,Patient ID', ...rows].join('\n'),
  );
  await writeFile(join(folder, 'train_val_list.txt'), 'a.png\nb.png\n');
  await writeFile(join(folder, 'test_list.txt'), 'c.png\nd.png\n');
  await mkdir(join(folder, 'images'));
  const image = sharp(new Uint8Array(64).fill(7), { raw: { width: 8, height: 8, channels: 1 } });
  for (const name of ['a.png', 'b.png'])
    await image
      .clone()
      .toColourspace('b-w')
      .toFile(join(folder, 'images', name));
  await writeFile(join(folder, 'images', 'c.png'), 'no image');
});

describe('netc data inspect', () => {
  test('prints what the folder holds, with its warnings', async () => {
    const { code, out, err } = await runCli('data', 'inspect', folder, '--labels', 'Mass, Nodule');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('3 images on the disk; 1 more are in Data_Entry_2017.csv');
    expect(out).toMatch(/^ {2}Mass +1 +1$/m);
    expect(out).toMatch(/^warning: never positive in training.*: Nodule$/m);
  });

  test('decodes the images on request and fails with 5 when one is damaged', async () => {
    const { code, out, err } = await runCli('data', 'inspect', folder, '--check-images');
    expect(code).toBe(5);
    expect(err.split('\n').at(-1)).toBe('3 of 3 images decoded');
    expect(out).toContain('2 of 3 images can be decoded');
    expect(out).toMatch(/2 {2}8 x 8 gray/);
    expect(out).toMatch(/^error\[R2009\]: .*c\.png: /m);
  });

  test('says all of it as JSON', async () => {
    const { code, out, err } = await runCli('data', 'inspect', folder, '--check-images', '--json');
    expect({ code, err }).toEqual({ code: 5, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      format: 1,
      command: 'data inspect',
      ok: false,
      folder,
      report: { split: { kind: 'part' }, test: { listed: 2, missing: 1, samples: 1 } },
      check: { checked: 3, kinds: { '8 x 8 gray': 2 }, unreadable: [{ name: 'c.png', code: 'R2009' }] },
    });
    const unchecked = await runCli('data', 'inspect', folder, '--json');
    expect(JSON.parse(unchecked.out)).toMatchObject({ ok: true, check: null });
  });

  test.each([
    ['no sub-command', []],
    ['an unknown sub-command', ['inspekt', folder]],
    ['no folder', ['inspect']],
    ['an empty label', ['inspect', folder, '--labels', 'Mass,']],
    ['a label twice', ['inspect', folder, '--labels', 'Mass,Mass']],
    ['an unknown option', ['inspect', folder, '--fast']],
  ])('fails with 2 on %s', async (_, argv) => {
    const { code, out, err } = await runCli('data', ...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: \S/);
  });

  test('fails with 5 and a remedy on a label that the data does not have, and on a folder without data', async () => {
    const label = await runCli('data', 'inspect', folder, '--labels', 'Mas');
    expect(label.code).toBe(5);
    expect(label.err).toContain('Did you mean "Mass"?');
    const nowhere = await runCli('data', 'inspect', join(folder, 'nowhere'));
    expect(nowhere.code).toBe(5);
    expect(nowhere.err).toContain('error[R2001]');
  });

  test('has help with examples', async () => {
    const group = await spawnCli(['data', '--help']);
    expect(group.code).toBe(0);
    expect(group.out).toContain('netc data inspect <folder>');
    const { code, out } = await spawnCli(['data', 'inspect', '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/netc data inspect chestxray14 --check-images/);
  });

  test.skipIf(chestXrayMissing !== undefined)(
    `finds nothing wrong with real radiographs${chestXrayMissing ? `: ${chestXrayMissing}` : ''}`,
    async () => {
      const { code, out } = await runCli('data', 'inspect', chestXrayFolder, '--check-images', '--json');
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        ok: true,
        warnings: [],
        check: { checked: 1105, unreadable: [], kinds: { '256 x 256 gray': 1105 } },
      });
    },
  );
});
