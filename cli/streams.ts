const made = new Set<NodeJS.WriteStream>();

/**
 * The output or the error stream of this process, which Node makes when it is first asked for: where it leads to a pipe
 * that takes some milliseconds, and most checks have nothing to complain of.
 */
export function stream(name: 'stdout' | 'stderr'): NodeJS.WriteStream {
  const { [name]: asked } = process;
  if (!made.has(asked)) {
    made.add(asked);
    asked.on('error', leaveOnBrokenPipe);
  }
  return asked;
}

/** Settled when all that was written to {@link stream} has left the process. */
export async function flushed(): Promise<void> {
  for (const one of made) await new Promise((resolve) => one.write('', resolve));
}

/** Who reads our output has gone (`netc ... | head`): there is nobody left to tell, and nothing went wrong. */
function leaveOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
