import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import { beginsDeclaration, invisible } from './brackets.ts';
import * as t from './tokens.ts';

/**
 * Replaces newlines by terminators where they end a statement. A newline ends it unless
 * - a `(` or `[`, or the `{` of an import, is open;
 * - the token before asks for more: an infix operator, `=`, `,`, `:`, `->`, a prefix operator;
 * - the token after carries on: an infix operator, `=`, `->`, `else`, the `{` of a body, `from`, an output's `labels`;
 * - it stands in the head of a block, loss, model or train declaration, which ends with its `{`.
 *
 * The last statement before a `}` and before the end of the file gets its terminator too, so that for the parser
 * each ends alike. Brackets must be balanced.
 */
export function endStatements(input: readonly IToken[]): readonly IToken[] {
  const output: IToken[] = [];
  /** Open `(`, `[` and braces of imports. */
  let inner = 0;
  /** Open braces of bodies. */
  let bodies = 0;
  let inHead = false;
  let newline = false;
  let previous: IToken | undefined;
  /** The first token of the statement or declaration. */
  let statement: TokenType | undefined;

  const terminate = () => {
    if (previous !== undefined && previous.tokenType !== t.Terminator && !opensBody(previous)) {
      previous = invisible(t.Terminator, previous);
      output.push(previous);
    }
  };
  let importOpen = false;
  const opensBody = (token: IToken) => token.tokenType === t.LCurly && !importOpen;

  for (const [i, token] of input.entries()) {
    const type = token.tokenType;
    if (type === t.Newline) {
      newline = true;
      continue;
    }
    if (newline && inner === 0 && previous !== undefined) {
      const ends = inHead ? beginsDeclaration(input, i) : !carriesOn(previous, input, i, statement);
      if (ends) terminate();
    }
    newline = false;
    if (previous === undefined || previous.tokenType === t.Terminator || opensBody(previous)) {
      statement = type;
      if (bodies === 0) inHead = heads.has(type);
    }

    if (type === t.LParen || type === t.LSquare) inner++;
    else if (type === t.RParen || type === t.RSquare) inner--;
    else if (type === t.LCurly) {
      importOpen = bodies === 0 && !inHead && previous?.tokenType === t.Import;
      if (importOpen) inner++;
      else bodies++;
      inHead = false;
    } else if (type === t.RCurly) {
      if (importOpen) inner--;
      else {
        terminate();
        bodies--;
      }
      importOpen = false;
    }
    output.push(token);
    previous = token;
  }
  terminate();
  return output;
}

const heads = new Set<TokenType>([t.Block, t.Loss, t.Model, t.Train]);
const asksForMore = new Set<TokenType>([t.Equals, t.Comma, t.Colon, t.Arrow]);
const goesOn = new Set<TokenType>([t.Equals, t.Arrow, t.Else, t.LCurly]);

/** The clauses that may begin a line of their own, by the word that begins the statement. */
const clauses = new Map<TokenType, TokenType>([
  [t.Import, t.From],
  [t.Input, t.From],
  [t.Output, t.Labels],
]);

function carriesOn(
  previous: IToken,
  input: readonly IToken[],
  i: number,
  statement: TokenType | undefined,
): boolean {
  const next = input[i];
  if (next === undefined) return false;
  if (asksForMore.has(previous.tokenType) || goesOn.has(next.tokenType)) return true;
  if (tokenMatcher(previous, t.InfixOperator) || tokenMatcher(previous, t.PrefixOperator)) return true;
  if (tokenMatcher(next, t.InfixOperator)) return true;
  const clause = statement === undefined ? undefined : clauses.get(statement);
  return next.tokenType === clause && input[i + 1]?.tokenType !== t.Equals;
}
