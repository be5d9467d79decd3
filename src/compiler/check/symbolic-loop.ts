import type { LoopStatement } from '../ir/module.ts';
import { compare } from '../shapes/prop.ts';
import { freshVar, variable, type Size, type SizeVar } from '../shapes/size.ts';
import type { ForStmt } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import type { Val } from './value.ts';

/** What a loop runs over. */
export interface Turns {
  readonly count: Size;
  /** The element of a turn. */
  readonly element: (turn: Size) => Val;
  readonly each: LoopStatement['each'];
}

/** A loop that is not unrolled: its body is read for a turn `index` of which only 0 <= index < count is known. */
export interface SymbolicLoop {
  readonly cx: Context;
  readonly statement: ForStmt;
  readonly turns: Turns;
  readonly index: SizeVar;
}

/** Gives the turn a variable, and notes how many turns there are. */
export function symbolicLoop(cx: Context, statement: ForStmt, turns: Turns): SymbolicLoop {
  const index = freshVar(statement.index?.text ?? statement.element.text);
  cx.turnCounts.set(index, turns.count);
  return { cx, statement, turns, index };
}

/** Takes for given that the turn is one of the loop's. */
export function assumeTurn({ cx, index, turns: { count } }: SymbolicLoop): void {
  cx.facts = cx.facts.withVar(
    index,
    count.value === undefined ? { min: 0 } : { min: 0, max: count.value - 1 },
  );
  if (count.value === undefined) cx.facts = cx.facts.assume(compare(variable(index), '<', count));
}

/** Asks something about the turn from outside of the loop. */
export function ofAnyTurn<T>(loop: SymbolicLoop, ask: () => T): T {
  const { cx } = loop;
  const { facts } = cx;
  assumeTurn(loop);
  const answer = ask();
  cx.facts = facts;
  return answer;
}
