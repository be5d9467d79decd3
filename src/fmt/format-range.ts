import { alignedChanges } from './format-edits.ts';
import type { FormatOptions } from './format.ts';
import type { Piece } from './pieces.ts';
import { applyEdits, type TextEdit } from '../compiler/source/text-edit.ts';
import { shortened } from './shortened.ts';

/**
 * The edits of `formatEdits` for the statements on the lines from the one with the offset `start` to the one with
 * `end`. The head of a block or loop is a statement of its own, and so is each of those in its body. Blank lines before
 * the first statement are left alone where the range begins below them. Rejects as `formatNet` does.
 */
export async function formatRange(
  text: string,
  start: number,
  end: number,
  options: FormatOptions = {},
): Promise<readonly TextEdit[]> {
  const range = wholeLines(text, start, end);
  const { pieces, changes } = await alignedChanges(text, options);
  const chosen = piecesIn(text, pieces, range);
  if (chosen === undefined) return [];
  const edits = changes.slice(chosen.first, chosen.last + 2).map((change, i, { length }) => {
    if (i === 0 && hasLineEnd(text, change.start, range.start - 1)) return indentation(text, change);
    const isEnd = i === length - 1 && !(change.end === text.length && range.end === text.length);
    return isEnd ? trailingBlanks(text, change) : change;
  });
  return edits.flatMap((edit) => shortened(text, edit));
}

/** The text with the statements on some lines formatted, as {@link formatRange} does; the first line of a text is 1. */
export async function formatLines(
  text: string,
  first: number,
  last: number,
  options: FormatOptions = {},
): Promise<string> {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const start = starts[first - 1];
  // Formatting what is no line still says whether the text can be formatted.
  const edits = await formatRange(text, start ?? text.length, starts[last] ?? text.length, options);
  return start === undefined ? text : applyEdits(text, edits);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** With the line end of its last line. */
function wholeLines(text: string, start: number, end: number): Range {
  const lineStart = start <= 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  if (end > start && text[end - 1] === '\n') return { start: lineStart, end };
  const lineEnd = text.indexOf('\n', end);
  return { start: lineStart, end: lineEnd < 0 ? text.length : lineEnd + 1 };
}

/** The statements in the range, by their first and last piece, with those that share a line with one of them. */
function piecesIn(
  text: string,
  pieces: readonly Piece[],
  { start, end }: Range,
): { readonly first: number; readonly last: number } | undefined {
  const endsLine = (i: number) => hasLineEnd(text, pieces[i]?.end ?? 0, pieces[i + 1]?.start ?? text.length);
  const isFirst = (i: number) => i === 0 || (pieces[i - 1]?.isLast === true && endsLine(i - 1));
  const isLast = (i: number) => i === pieces.length - 1 || (pieces[i]?.isLast === true && endsLine(i));
  let first = pieces.findIndex((piece) => piece.end > start);
  let last = pieces.findLastIndex((piece) => piece.start < end);
  if (first < 0 || last < first) return undefined;
  while (!isFirst(first)) first--;
  while (!isLast(last)) last++;
  return { first, last };
}

function hasLineEnd(text: string, start: number, end: number): boolean {
  const at = text.indexOf('\n', start);
  return at >= 0 && at < end;
}

/** The part of a change before a statement that concerns the line where it begins. */
function indentation(text: string, { start, end, text: space }: TextEdit): TextEdit {
  const lineStart = text.lastIndexOf('\n', end - 1) + 1;
  return { start: Math.max(start, lineStart), end, text: space.slice(space.lastIndexOf('\n') + 1) };
}

/** The part of a change behind a statement that concerns the line where it ends. */
function trailingBlanks(text: string, { start, end }: TextEdit): TextEdit {
  const blanks = /[^\S\r\n]*/.exec(text.slice(start, end))?.[0] ?? '';
  return { start, end: start + blanks.length, text: '' };
}
