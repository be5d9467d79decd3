import { createTokenInstance, tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import * as t from './tokens.ts';

/**
 * Balances the brackets, so that a forgotten or superfluous one costs one message at its own place and the parser
 * still sees every statement that follows. It decides by what cannot stand inside a bracket: a declaration at the
 * start of a line, a statement inside `(` or `[`, a `{` inside either.
 */
export interface Balanced {
  readonly tokens: readonly IToken[];
  readonly problems: readonly BracketProblem[];
}

export type BracketProblem =
  /** `open` is not closed where `at` (or the end of the file) makes it clear; `suspect` may be the one forgotten. */
  | {
      readonly kind: 'unclosed';
      readonly open: IToken;
      readonly at: IToken | undefined;
      readonly suspect: IToken | undefined;
    }
  | { readonly kind: 'stray'; readonly token: IToken }
  | { readonly kind: 'crossed'; readonly open: IToken; readonly token: IToken }
  | { readonly kind: 'tooDeep'; readonly token: IToken };

/**
 * Nesting beyond this is refused; the parser and what follows it recurse for each bracket. Where something does not fit, the
 * parser looks for what would from where it stands: on the usual stack that fails at twice this depth.
 */
export const maxBracketDepth = 64;

interface Open {
  readonly token: IToken;
  /** Blanks before the first token of the line that holds the bracket. */
  readonly indent: number;
  readonly ofImport: boolean;
}

const closerOf = new Map<TokenType, TokenType>([
  [t.LParen, t.RParen],
  [t.LSquare, t.RSquare],
  [t.LCurly, t.RCurly],
]);
const closers = new Set<TokenType>(closerOf.values());
const statementWords = new Set<TokenType>([t.For, t.If, t.Else, t.Return, t.Assert]);
const namedStatementWords = new Set<TokenType>([t.Param, t.Input, t.Output]);

export function closingText(open: IToken): string {
  return open.image === '(' ? ')' : open.image === '[' ? ']' : '}';
}

export function balanceBrackets(input: readonly IToken[]): Balanced {
  return new Balancer(input).run();
}

class Balancer {
  private readonly input: readonly IToken[];
  private readonly output: IToken[] = [];
  private readonly problems: BracketProblem[] = [];
  private readonly stack: Open[] = [];
  private suspect: IToken | undefined;
  /** The last token that is not a newline. */
  private previous: IToken | undefined;

  constructor(input: readonly IToken[]) {
    this.input = input;
  }

  run(): Balanced {
    let lineStart = 0;
    let indent = 0;
    let first = true;
    for (const [i, token] of this.input.entries()) {
      const type = token.tokenType;
      if (type === t.Newline) {
        this.output.push(token);
        lineStart = end(token);
        first = true;
        continue;
      }
      if (first) {
        indent = token.startOffset - lineStart;
        this.closeBeforeLine(i, indent);
      }
      this.closeBefore(i);
      if (closerOf.has(type)) {
        const ofImport = this.stack.length === 0 && this.previous?.tokenType === t.Import;
        this.stack.push({ token, indent, ofImport });
        if (this.stack.length > maxBracketDepth) {
          this.problems.push({ kind: 'tooDeep', token });
          return { tokens: [], problems: this.problems };
        }
        this.emit(token);
      } else if (closers.has(type)) {
        this.close(token, first ? indent : undefined);
      } else {
        this.emit(token);
      }
      first = false;
    }
    this.closeWhile(() => true, undefined);
    return { tokens: this.output, problems: this.problems };
  }

  private emit(token: IToken): void {
    this.output.push(token);
    this.previous = token;
  }

  private closeBeforeLine(i: number, indent: number): void {
    if (this.stack.length === 0) return;
    const token = this.input[i];
    if (token === undefined) return;
    if (indent === 0 && beginsDeclaration(this.input, i)) this.closeWhile(() => true, token);
    else if (this.beginsStatement(i)) this.closeWhile(isInner, token);
  }

  private closeBefore(i: number): void {
    const token = this.input[i];
    if (token?.tokenType === t.LCurly) this.closeWhile(isInner, token);
    if (token?.tokenType === t.From && this.input[i + 1]?.tokenType === t.StringToken) {
      this.closeWhile((open) => open.ofImport, token);
    }
  }

  /** Whether the token, the first of its line, begins a statement that no `(` or `[` can hold. */
  private beginsStatement(i: number): boolean {
    const token = this.input[i];
    const next = this.input[i + 1];
    if (token === undefined || next === undefined) return false;
    if (statementWords.has(token.tokenType)) return true;
    if (namedStatementWords.has(token.tokenType) && tokenMatcher(next, t.Name)) return true;
    // `paths:` and `int = 4` may stand on two lines.
    return tokenMatcher(token, t.Name) && next.tokenType === t.Equals && this.previous?.tokenType !== t.Colon;
  }

  /** Closes the innermost brackets as long as `concerned`; only the innermost is reported. */
  private closeWhile(concerned: (open: Open) => boolean, at: IToken | undefined): void {
    let reported = false;
    for (let open = this.stack.at(-1); open !== undefined && concerned(open); open = this.stack.at(-1)) {
      if (!reported) this.problems.push({ kind: 'unclosed', open: open.token, at, suspect: this.suspect });
      reported = true;
      this.closeInvisibly(open);
    }
    if (reported) this.suspect = undefined;
  }

  /** The invented bracket goes before the newlines just passed, which may then end the statement. */
  private closeInvisibly(open: Open): void {
    const type = closerOf.get(open.token.tokenType);
    if (type === undefined) return;
    const token = invisible(type, this.previous ?? open.token);
    let at = this.output.length;
    while (at > 0 && this.output[at - 1]?.tokenType === t.Newline) at--;
    this.output.splice(at, 0, token);
    this.previous = token;
    this.stack.pop();
  }

  private close(token: IToken, indent: number | undefined): void {
    const top = this.stack.at(-1);
    if (top !== undefined && closerOf.get(top.token.tokenType) === token.tokenType) {
      this.stack.pop();
      if (this.stack.length === 0) this.suspect = undefined;
      // A `}` further left than the line of its `{` belongs to an outer one.
      else if (indent !== undefined && indent < top.indent) this.suspect ??= top.token;
      this.emit(token);
      return;
    }
    const reach = token.tokenType === t.RCurly ? () => true : isInner;
    if (this.hasOpen(token.tokenType, reach)) {
      this.closeWhile((open) => closerOf.get(open.token.tokenType) !== token.tokenType, token);
      this.close(token, indent);
    } else if (top !== undefined && isInner(top) && token.tokenType !== t.RCurly) {
      this.problems.push({ kind: 'crossed', open: top.token, token });
      this.closeInvisibly(top);
    } else {
      this.problems.push({ kind: 'stray', token });
    }
  }

  private hasOpen(closer: TokenType, reach: (open: Open) => boolean): boolean {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const open = this.stack[i];
      if (open === undefined || !reach(open)) return false;
      if (closerOf.get(open.token.tokenType) === closer) return true;
    }
    return false;
  }
}

function isInner(open: Open): boolean {
  return open.token.tokenType !== t.LCurly;
}

/** `block Name`, `import {`, `language 1`, `labels Name =`. */
export function beginsDeclaration(tokens: readonly IToken[], i: number): boolean {
  const token = tokens[i];
  const next = tokens[i + 1];
  if (token === undefined || next === undefined || !tokenMatcher(token, t.DeclarationWord)) return false;
  if (token.tokenType === t.Import) return next.tokenType === t.LCurly;
  if (token.tokenType === t.Language) return next.tokenType === t.NumberToken;
  if (token.tokenType === t.Labels) {
    return tokenMatcher(next, t.Name) && tokens[i + 2]?.tokenType === t.Equals;
  }
  return tokenMatcher(next, t.Name);
}

/** A token of no width after another. */
export function invisible(type: TokenType, after: IToken): IToken {
  const offset = end(after);
  const token = createTokenInstance(type, '', offset, offset - 1, NaN, NaN, NaN, NaN);
  token.isInsertedInRecovery = true;
  return token;
}

/** The offset after a token's last character. */
export function end(token: IToken): number {
  return token.startOffset + token.image.length;
}
