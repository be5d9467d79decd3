import { constant, sub, add, isConstant, print, type Size } from '../shapes/size.ts';
import type { ForStmt } from '../syntax/ast.ts';
import { assignedIn, bindElement, poisonAssigned } from './carried.ts';
import { LIMITS } from './complaints.ts';
import type { Context } from './context.ts';
import { atLeast, demand } from './demands.ts';
import { checkInductively } from './induction.ts';
import { complainOfRowAsValue } from './row-as-value.ts';
import { Scope } from './scope.ts';
import type { Turns } from './symbolic-loop.ts';
import { unknownElement } from './unknown.ts';
import { describe, tensorVal, type Val } from './value.ts';

/**
 * A loop. Over a list whose elements are known it is unrolled. Otherwise its body is checked once for every turn (see
 * `induction.ts`); where the number of turns is known and what a turn does to shapes is irregular, it is unrolled
 * after all.
 */
export function checkLoop(cx: Context, statement: ForStmt): void {
  const range = cx.evaluate(statement.range);
  switch (range.kind) {
    case 'poison':
      poisonAssigned(cx, statement);
      return;
    case 'items':
      if (complainOfRowAsValue(cx, statement, range.items)) poisonAssigned(cx, statement);
      else unroll(cx, statement, range.items);
      return;
    case 'range':
      overRange(cx, statement, range.from, range.to);
      return;
    case 'list': {
      const { list } = range;
      const element = cx.tensor(statement.element.text, list.type.element, statement.element.span);
      const turns: Turns = {
        count: list.type.length,
        element: () => tensorVal(element),
        each: { list, element },
      };
      if (!checkInductively(cx, statement, turns, false)) poisonAssigned(cx, statement);
      return;
    }
    case 'unknownList': {
      const turns: Turns = {
        count: range.length,
        element: () => unknownElement(cx, range, statement.range.span),
        each: undefined,
      };
      if (!checkInductively(cx, statement, turns, false)) poisonAssigned(cx, statement);
      return;
    }
    default:
      cx.error(
        'N3006',
        statement.range.span,
        `a loop runs over a list or a range, not over ${describe(range)}`,
        {
          help: 'for example `for i in 0..n` or `for x in list`',
        },
      );
      poisonAssigned(cx, statement);
  }
}

function overRange(cx: Context, statement: ForStmt, from: Size, to: Size): void {
  const count = sub(to, from);
  const number = isConstant(count);
  const element = (turn: Size): Val => ({ kind: 'int', size: add(from, turn) });
  if (number !== undefined && number < 0) {
    cx.error('N4011', statement.range.span, `the range ${print(from)}..${print(to)} runs backwards`);
    poisonAssigned(cx, statement);
    return;
  }
  if (demand(cx, atLeast(count, 0), 'N4011', statement.range.span, 'a range does not run backwards')) {
    const canUnroll = number !== undefined && number <= LIMITS.turns;
    if (checkInductively(cx, statement, { count, element, each: undefined }, canUnroll)) return;
    if (canUnroll) {
      unroll(
        cx,
        statement,
        Array.from({ length: number }, (_, i) => element(constant(i))),
      );
      return;
    }
  }
  poisonAssigned(cx, statement);
}

function unroll(cx: Context, statement: ForStmt, items: readonly Val[]): void {
  const { turns: most } = LIMITS;
  if (items.length > most) {
    cx.error(
      'N6001',
      statement.range.span,
      `the loop would be unrolled ${items.length} times, and ${most} is the most`,
      {
        help: 'a loop over a range is not unrolled where each turn does the same to the shapes',
      },
    );
    poisonAssigned(cx, statement);
    return;
  }
  const { region, scope } = cx;
  const assigned = assignedIn(statement.body.statements);
  for (const [i, item] of items.entries()) {
    const before = cx.errorCount;
    cx.region = region.turn(i);
    cx.scope = new Scope(scope);
    // Loops within loops may have no statement at all.
    cx.checker.complaints.countStatement(cx, statement.range.span);
    bindElement(cx, statement, item, constant(i));
    cx.checkStatements(statement.body.statements);
    const inner = cx.scope;
    for (const name of assigned) {
      const bound = inner.owns(name) ? inner.lookup(name) : undefined;
      if (bound !== undefined && scope.lookup(name) !== undefined) scope.bind(name, bound.val, bound.span);
    }
    // The turns that follow would say the same of other sizes.
    if (cx.errorCount > before || cx.checker.complaints.isExhausted) break;
  }
  cx.region = region;
  cx.scope = scope;
}
