import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../../src/runtime/training/lock.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { userErrorOf } from '../user-error.ts';

const root = await temporaryFolder();

async function fresh(name: string): Promise<string> {
  await mkdir(join(root, name));
  return join(root, name);
}

/** What a lock says of a process that has ended. */
async function deadOwner(): Promise<string> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return JSON.stringify({ host: hostname(), pid: child.pid, started: '' });
}

describe('the lock of a folder', () => {
  it('is for one at a time, and leaves nothing behind', async () => {
    const folder = await fresh('held');
    const lock = await lockFolder(folder);
    const error = await userErrorOf('R4003', lockFolder(folder));
    expect(error.message).toContain(String(process.pid));
    expect(await readdir(folder)).toEqual(['lock']);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockFolder(folder)).release();
  });

  it('of a process that has died is taken over', async () => {
    const folder = await fresh('dead');
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await (await lockFolder(folder)).release();
    await lockFolder(folder);
    const own = JSON.parse(await readFile(join(folder, 'lock'), 'utf8')) as object;
    await writeFile(join(folder, 'lock'), JSON.stringify({ ...own, pid: child.pid }));
    await lockFolder(folder);
  });

  it.skipIf(process.platform !== 'linux')(
    'of a number that another process has now is taken over',
    async () => {
      const folder = await fresh('reused');
      await lockFolder(folder);
      const own = JSON.parse(await readFile(join(folder, 'lock'), 'utf8')) as object;
      await writeFile(join(folder, 'lock'), JSON.stringify({ ...own, started: '1' }));
      await lockFolder(folder);
    },
  );

  it('is taken over by one of many, and what killed processes left is removed', async () => {
    const folder = await fresh('many');
    const dead = await deadOwner();
    await writeFile(join(folder, 'lock'), dead);
    await writeFile(join(folder, 'lock.0123456789ab.tmp'), dead);
    await writeFile(join(folder, 'last.safetensors.0123456789ab.tmp'), 'half');
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('is taken over though whoever was doing so was killed meanwhile', async () => {
    const folder = await fresh('interrupted');
    const dead = await deadOwner();
    await writeFile(join(folder, 'lock'), dead);
    await writeFile(join(folder, 'lock.takeover'), dead);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('leaves nothing of whoever was killed between taking away a lock and putting up their own', async () => {
    const folder = await fresh('guarded');
    await writeFile(join(folder, 'lock.takeover'), await deadOwner());
    const lock = await lockFolder(folder);
    expect(await readdir(folder)).toEqual(['lock']);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over though a machine without power left it, and the guard, empty', async () => {
    const folder = await fresh('empty');
    await writeFile(join(folder, 'lock'), '');
    await writeFile(join(folder, 'lock.takeover'), '');
    await lockFolder(folder);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('that is being written is respected', async () => {
    const folder = await fresh('written');
    const taken = await fresh('taken-meanwhile');
    await lockFolder(taken);
    const path = join(folder, 'lock');
    await writeFile(path, '');
    const attempt = userErrorOf('R4003', lockFolder(folder));
    await setTimeout(50);
    await writeFile(path, await readFile(join(taken, 'lock')));
    expect((await attempt).message).toContain(String(process.pid));
  });

  it('tells when the folder was removed or moved', async () => {
    const folder = await fresh('moved');
    const lock = await lockFolder(folder);
    await lock.confirm();
    await rename(folder, join(root, 'elsewhere'));
    expect((await userErrorOf('R4003', lock.confirm())).place).toBe(folder);
    await lock.release();
    expect(await readdir(join(root, 'elsewhere'))).toEqual(['lock']);
  });

  it('that somebody else has taken meanwhile is not given back', async () => {
    const folder = await fresh('taken');
    const lock = await lockFolder(folder);
    await writeFile(join(folder, 'lock'), 'of another');
    await userErrorOf('R4003', lock.confirm());
    await lock.release();
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('of another machine is respected', async () => {
    const folder = await fresh('far');
    await writeFile(join(folder, 'lock'), JSON.stringify({ host: 'elsewhere', pid: 1, started: '' }));
    const error = await userErrorOf('R4003', lockFolder(folder));
    expect(error.remedy).toContain(join(folder, 'lock'));
  });
});
