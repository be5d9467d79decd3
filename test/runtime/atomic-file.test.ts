import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFileAtomic, writeFilesAtomic } from '../../src/runtime/atomic-file.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { userErrorOf } from './user-error.ts';

const root = await temporaryFolder();
const folder = async (name: string) => {
  const path = join(root, name);
  await mkdir(path);
  return path;
};

it('writes text, bytes and pieces, into folders that it makes, over what was there', async () => {
  const here = await folder('plain');
  const path = join(here, 'a', 'b', 'file');
  await writeFileAtomic(path, 'Grüße');
  expect(await readFile(path, 'utf8')).toBe('Grüße');
  await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  await writeFileAtomic(path, [Uint8Array.of(4), new Uint8Array(0), Uint8Array.of(5, 6)]);
  expect([...(await readFile(path))]).toEqual([4, 5, 6]);
  expect(await readdir(join(here, 'a', 'b'))).toEqual(['file']);
});

it('changes none of several files when one cannot be written, and leaves nothing behind', async () => {
  const here = await folder('several');
  await writeFile(join(here, 'first'), 'old');
  await writeFile(join(here, 'blocking'), 'a file');
  const files = [
    { path: join(here, 'first'), content: 'new' },
    { path: join(here, 'blocking', 'second'), content: 'new' },
  ];
  const error = await userErrorOf('R1005', writeFilesAtomic(files));
  expect(error.place).toBe(join(here, 'blocking', 'second'));
  expect(await readFile(join(here, 'first'), 'utf8')).toBe('old');
  expect((await readdir(here)).sort()).toEqual(['blocking', 'first']);
});

it('leaves nothing behind when the content cannot be had', async () => {
  const here = await folder('throwing');
  const pieces = [Uint8Array.of(1)];
  Object.defineProperty(pieces, 1, {
    get: () => {
      throw new TypeError('no second piece');
    },
  });
  await expect(writeFileAtomic(join(here, 'file'), pieces)).rejects.toThrow(TypeError);
  expect(await readdir(here)).toEqual([]);
});

it('says that a folder is in the way', async () => {
  const here = await folder('occupied');
  await mkdir(join(here, 'name'));
  await userErrorOf('R1005', writeFileAtomic(join(here, 'name'), 'x'));
  expect(await readdir(here)).toEqual(['name']);
});

it('lets a reader see old or new content, never a part', async () => {
  const path = join(await folder('racing'), 'file');
  const sizes = [300_000, 700_000];
  await writeFileAtomic(path, 'x'.repeat(300_000));
  const progress = { isDone: false };
  const writer = (async () => {
    for (let i = 0; i < 20; i++) await writeFileAtomic(path, 'x'.repeat(sizes[i % 2] ?? 0));
    progress.isDone = true;
  })();
  while (!progress.isDone) expect(sizes).toContain((await readFile(path)).length);
  await writer;
});
