import type { IToken } from 'chevrotain';
import type { Piece } from '../source/piece.ts';
import type { Span } from '../source/span.ts';
import type { Comment } from './ast.ts';
import { tokenSpan } from './messages.ts';

export function commentsOf(piece: Piece, tokens: readonly IToken[]): Comment[] {
  return tokens.map((token) => ({
    kind: 'Comment',
    span: tokenSpan(piece, token),
    text: token.image.trimEnd(),
    ownLine: piece.lineUpTo(token.startOffset).trim() === '',
  }));
}

/**
 * Finds the documentation of a node: the `///` lines before it, with nothing but blank space and other comments between.
 */
export function documentation(piece: Piece, comments: readonly Comment[]): (node: Span) => readonly string[] {
  return (node) => {
    const docs: string[] = [];
    let next = node;
    for (let i = lastBefore(comments, node); i >= 0; i--) {
      const comment = comments[i];
      if (comment === undefined || !comment.ownLine) break;
      if (piece.slice(comment.span.after.upTo(next.before)).trim() !== '') break;
      if (comment.text.startsWith('///')) docs.push(comment.text.slice(3).replace(/^ /, ''));
      next = comment.span;
    }
    return docs.reverse();
  };
}

function lastBefore(comments: readonly Comment[], node: Span): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.span.from ?? node.from) < node.from) low = middle + 1;
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
export function looksLikeDivision(piece: Piece, comment: Comment): boolean {
  if (comment.ownLine || comment.text.startsWith('///')) return false;
  const before = piece.lineUpTo(piece.offsetOf(comment.span));
  if (!/[\w)\]] ?$/.test(before)) return false;
  const opened = before.replace(/[^([]/g, '').length - before.replace(/[^)\]]/g, '').length;
  return arithmetic.test(comment.text) || (opened > 0 && restOfArguments.test(comment.text));
}
