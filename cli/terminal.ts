/** Where a command prints: results to `out`, messages about them to `err`. Tests bring their own. */
export interface Terminal {
  /** Prints lines; a line break is added. */
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` shows colours. */
  readonly colour: boolean;
  /** What a person reads `out` on; undefined where it leads to a file or a program. */
  readonly screen?: { readonly columns: number; readonly colour: boolean };
  /** Replaces the line at the bottom of a terminal; undefined where `err` is none. `''` takes it away. */
  readonly status?: (line: string) => void;
}

/** The process's own streams. Colours only for a person at a terminal who has not set NO_COLOR (https://no-color.org). */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leaveOnBrokenPipe);
  const unwanted = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  const isDumb = !process.stderr.isTTY || process.env['TERM'] === 'dumb';
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    colour: process.stderr.isTTY && !unwanted,
    ...(process.stdout.isTTY ? { screen: { columns: process.stdout.columns || 80, colour: !unwanted } } : {}),
    // Back to the first column, the text, and nothing behind it.
    ...(isDumb ? {} : { status: (line) => void process.stderr.write(`\r${clipped(line)}\u001b[K`) }),
  };
}

/** A line that wraps cannot be replaced. */
function clipped(line: string): string {
  return line.slice(0, Math.max(1, (process.stderr.columns || 80) - 1));
}

/** Who reads our output has gone (`netc ... | head`): there is nobody left to tell, and nothing went wrong. */
function leaveOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
