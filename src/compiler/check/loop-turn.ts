import type { Value } from '../ir/module.ts';
import { constant, variable, type Size } from '../shapes/size.ts';
import { bindElement, toVal, withSizes, type Slot } from './carried.ts';
import type { Context } from './context.ts';
import { atLeast } from './demands.ts';
import { toIrList } from './lists.ts';
import type { RegionBuilder } from './region.ts';
import { Scope } from './scope.ts';
import { assumeTurn, type SymbolicLoop } from './symbolic-loop.ts';
import type { Val } from './value.ts';

/** The sizes of each slot, in the order of its own. */
export type SlotSizes = readonly (readonly Size[])[];

/** What came of reading the body of a loop once, slot by slot. */
export interface LoopTurn {
  readonly region: RegionBuilder;
  /** The sizes with which it starts. */
  readonly before: SlotSizes;
  /** The values of the IR at its start, */
  readonly currents: readonly (Value | undefined)[];
  /** and those that it leaves behind; of integers there are none. */
  readonly nexts: readonly (Value | undefined)[];
  /** What the slots' names are bound to at its end. */
  readonly after: readonly (Val | undefined)[];
}

/** Reads the body for turn i, at whose start the slots have the sizes `startOf(i)`. */
export function runTurn(
  loop: SymbolicLoop,
  slots: readonly Slot[],
  startOf: (turn: Size) => SlotSizes,
): LoopTurn {
  const { cx, index, statement, turns } = loop;
  const i = variable(index);
  cx.region = cx.region.loop(index);
  cx.localSize(index);
  cx.scope = new Scope(cx.scope);
  assumeTurn(loop);
  cx.guards.push(atLeast(turns.count, 1));
  const before = startOf(i);
  const currents = slots.map((slot, k) => bindSlot(cx, slot, before[k] ?? []));
  bindElement(cx, statement, turns.element(i), i);
  cx.checkStatements(statement.body.statements);
  const nexts = slots.map((slot) => carriedOut(cx, slot));
  const after = slots.map((slot, k) => {
    const next = nexts[k];
    return next === undefined ? cx.scope.lookup(slot.name)?.val : toVal(next);
  });
  return { region: cx.region, before, currents, nexts, after };
}

/** Binds a slot's name to a value of those sizes: one of the IR, unless it is an integer. */
function bindSlot(cx: Context, slot: Slot, sizes: readonly Size[]): Value | undefined {
  if (slot.initial.kind === 'int') {
    cx.scope.bind(slot.name, { kind: 'int', size: sizes[0] ?? constant(0) }, slot.span);
    return undefined;
  }
  const current = cx.value(slot.name, withSizes(slot.initial.value.type, sizes), slot.span);
  cx.scope.bind(slot.name, toVal(current), slot.span);
  return current;
}

/** The value of the IR that a turn leaves behind. */
function carriedOut(cx: Context, slot: Slot): Value | undefined {
  const bound = cx.scope.lookup(slot.name);
  if (slot.initial.kind === 'int' || bound === undefined) return undefined;
  const { val } = bound;
  if (val.kind === 'tensor') return val.tensor;
  if (val.kind !== 'list' && val.kind !== 'items') return undefined;
  const { type } = slot.initial.value;
  return toIrList(cx, val, bound.span, type.kind === 'list' ? type.element : undefined);
}
