import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { isAtWork, thisProcess, type ProcessOwner } from '../process-owner.ts';
import { fromSystem } from '../system-errors.ts';

/** Who else takes, leaves or writes the lock at the same moment makes us look again, so many times, after a pause in milliseconds. */
const attempts = 10;
const pause = 20;

/** A folder that was taken for this process. */
export interface FolderLock {
  /**
   * UserError R4003 where the folder is not ours any more: it was removed or moved, and files that are written under its
   * name would make a new one, or come into that of another.
   */
  confirm(): Promise<void>;
  /** Gives it back. Leaves a lock that is not ours any more. */
  release(): Promise<void>;
}

/**
 * Takes a folder for this process. A process that was killed leaves its lock behind, which is then taken over. UserError
 * R4003 where another training is at work in the folder.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, 'lock');
  const guard = `${path}.takeover`;
  const own = JSON.stringify(await thisProcess());
  const written = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(written, own);
    let obstacle = path;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (await place(written, path)) {
        await removeDeadGuard(path, guard);
        await removeLeftovers(folder);
        return lockOf(folder, path, own);
      }
      obstacle = path;
      if (await isHeld(path)) break;
      obstacle = guard;
      if (!(await removeDead(path, guard, written))) await setTimeout(pause);
    }
    throw occupied(folder, obstacle, parseOwner(await textOf(obstacle)));
  } catch (error) {
    throw fromSystem(error, path, 'write');
  } finally {
    await rm(written, { force: true });
  }
}

function lockOf(folder: string, path: string, own: string): FolderLock {
  const isOurs = async (): Promise<boolean> => (await textOf(path)) === own;
  return {
    confirm: async () => {
      const isStillOurs = await isOurs().catch((error: unknown) => {
        throw fromSystem(error, path, 'read');
      });
      if (isStillOurs) return;
      throw new UserError('R4003', 'The folder of this training was removed, moved or taken by another.', {
        place: folder,
        remedy: 'Go on with --resume where its files are now, and leave them in their place until it ends.',
      });
    },
    release: async () => {
      if (await isOurs()) await rm(path, { force: true });
    },
  };
}

function occupied(folder: string, path: string, owner: ProcessOwner | undefined): UserError {
  const who =
    owner === undefined ? 'Another training' : `Another training (process ${owner.pid} on ${owner.host})`;
  return new UserError('R4003', `${who} writes into this folder.`, {
    place: folder,
    remedy: `Wait for it, give another --out, or remove ${path} if there is no such process any more.`,
  });
}

/** Puts a lock into its place; false where there is one. It is linked, so that nobody ever sees one without its owner. */
async function place(written: string, path: string): Promise<boolean> {
  try {
    await link(written, path).catch(async (error: unknown) => {
      if (isSystemError(error, 'EEXIST')) throw error;
      // A file system without links: what forbids writing is told by the copy, too.
      await copyFile(written, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isHeld(path: string): Promise<boolean> {
  const owner = await ownerOf(path);
  return owner !== undefined && (await isAtWork(owner));
}

/**
 * Undefined where there is no lock, or none that will ever say whose it is: a machine that lost its power, or a process that was
 * killed on a file system without links, leaves an empty one. While it is written there, it is empty, too, and is looked at again.
 */
async function ownerOf(path: string): Promise<ProcessOwner | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const text = await textOf(path);
    const owner = parseOwner(text);
    if (owner !== undefined || text === undefined) return owner;
    await setTimeout(pause);
  }
  return undefined;
}

/**
 * Removes the lock of a process that has died, behind a guard that one process at a time can have: else the slower of two
 * would remove what the faster has put there since. False where another one has the guard.
 */
async function removeDead(path: string, guard: string, written: string): Promise<boolean> {
  if (!(await place(written, guard))) {
    await removeDeadGuard(path, guard);
    return false;
  }
  try {
    if (!(await isHeld(path))) await rm(path, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Of a process that was killed while it had the guard. Taken away by its name, and put back where it is another's by then. */
async function removeDeadGuard(path: string, guard: string): Promise<void> {
  const seen = await textOf(guard);
  if (seen === undefined || (await isHeld(guard))) return;
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await rename(guard, aside);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  if ((await textOf(aside)) !== seen) await place(aside, guard);
  await rm(aside, { force: true });
}

/** What killed processes left of their attempts to write a lock or a file of the run. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.[0-9a-f]{12}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const owner = name.startsWith('lock.') ? parseOwner(await textOf(path)) : undefined;
    if (owner === undefined || !(await isAtWork(owner))) await rm(path, { force: true });
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Undefined for what is no lock of ours. */
function parseOwner(text: string | undefined): ProcessOwner | undefined {
  try {
    const { host, pid, started } = JSON.parse(text ?? '') as Partial<ProcessOwner>;
    return host === undefined || pid === undefined || started === undefined
      ? undefined
      : { host, pid, started };
  } catch {
    return undefined;
  }
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
