import type { TokenType } from 'chevrotain';
import * as t from './tokens.ts';

/**
 * How tightly operators bind; the loosest level is 0. All levels are left-associative, except that comparisons and
 * ranges do not chain. `not` takes in everything tighter than itself (`not a == b` negates the comparison), `-`
 * binds tightest, so that `-a * b` is `(-a) * b`.
 */
export const levels: readonly (readonly TokenType[])[] = [
  [t.Pipe],
  [t.Or],
  [t.And],
  [t.Not],
  [t.EqualTo, t.NotEqualTo, t.Less, t.LessOrEqual, t.Greater, t.GreaterOrEqual],
  [t.Append],
  [t.Range],
  [t.Plus, t.Minus],
  [t.Times, t.Divide, t.Remainder],
];

/** Levels whose operators do not chain: `a < b < c` is an error, not a surprise. */
export const isolated: ReadonlySet<number> = new Set([4, 6]);

export const notLevel = 3;
/** The level of the prefix `-`, above all infix operators. */
export const negationLevel = levels.length;

const levelOf = new Map<TokenType, number>(
  levels.flatMap((operators, level) => operators.map((operator) => [operator, level] as const)),
);

export function precedence(operator: TokenType): number {
  return levelOf.get(operator) ?? 0;
}
