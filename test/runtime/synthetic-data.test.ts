import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkImages } from '../../src/runtime/check-images.ts';
import { chestXray14Labels, readChestXray14 } from '../../src/runtime/chestxray14.ts';
import { writePhantom } from '../../src/runtime/phantom/write-phantom.ts';
import { renderDataReport } from '../../src/runtime/render-data-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

it('a phantom is read as a data set that can be decoded, and called synthetic', async () => {
  const folder = join(await temporaryFolder(), 'phantom');
  await writePhantom(folder, { count: 24, seed: 1, size: 32 });
  const { train, test, report } = await readChestXray14(folder, chestXray14Labels);
  expect(report).toMatchObject({
    split: { kind: 'synthetic' },
    images: 24,
    missing: 0,
    unlabelled: 0,
    duplicates: 0,
    unlisted: { count: 0 },
    sharedPatients: 0,
  });
  expect(renderDataReport(report)).toContain('warning: synthetic images, not radiographs');
  expect(await checkImages([...train, ...test])).toEqual({
    checked: 24,
    unreadable: [],
    kinds: { '32 x 32 gray': 24 },
  });
});
