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
  return new Terminators(input).run();
}

class Terminators {
  private readonly input: readonly IToken[];
  private readonly output: IToken[] = [];
  /** Open `(`, `[` and braces of imports. */
  private inner = 0;
  /** Open braces of bodies. */
  private bodies = 0;
  private importOpen = false;
  private inHead = false;
  /** The first token of the statement or declaration. */
  private statement: TokenType | undefined;
  private previous: IToken | undefined;

  constructor(input: readonly IToken[]) {
    this.input = input;
  }

  run(): readonly IToken[] {
    let newline = false;
    for (const [i, token] of this.input.entries()) {
      if (token.tokenType === t.Newline) {
        newline = true;
        continue;
      }
      if (newline && this.inner === 0 && this.endsBefore(i)) this.terminate();
      newline = false;
      if (this.atStart()) {
        this.statement = token.tokenType;
        if (this.bodies === 0) this.inHead = heads.has(token.tokenType);
      }
      this.count(token.tokenType);
      this.output.push(token);
      this.previous = token;
    }
    this.terminate();
    return this.output;
  }

  private atStart(): boolean {
    const type = this.previous?.tokenType;
    return type === undefined || type === t.Terminator || (type === t.LCurly && !this.importOpen);
  }

  private terminate(): void {
    if (this.atStart() || this.previous === undefined) return;
    this.previous = invisible(t.Terminator, this.previous);
    this.output.push(this.previous);
  }

  private endsBefore(i: number): boolean {
    if (this.inHead) return beginsDeclaration(this.input, i);
    const previous = this.previous;
    return previous !== undefined && !carriesOn(previous, this.input, i, this.statement);
  }

  private count(type: TokenType): void {
    if (type === t.LParen || type === t.LSquare) this.inner++;
    else if (type === t.RParen || type === t.RSquare) this.inner--;
    else if (type === t.LCurly) {
      this.importOpen = this.bodies === 0 && !this.inHead && this.previous?.tokenType === t.Import;
      if (this.importOpen) this.inner++;
      else this.bodies++;
      this.inHead = false;
    } else if (type === t.RCurly) {
      if (this.importOpen) this.inner--;
      else {
        this.terminate();
        this.bodies--;
        // A statement that ends on the line of its `}` is over; no clause of it can follow.
        this.statement = undefined;
      }
      this.importOpen = false;
    }
  }
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
