import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runFolder } from '../../cli/train/run-folder.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';

const before = process.cwd();
process.chdir(await temporaryFolder());
afterAll(() => process.chdir(before));

async function addRun(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'run.json'), '{}');
}

it('takes the first folder without a run, and resumes the last that has one', async () => {
  expect([runFolder('mair', false), runFolder('mair', true)]).toEqual(['runs/mair', 'runs/mair']);
  await addRun('runs/mair');
  expect([runFolder('mair', false), runFolder('mair', true)]).toEqual(['runs/mair-2', 'runs/mair']);
  await addRun('runs/mair-2');
  await mkdir('runs/mair-3');
  expect([runFolder('mair', false), runFolder('mair', true)]).toEqual(['runs/mair-3', 'runs/mair-2']);
});
