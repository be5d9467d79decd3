import type { FileToWrite } from '../src/runtime/atomic-file.ts';

/**
 * Writes files that belong together, all or none. A signal that arrives meanwhile waits for the moment that it takes, so
 * that no half-written file is left lying about; a second one does not.
 */
export async function writeOutputs(files: readonly FileToWrite[]): Promise<void> {
  if (files.length === 0) return;
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let received: NodeJS.Signals | undefined;
  const remember = (signal: NodeJS.Signals): void => {
    received = signal;
  };
  for (const signal of signals) process.once(signal, remember);
  try {
    const { writeFilesAtomic } = await import('../src/runtime/atomic-file.ts');
    await writeFilesAtomic(files);
  } finally {
    for (const signal of signals) process.removeListener(signal, remember);
    // Without our listener the signal ends the process as it always does, with 130 or 143 for the shell.
    if (received !== undefined) process.kill(process.pid, received);
  }
}
