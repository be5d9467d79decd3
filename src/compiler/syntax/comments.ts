import type { IToken } from 'chevrotain';
import type { SourceFile } from '../source/source-file.ts';
import type { Comment } from './ast.ts';
import { tokenSpan } from './messages.ts';

export function commentsOf(source: SourceFile, tokens: readonly IToken[]): Comment[] {
  return tokens.map((token) => {
    const span = tokenSpan(source, token);
    const { column } = source.position(span.start);
    const before = source.text.slice(span.start - column + 1, span.start);
    return {
      kind: 'Comment',
      span,
      text: token.image.trimEnd(),
      ownLine: before.trim() === '',
    };
  });
}

/**
 * Finds the documentation of what begins at an offset: the `///` lines before it, with nothing but blank space and
 * other comments between. Offsets must be those of tokens.
 */
export function documentation(
  source: SourceFile,
  comments: readonly Comment[],
): (offset: number) => readonly string[] {
  return (offset) => {
    const docs: string[] = [];
    let before = offset;
    for (let i = lastBefore(comments, offset); i >= 0; i--) {
      const comment = comments[i];
      if (comment === undefined || !comment.ownLine) break;
      if (source.text.slice(comment.span.end, before).trim() !== '') break;
      if (comment.text.startsWith('///')) docs.push(comment.text.slice(3).replace(/^ /, ''));
      before = comment.span.start;
    }
    return docs.reverse();
  };
}

function lastBefore(comments: readonly Comment[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.span.start ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const operand = String.raw`(?:[\w.]+|\([\w.\s+*/%-]*\))`;
const arithmetic = new RegExp(String.raw`^// ?${operand}(?:\s*[-+*/%]\s*${operand})*\s*$`);
const restOfArguments = new RegExp(String.raw`^// ?${operand}\s*[-+*/%,)\]]`);

/**
 * Whether a comment reads like the divisor of a floor division: it follows an operand on its line with at most one
 * blank between, and holds arithmetic and nothing else, or, where the line leaves a bracket open, goes on as its
 * arguments would. See `docs/decisions/0002-comments-and-floor-division.md`.
 */
export function looksLikeDivision(source: SourceFile, comment: Comment): boolean {
  if (comment.ownLine || comment.text.startsWith('///')) return false;
  const { start } = comment.span;
  const before = source.text.slice(start - source.position(start).column + 1, start);
  if (!/[\w)\]] ?$/.test(before)) return false;
  const opened = before.replace(/[^([]/g, '').length - before.replace(/[^)\]]/g, '').length;
  return arithmetic.test(comment.text) || (opened > 0 && restOfArguments.test(comment.text));
}
