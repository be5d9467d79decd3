import type { IToken, TokenType } from 'chevrotain';
import { isolated, negationLevel, notLevel, precedence } from '../../../../grammar/precedence.ts';
import * as t from '../../../../grammar/tokens.ts';
import { after, cover, type Span } from '../../source/span.ts';
import type { BinaryOperator, Expr } from '../ast.ts';
import { complain, errorExpr, tokenSpan, type BuildContext } from './context.ts';

/** An expression as the parser leaves it: operands and operators in the order of the source. */
export type Piece =
  | { readonly kind: 'operand'; readonly expr: Expr }
  | { readonly kind: 'prefix'; readonly token: IToken }
  | { readonly kind: 'infix'; readonly token: IToken };

const operators = new Map<TokenType, BinaryOperator>([
  [t.Or, 'or'],
  [t.And, 'and'],
  [t.EqualTo, '=='],
  [t.NotEqualTo, '!='],
  [t.Less, '<'],
  [t.LessOrEqual, '<='],
  [t.Greater, '>'],
  [t.GreaterOrEqual, '>='],
  [t.Append, '++'],
  [t.Plus, '+'],
  [t.Minus, '-'],
  [t.Times, '*'],
  [t.Divide, '/'],
  [t.Remainder, '%'],
]);

/**
 * Builds the tree by precedence climbing. Its recursion is bounded by the number of levels and of prefix operators.
 * `openEnds` allows a range without one of its ends, as in an index.
 */
export function combine(context: BuildContext, pieces: readonly Piece[], openEnds: boolean): Expr {
  return new Climber(context, pieces, openEnds).climb(0);
}

class Climber {
  private readonly context: BuildContext;
  private readonly pieces: readonly Piece[];
  private readonly openEnds: boolean;
  private next = 0;

  constructor(context: BuildContext, pieces: readonly Piece[], openEnds: boolean) {
    this.context = context;
    this.pieces = pieces;
    this.openEnds = openEnds;
  }

  /** An expression whose operators all bind at `loosest` or tighter. */
  climb(loosest: number): Expr {
    let left = this.operand();
    let lastLevel: number | undefined;
    for (;;) {
      const piece = this.pieces[this.next];
      if (piece?.kind !== 'infix') return left;
      const operator = piece.token;
      const level = precedence(operator.tokenType);
      if (level < loosest) return left;
      this.next++;
      if (level === lastLevel && isolated.has(level)) this.complainOfChain(operator);
      lastLevel = level;
      left = this.apply(operator, level, left);
    }
  }

  private apply(operator: IToken, level: number, left: Expr): Expr {
    const type = operator.tokenType;
    if (type === t.Range) {
      const to = this.atOperand() ? this.climb(level + 1) : this.missingEnd(operator);
      const span = cover(left.span, to?.span ?? tokenSpan(this.context, operator));
      return { kind: 'RangeExpr', span, from: left, to };
    }
    const right = this.atOperand() ? this.climb(level + 1) : this.missingOperand(operator);
    const span = cover(left.span, right.span);
    if (type === t.Pipe) return { kind: 'PipeExpr', span, value: left, stage: right };
    const symbol = operators.get(type);
    if (symbol === undefined) return errorExpr(span);
    const operatorSpan = tokenSpan(this.context, operator);
    return { kind: 'BinaryExpr', span, operator: symbol, operatorSpan, left, right };
  }

  private operand(): Expr {
    const piece = this.pieces[this.next];
    if (piece === undefined) return errorExpr({ file: this.context.file, start: 0, end: 0 });
    if (piece.kind === 'operand') {
      this.next++;
      return piece.expr;
    }
    if (piece.token.tokenType === t.Range) return this.rangeWithoutStart(piece.token);
    this.next++;
    if (piece.kind === 'infix') return this.missingOperand(piece.token);
    const negates = piece.token.tokenType === t.Minus;
    const operand = this.atOperand()
      ? this.climb(negates ? negationLevel : notLevel + 1)
      : this.missingOperand(piece.token);
    const span = cover(tokenSpan(this.context, piece.token), operand.span);
    return { kind: 'UnaryExpr', span, operator: negates ? '-' : 'not', operand };
  }

  private rangeWithoutStart(operator: IToken): Expr {
    this.next++;
    this.missingEnd(operator);
    const own = tokenSpan(this.context, operator);
    const to = this.atOperand() ? this.climb(precedence(t.Range) + 1) : undefined;
    return { kind: 'RangeExpr', span: to === undefined ? own : cover(own, to.span), from: undefined, to };
  }

  private atOperand(): boolean {
    const piece = this.pieces[this.next];
    return piece?.kind === 'operand' || piece?.kind === 'prefix';
  }

  /** Recovery ended the expression here, and has said why. */
  private missingOperand(operator: IToken): Expr {
    return errorExpr(after(tokenSpan(this.context, operator)));
  }

  private missingEnd(operator: IToken): undefined {
    if (this.openEnds) return undefined;
    complain(this.context, 'N1002', tokenSpan(this.context, operator), 'a range needs both its ends here', {
      help: 'Write `0..n`. Only an index may leave an end out, as in `list[1..]`.',
    });
    return undefined;
  }

  private complainOfChain(operator: IToken): void {
    const span: Span = tokenSpan(this.context, operator);
    if (operator.tokenType === t.Range) complain(this.context, 'N1002', span, 'ranges do not chain');
    else {
      complain(this.context, 'N1002', span, 'comparisons do not chain', {
        help: 'Join two comparisons: `a < b and b < c`.',
      });
    }
  }
}
