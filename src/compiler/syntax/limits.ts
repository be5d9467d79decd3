import type { IToken } from 'chevrotain';
import { endsStatement, type TokenReading } from '../../../grammar/read-tokens.ts';
import { NumberToken, StringToken } from '../../../grammar/tokens.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Piece } from '../source/piece.ts';
import type { SourceFile } from '../source/source-file.ts';
import { Span } from '../source/span.ts';
import { tokenSpan } from './messages.ts';

/** What a source may be at most. A network of 20,000 layers, each written out as a statement, has its place. */
export const sourceLimits = {
  /** In UTF-16 units. */
  length: 1_500_000,
  /** Words, numbers, strings and symbols, which are what takes time; comments do not count. */
  tokens: 600_000,
  /** Statements, and heads of bodies. */
  statements: 50_000,
  /** Tokens of one statement, or of the head of a declaration: long lists of labels are the longest there are. */
  statementTokens: 100_000,
  /** Characters of one name, number or string, all of which messages repeat. */
  tokenLength: 1_000,
} as const;

/** Why a source is refused before it is looked at. */
export function refuseLength(source: SourceFile): Diagnostic | undefined {
  if (source.text.length <= sourceLimits.length) return undefined;
  const message = `the file has more than ${sourceLimits.length / 1_000_000} million characters`;
  return errorAt('N6001', Span.startOf(source.path), message, { help: splitIt });
}

/** Why a piece is refused before it is parsed, which takes far longer than to read its tokens. */
export function refuseTokens(piece: Piece, { tokens }: TokenReading): Diagnostic | undefined {
  let inStatement = 0;
  for (const [i, token] of tokens.entries()) {
    if (i >= sourceLimits.tokens) return tooManyTokens(tokenSpan(piece, token).before);
    if (token.image.length > sourceLimits.tokenLength) {
      const most = `it may have ${sourceLimits.tokenLength} at most`;
      const message = `this ${kindOf(token)} has ${token.image.length} characters`;
      return errorAt('N6001', tokenSpan(piece, token).before, message, { help: most });
    }
    inStatement = endsStatement(token) ? 0 : inStatement + 1;
    if (inStatement > sourceLimits.statementTokens) {
      const message = `a statement has more than ${words(sourceLimits.statementTokens)}`;
      const help = 'Bind parts of it to names, or use a loop.';
      return errorAt('N6001', tokenSpan(piece, token).before, message, { help });
    }
  }
  return undefined;
}

/** What a piece adds to the size of its file. */
export interface PieceSize {
  readonly piece: Piece;
  readonly tokenCount: number;
  /** The offsets at which a statement or the head of a body ends, in order. */
  readonly statementEnds: readonly number[];
}

/** Why a file is refused of which no piece is too large. */
export function refuseSum(pieces: readonly PieceSize[]): Diagnostic | undefined {
  let tokens = 0;
  let statements = 0;
  for (const { piece, tokenCount, statementEnds } of pieces) {
    const excess = statementEnds[sourceLimits.statements - statements];
    if (excess !== undefined) {
      const message = `the file has more than ${sourceLimits.statements.toLocaleString('en')} statements`;
      return errorAt('N6001', piece.at(excess), message, { help: splitIt });
    }
    statements += statementEnds.length;
    tokens += tokenCount;
    if (tokens > sourceLimits.tokens) return tooManyTokens(piece.at(0));
  }
  return undefined;
}

function tooManyTokens(place: Span): Diagnostic {
  return errorAt('N6001', place, `the file has more than ${words(sourceLimits.tokens)}`, { help: splitIt });
}

const splitIt = 'Split it into several files.';

function words(count: number): string {
  return `${count.toLocaleString('en')} words, numbers and symbols`;
}

function kindOf({ tokenType }: IToken): string {
  return tokenType === NumberToken ? 'number' : tokenType === StringToken ? 'string' : 'name';
}
