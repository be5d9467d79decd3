import { UserError } from '../src/runtime/errors.ts';
import { reportError } from './report-error.ts';

type Name = 'stdout' | 'stderr';

const made = new Set<NodeJS.WriteStream>();
let mustFinish = false;

/**
 * The output or the error stream of this process, which Node makes when it is first asked for: where it leads to a pipe
 * that takes some milliseconds, and most checks have nothing to complain of.
 */
export function stream(name: Name): NodeJS.WriteStream {
  const { [name]: asked } = process;
  if (!made.has(asked)) {
    made.add(asked);
    asked.on('error', (error: NodeJS.ErrnoException) => leave(name, error));
  }
  return asked;
}

/** Settled when all that was written to {@link stream} has left the process. */
export async function flushed(): Promise<void> {
  for (const one of made) await new Promise((resolve) => one.write('', resolve));
}

/**
 * From now on this process ends as it would have though nobody hears of it: work of hours is worth more than its messages. A
 * Ctrl-C ends both sides of `netc ... 2>&1 | tee log`, and what it asks of this one is still to be done.
 */
export function finishUnread(): void {
  mustFinish = true;
}

/** `error` is why a stream takes no more. */
function leave(name: Name, error: NodeJS.ErrnoException): void {
  const isUnread = error.code === 'EPIPE';
  // Messages may lead to a full disk or to a terminal that was closed, too. Results that get lost are a failure.
  if (mustFinish && (isUnread || name === 'stderr')) return;
  // Who reads our output has gone (`netc ... | head`): there is nobody left to tell, and nothing went wrong.
  if (isUnread) process.exit();
  const lost = new UserError('R1005', `The output cannot be written (${error.code ?? error.message}).`, {
    place: name === 'stdout' ? 'the standard output' : 'the error stream',
    remedy: 'Free some space where it leads to, or have it lead elsewhere.',
  });
  const err = (text: string): unknown => stream('stderr').write(`${text}\n`);
  process.exit(reportError(lost, { out: err, err, colour: false }));
}
