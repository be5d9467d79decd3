import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { fromSystem } from './system-errors.ts';

/** Text (as UTF-8), bytes, or pieces of bytes to be written one after the other. */
export type FileContent = string | Uint8Array | readonly Uint8Array[];

export interface FileToWrite {
  readonly path: string;
  readonly content: FileContent;
}

/**
 * Writes a file so that whoever opens `path`, at any time and after any crash, finds the old content or the new, never
 * a part. Makes the folder where it is missing. UserError R1003, R1004 or R1005 when the system refuses.
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  await writeFilesAtomic([{ path, content }]);
}

/**
 * The same for files that belong together: all are complete on the disk before the first takes its place, so that a
 * full disk changes none of them. Only a crash between two renames can leave some old and some new, each whole.
 */
export async function writeFilesAtomic(files: readonly FileToWrite[]): Promise<void> {
  const unplaced = new Set<string>();
  try {
    const planned = files.map(({ path, content }) => ({
      path,
      content,
      temporary: `${path}.${randomBytes(6).toString('hex')}.tmp`,
    }));
    // Together, since most of the time is spent waiting for the disk; each to its end, so that all can be removed.
    const outcomes = await Promise.allSettled(
      planned.map(({ path, temporary, content }) =>
        attempt(path, () => writeDurably(temporary, content, unplaced)),
      ),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    for (const { temporary, path } of planned) {
      await attempt(path, () => rename(temporary, path));
      unplaced.delete(temporary);
    }
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) await syncFolder(folder);
  } finally {
    // What went wrong before says more than a temporary file that cannot be removed.
    for (const temporary of unplaced) await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function attempt(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw fromSystem(error, path, 'write');
  }
}

/** Adds the path to `made` as soon as the file is there. */
async function writeDurably(path: string, content: FileContent, made: Set<string>): Promise<void> {
  await makeFolder(dirname(path));
  const file = await open(path, 'wx');
  made.add(path);
  try {
    const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    for (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the renames themselves durable, where the system can do that for a folder (Windows cannot). */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // The files are complete and in place; only a crash of the machine right now could still bring the old ones back.
  }
}
