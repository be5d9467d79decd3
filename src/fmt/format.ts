import { format } from 'prettier/standalone';
import * as language from './net-language.ts';

export interface FormatOptions {
  /** Columns to which lines are filled; 110 unless given. */
  readonly printWidth?: number;
  /** Blanks of an indentation; 2 unless given. */
  readonly tabWidth?: number;
  /** Whether to indent with tabs. */
  readonly useTabs?: boolean;
  /** The file's path, for messages. */
  readonly path?: string;
}

/**
 * The text as `netc fmt` writes it. Comments are kept where they are, and a formatted text is left as it is. Rejects
 * with `UnformattableError`, which holds the diagnostics, when the text does not parse.
 */
export async function formatNet(text: string, { path, ...layout }: FormatOptions = {}): Promise<string> {
  return format(text, {
    ...language.defaultOptions,
    ...layout,
    parser: 'net',
    plugins: [language],
    filepath: path ?? 'input.net',
  });
}
