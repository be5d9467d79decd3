import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** A process that something on the disk belongs to. */
export interface ProcessOwner {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as the system counts it: numbers of processes are used again. */
  readonly started: string;
}

export async function thisProcess(): Promise<ProcessOwner> {
  const { started = '' } = (await statusOf(process.pid)) ?? {};
  return { host: hostname(), pid: process.pid, started };
}

/** Whether a process may still be there. Of other machines nothing can be known; folders on shared disks exist. */
export async function isAtWork({ host, pid, started }: ProcessOwner): Promise<boolean> {
  if (host !== hostname()) return true;
  if (!exists(pid)) return false;
  const status = await statusOf(pid);
  // One that was about to end when it was asked for has no status any more.
  if (status === undefined) return exists(pid);
  return !status.hasEnded && status.started === started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Undefined where the system does not tell (all but Linux). */
async function statusOf(pid: number): Promise<{ started: string; hasEnded: boolean } | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, field 2, is in parentheses and may hold anything; the state is field 3, the start field 22.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; its parent has not asked for it yet.
    return { hasEnded: fields[0] === 'Z' || fields[0] === 'X', started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
