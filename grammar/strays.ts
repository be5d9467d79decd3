import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import * as t from './tokens.ts';

/** Something that begins no declaration (at the `top`), no statement (in a `body`) or no item of a `train`. */
export interface Stray {
  readonly token: IToken;
  readonly place: 'top' | 'body' | 'train';
}

/**
 * Drops what begins neither a declaration nor a statement, up to its terminator and with the bodies it holds, so
 * that the parser never has to guess where such a thing ends.
 */
export function dropStrays(input: readonly IToken[]): {
  readonly tokens: readonly IToken[];
  readonly strays: readonly Stray[];
} {
  const tokens: IToken[] = [];
  const strays: Stray[] = [];
  let depth = 0;
  let starts = true;
  let inTrain = false;
  let previous: TokenType | undefined;
  /** The depth at which the terminator of a dropped thing is awaited. */
  let dropping: number | undefined;

  for (const token of input) {
    const type = token.tokenType;
    if (starts && dropping === undefined && type !== t.Terminator && type !== t.RCurly) {
      const place = depth === 0 ? 'top' : inTrain ? 'train' : 'body';
      if (!beginsSomething(token, place)) {
        strays.push({ token, place });
        dropping = depth;
      }
      if (depth === 0) inTrain = type === t.Train;
    }
    if (type === t.LCurly) depth++;
    else if (type === t.RCurly) depth--;
    const opensBody = type === t.LCurly && !(depth === 1 && previous === t.Import);
    starts = type === t.Terminator || opensBody;
    previous = type;
    if (dropping === undefined) tokens.push(token);
    else if (type === t.Terminator && depth === dropping) dropping = undefined;
  }
  return { tokens, strays };
}

const starters = new Set<TokenType>([
  t.Return,
  t.For,
  t.If,
  t.Assert,
  // An expression is no statement, but the parser has a rule for it, which makes the better message.
  t.NumberToken,
  t.StringToken,
  t.True,
  t.False,
  t.LSquare,
  t.Minus,
  t.Not,
  t.Range,
]);

function beginsSomething(token: IToken, place: Stray['place']): boolean {
  if (place === 'top') return tokenMatcher(token, t.DeclarationWord);
  if (tokenMatcher(token, t.Name) || token.tokenType === t.LParen) return true;
  return place === 'body' && starters.has(token.tokenType);
}
