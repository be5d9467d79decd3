import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { UserError } from './errors.ts';

/** Waits until a process that `spawn` makes runs. UserError R4008 where the system does not start it. */
export async function startProcess<Process extends ChildProcess>(spawn: () => Process): Promise<Process> {
  try {
    const child = spawn();
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw notStarted(error);
  }
}

/** Any other error comes back as it is. */
function notStarted(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  return new UserError('R4008', `The system does not start another process: ${error.message}.`, {
    remedy: remedyFor(error.code),
    cause: error,
  });
}

function remedyFor(code: unknown): string {
  switch (code) {
    case 'EAGAIN':
      return 'End processes that are not needed, or let this user have more of them (`ulimit -u`).';
    case 'EMFILE':
    case 'ENFILE':
      return 'Let more files be open at once (`ulimit -n`).';
    case 'ENOMEM':
      return 'Close what else needs memory.';
    case 'ENOENT':
    case 'EACCES':
      return `Check that Node is still at ${process.execPath} and may be run.`;
    default:
      return 'Check what the system allows this user: processes, open files, memory.';
  }
}
