import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunLog } from '../../../src/runtime/training/run-log.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { userErrorOf } from '../user-error.ts';

const folder = await temporaryFolder();

describe('a log', () => {
  it('starts with its columns and keeps all digits of numbers', async () => {
    const path = join(folder, 'new.csv');
    const log = await RunLog.open(path, ['step', 'loss'], 0);
    log.add([1, 0.1 + 0.2]);
    log.add([2, undefined]);
    await log.flush({ durable: true });
    await log.close();
    const text = await readFile(path, 'utf8');
    expect(text).toBe('step,loss\n1,0.30000000000000004\n2,\n');
    expect(log.length).toBe(text.length);
  });

  it('loses what was written behind the length that it is opened with', async () => {
    const path = join(folder, 'torn.csv');
    await writeFile(path, 'step\n1\n2\n3');
    const log = await RunLog.open(path, ['step'], 7);
    log.add([2]);
    await log.flush({ durable: false });
    await log.close();
    expect(await readFile(path, 'utf8')).toBe('step\n1\n2\n');
  });

  it('is a UserError where the file cannot be written', async () => {
    await userErrorOf('R1005', RunLog.open(join(folder, 'new.csv', 'below-a-file'), [], 0));
  });
});
