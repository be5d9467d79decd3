import type { ILexingError, IToken } from 'chevrotain';
import { balanceBrackets, end, type BracketProblem } from './brackets.ts';
import { endStatements } from './newlines.ts';
import { dropStrays, type Stray } from './strays.ts';
import { habits, LCurly, lexer, Terminator } from './tokens.ts';

/** What the parser is given, and what had to be mended to get there. */
export interface TokenReading {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly unexpected: readonly ILexingError[];
  /** Tokens of other languages (`&&`, `'...'`), read as what they mean here. */
  readonly habits: readonly IToken[];
  readonly brackets: readonly BracketProblem[];
  readonly strays: readonly Stray[];
  /** The offsets at which a statement or the head of a body ends, in order. */
  readonly statementEnds: readonly number[];
}

/** Text to parser input: lexer, bracket balance, ends of statements, strays; each a pure function of the one before. */
export function readTokens(text: string): TokenReading {
  const lexed = lexer().tokenize(text);
  const mistaken: IToken[] = [];
  const meant = lexed.tokens.map((token) => {
    // The lexer gives starts alone, the locations of tree nodes need the ends.
    token.endOffset = end(token) - 1;
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
    comments: lexed.groups['comments'] ?? [],
    unexpected: lexed.errors,
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
