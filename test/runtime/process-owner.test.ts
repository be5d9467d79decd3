import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as files from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { isAtWork, thisProcess } from '../../src/runtime/process-owner.ts';

vi.mock('node:fs/promises', async (original) => ({ ...(await original<typeof files>()) }));

it('is no process any more that ends while its state is being read', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  await once(child, 'spawn');
  const { host } = await thisProcess();
  const owner = { host, pid: child.pid ?? 0, started: '' };
  vi.spyOn(files, 'readFile').mockImplementationOnce(async (path) => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    throw Object.assign(new Error(`ENOENT: ${JSON.stringify(path)}`), { code: 'ENOENT' });
  });
  expect(await isAtWork(owner)).toBe(false);
});
