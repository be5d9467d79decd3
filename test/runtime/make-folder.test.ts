import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/runtime/make-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();

it('makes a folder with those that it lies in, and is content with what is there', async () => {
  for (let twice = 0; twice < 2; twice++) await makeFolder(join(folder, 'a', 'b', 'c'));
  expect((await stat(join(folder, 'a', 'b', 'c'))).isDirectory()).toBe(true);
});

it('says what the system says: a file in the way, a place where nothing can be made', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow('EEXIST');
  await expect(makeFolder(join(folder, 'file', 'below'))).rejects.toThrow('ENOTDIR');
});

it.skipIf(process.platform !== 'linux')('returns where no folder can ever be made', async () => {
  await expect(makeFolder('/proc/netc-test/run')).rejects.toThrow('ENOENT');
});
