import type { IToken } from 'chevrotain';
import { balanceBrackets, end, type BracketProblem } from './brackets.ts';
import { endStatements } from './newlines.ts';
import { dropStrays, type Stray } from './strays.ts';
import { tokenize, type Unexpected } from './tokenize.ts';
import { habits, LCurly, Terminator } from './tokens.ts';

/** What the parser is given, and what had to be mended to get there. */
export interface TokenReading {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly unexpected: readonly Unexpected[];
  /** Tokens of other languages (`&&`, `'...'`), read as what they mean here. */
  readonly habits: readonly IToken[];
  readonly brackets: readonly BracketProblem[];
  readonly strays: readonly Stray[];
  /** The offsets at which a statement or the head of a body ends, in order. */
  readonly statementEnds: readonly number[];
}

/** Text to parser input: lexer, bracket balance, ends of statements, strays; each a pure function of the one before. */
export function readTokens(text: string): TokenReading {
  const lexed = tokenize(text);
  const mistaken: IToken[] = [];
  const meant = lexed.tokens.map((token) => {
    const type = habits.get(token.tokenType);
    if (type === undefined) return token;
    mistaken.push(token);
    return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? token.tokenTypeIdx };
  });
  const balanced = balanceBrackets(meant);
  const terminated = endStatements(balanced.tokens);
  const { tokens, strays } = dropStrays(terminated);
  return {
    tokens,
    comments: lexed.comments,
    unexpected: lexed.unexpected,
    habits: mistaken,
    brackets: balanced.problems,
    strays,
    statementEnds: terminated.filter(endsStatement).map(end),
  };
}

/** Whether a statement or the head of a body ends with it. */
export function endsStatement(token: IToken): boolean {
  return token.tokenType === Terminator || token.tokenType === LCurly;
}
