import { format } from 'prettier/standalone';
import * as plugin from './plugin.ts';

export interface FormatOptions {
  /** Columns to which lines are filled; 110 unless given. */
  readonly printWidth?: number;
  /** The file's path, for messages. */
  readonly path?: string;
}

/**
 * The text as `netc fmt` writes it. Comments are kept, and a formatted text is left as it is. Rejects with
 * `UnformattableError`, which holds the diagnostics, when the text does not parse.
 */
export async function formatNet(text: string, options: FormatOptions = {}): Promise<string> {
  return format(text, {
    parser: 'net',
    plugins: [plugin],
    printWidth: options.printWidth ?? plugin.defaultOptions.printWidth,
    filepath: options.path ?? 'input.net',
  });
}
