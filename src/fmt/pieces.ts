import { readTokens } from '../../grammar/read-tokens.ts';

/** A token or comment: what the formatter leaves alone. Between pieces are blanks, line ends, and commas that come and go. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** Whether a statement, or the head of a body, is over here. A comment on the line where it ended belongs to it. */
  readonly isLast: boolean;
}

export function piecesOf(text: string): readonly Piece[] {
  const { tokens, comments, statementEnds } = readTokens(text);
  const ends = new Set(statementEnds);
  const visible = tokens.filter(({ image }) => image !== '' && image !== ',');
  const places = [...visible, ...comments]
    .sort((a, b) => a.startOffset - b.startOffset)
    .map(({ startOffset: start, image }) => ({ start, end: start + image.trimEnd().length }));
  const hasRemark = (i: number) => isRemark(text, places[i]?.end, places[i + 1]?.start);
  return places.map(({ start, end }, i) => {
    const isLast = hasRemark(i)
      ? false
      : hasRemark(i - 1)
        ? ends.has(places[i - 1]?.end ?? -1)
        : ends.has(end);
    return { start, end, isLast };
  });
}

/** Whether what begins at `next` is a comment on the line of what ends at `end`. */
function isRemark(text: string, end: number | undefined, next: number | undefined): boolean {
  if (end === undefined || next === undefined) return false;
  return text.startsWith('//', next) && !text.slice(end, next).includes('\n');
}
