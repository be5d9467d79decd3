import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { fromSystem } from '../system-errors.ts';

/** Who trains into a folder. */
interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as the system counts it: numbers of processes are used again. */
  readonly started: string;
}

/**
 * Takes a folder for this process; the result gives it back. A process that was killed leaves its lock behind, which is
 * then taken over. UserError R4003 where another training is at work in the folder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const own: Owner = { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
  // Linked into place, so that nobody ever sees a lock without its owner.
  const written = `${path}.${process.pid}`;
  try {
    await writeFile(written, JSON.stringify(own));
    // Twice: the lock of a dead process is removed after the first refusal.
    for (let attempt = 0; ; attempt++) {
      try {
        await link(written, path);
        return () => rm(path, { force: true });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const owner = await readOwner(path);
      if (attempt > 0 || (owner !== undefined && (await isAtWork(owner))))
        throw occupied(folder, path, owner);
      await rm(path, { force: true });
    }
  } catch (error) {
    throw fromSystem(error, path, 'write');
  } finally {
    await rm(written, { force: true });
  }
}

function occupied(folder: string, path: string, owner: Owner | undefined): UserError {
  const who =
    owner === undefined ? 'Another training' : `Another training (process ${owner.pid} on ${owner.host})`;
  return new UserError('R4003', `${who} writes into this folder.`, {
    place: folder,
    remedy: `Wait for it, give another --out, or remove ${path} if there is no such process any more.`,
  });
}

/** Undefined where it has gone meanwhile, or is not one of ours. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

async function isAtWork({ host, pid, started }: Owner): Promise<boolean> {
  // Of other machines nothing can be known; folders on shared disks exist.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return (await startOf(pid)) === started;
}

/** The start of a process where the system tells it (Linux); elsewhere the same for all. */
async function startOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, field 2, is in parentheses and may hold anything; the start is field 22.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
