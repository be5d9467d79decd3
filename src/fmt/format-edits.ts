import { formatNet, type FormatOptions } from './format.ts';
import { piecesOf, type Piece } from './pieces.ts';
import type { TextEdit } from '../compiler/source/text-edit.ts';
import { shortened } from './shortened.ts';

/**
 * What `netc fmt` would change, as edits of white space and commas alone, so that a cursor and marks in an editor stay
 * where they are. Line ends stay what they are, too. Rejects as {@link formatNet} does.
 */
export async function formatEdits(text: string, options: FormatOptions = {}): Promise<readonly TextEdit[]> {
  const { changes } = await alignedChanges(text, options);
  return changes.flatMap((change) => shortened(text, change));
}

/** A text beside its formatted form. */
export interface Alignment {
  readonly pieces: readonly Piece[];
  /** `changes[i]` is what becomes of the space before `pieces[i]`; there is one more for the end of the text. */
  readonly changes: readonly TextEdit[];
}

/** For each space between the tokens and comments of a text what the formatter puts there. */
export async function alignedChanges(text: string, options: FormatOptions): Promise<Alignment> {
  const formatted = await formatNet(text, options);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const pieces = piecesOf(text);
  const others = piecesOf(formatted);
  if (pieces.length !== others.length) throw new Error('the formatter made or lost a token');
  const changes = [...pieces, undefined].map((next, i): TextEdit => {
    const start = pieces[i - 1]?.end ?? 0;
    const space = formatted.slice(others[i - 1]?.end ?? 0, others[i]?.start);
    return { start, end: next?.start ?? text.length, text: space.replaceAll('\n', lineEnd) };
  });
  return { pieces, changes };
}
