import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A range of things that are tried one after the other in a process of its own. */
export interface BatchOptions<Message> {
  readonly root: string;
  /** A TypeScript file that takes `seed from to`, prints `{ "at": n }` before each and messages as lines of JSON. */
  readonly script: string;
  readonly seed: number;
  readonly count: number;
  /** How many a process tries before another takes its place, so that what they leave behind does not add up. */
  readonly size: number;
  readonly processes: number;
  /** Megabytes that a process may have on its heap; one that needs more ends. Otherwise as much as Node likes. */
  readonly heap?: number;
  /** Milliseconds without a sign of life after which a process is ended. */
  readonly patience: number;
  readonly heard: (message: Message) => void;
  /** The process came to an end, or was ended, at this one; it goes on with the next. */
  readonly lost: (at: number, why: string) => void;
}

/** Tries numbers 0 to `count`, in several processes at a time. */
export async function inBatches<Message extends object>(options: BatchOptions<Message>): Promise<void> {
  const { count, size, processes } = options;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const from = next;
      next = Math.min(from + size, count);
      const to = next;
      for (let at = from; at < to;) at = await runBatch(options, at, to);
    }
  };
  await Promise.all(Array.from({ length: processes }, worker));
}

/** Returns where to go on. */
async function runBatch<Message extends object>(
  { root, script, seed, heap, patience, heard, lost }: BatchOptions<Message>,
  from: number,
  to: number,
): Promise<number> {
  const limits = heap === undefined ? [] : [`--max-old-space-size=${heap}`];
  const args = [...limits, '--import', 'tsx', join(root, script), seed, from, to].map(String);
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let at = from;
  const end = (): void => void child.kill('SIGKILL');
  let timer = setTimeout(end, patience);
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2_000);
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve).on('error', reject);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(end, patience);
    const message = JSON.parse(line) as Message | { readonly at: number };
    if ('at' in message) at = message.at;
    else heard(message);
  }
  const code = await closed;
  clearTimeout(timer);
  if (code === 0) return to;
  lost(
    at,
    child.signalCode === 'SIGKILL'
      ? `nothing was heard for ${patience / 1e3} s`
      : `it ended with ${code}: ${complaint.trim()}`,
  );
  return at + 1;
}
