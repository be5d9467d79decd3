import { stream } from './streams.ts';

/** Where a command prints: results to `out`, messages about them to `err`. Tests bring their own. */
export interface Terminal {
  /** Prints lines; a line break is added. */
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` shows colours. */
  readonly colour: boolean;
  /** What a person reads `out` on; undefined where it leads to a file or a program. */
  readonly screen?: { readonly columns: number; readonly colour: boolean } | undefined;
  /** Replaces the line at the bottom of a terminal; undefined where `err` is none. `''` takes it away. */
  readonly status?: ((line: string) => void) | undefined;
}

/** The process's own streams. Colours only for a person at a terminal who has not set NO_COLOR (https://no-color.org). */
export function processTerminal(): Terminal {
  const isUnwanted = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return {
    out: (text) => stream('stdout').write(`${text}\n`),
    err: (text) => stream('stderr').write(`${text}\n`),
    get colour() {
      return stream('stderr').isTTY && !isUnwanted;
    },
    get screen() {
      const { isTTY, columns } = stream('stdout');
      return isTTY ? { columns: columns || 80, colour: !isUnwanted } : undefined;
    },
    get status() {
      const isDumb = !stream('stderr').isTTY || process.env['TERM'] === 'dumb';
      // Back to the first column, the text, and nothing behind it.
      return isDumb ? undefined : (line: string) => void stream('stderr').write(`\r${clipped(line)}\u001b[K`);
    },
  };
}

/** A line that wraps cannot be replaced. */
function clipped(line: string): string {
  return line.slice(0, Math.max(1, (stream('stderr').columns || 80) - 1));
}
