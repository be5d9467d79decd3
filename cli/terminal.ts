/** Where a command prints: results to `out`, messages about them to `err`. Tests bring their own. */
export interface Terminal {
  /** Prints lines; a line break is added. */
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` shows colours. */
  readonly colour: boolean;
}

/** The process's own streams. Colours only for a person at a terminal who has not set NO_COLOR (https://no-color.org). */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leaveOnBrokenPipe);
  const unwanted = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    colour: process.stderr.isTTY && !unwanted,
  };
}

/** Who reads our output has gone (`netc ... | head`): there is nobody left to tell, and nothing went wrong. */
function leaveOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
