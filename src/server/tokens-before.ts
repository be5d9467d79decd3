import type { IToken } from 'chevrotain';
import { end } from '../../grammar/brackets.ts';
import { tokenize } from '../../grammar/tokenize.ts';
import { LCurly, LParen, LSquare, Newline, RCurly, RParen, RSquare } from '../../grammar/tokens.ts';
import type { SourceFile } from '../compiler/source/source-file.ts';
import { cut } from '../compiler/syntax/cut.ts';

const openers = new Set([LParen, LSquare, LCurly]);
const closers = new Set([RParen, RSquare, RCurly]);

/**
 * The tokens of a declaration up to an offset, newlines left out: what completion and signature help go by, since a source is
 * broken just while it is typed. Undefined inside of a comment.
 */
export function tokensBefore({ text }: SourceFile, offset: number): readonly IToken[] | undefined {
  const start = cut(text).findLast((piece) => piece.start <= offset)?.start ?? 0;
  const { tokens, comments } = tokenize(text.slice(start, offset));
  if (comments.some((comment) => start + end(comment) >= offset)) return undefined;
  return tokens.filter(({ tokenType }) => tokenType !== Newline);
}

/** A bracket that is open at the end of some tokens, by its index, and the commas since. */
export interface OpenBracket {
  readonly at: number;
  readonly commas: readonly number[];
}

/** The innermost bracket that is open behind the last of these tokens. */
export function openBracket(tokens: readonly IToken[]): OpenBracket | undefined {
  let depth = 0;
  const commas: number[] = [];
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i];
    if (token === undefined) continue;
    if (closers.has(token.tokenType)) depth++;
    else if (openers.has(token.tokenType)) {
      if (depth === 0) return { at: i, commas: commas.reverse() };
      depth--;
    } else if (depth === 0 && token.image === ',') commas.push(i);
  }
  return undefined;
}

/** The bracket that a closing one closes, by its index. */
export function matchingOpener(tokens: readonly IToken[], closer: number): number | undefined {
  return openBracket(tokens.slice(0, closer))?.at;
}
