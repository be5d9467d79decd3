import type { Carried, LoopStatement, Value } from '../ir/module.ts';
import { axisNames, printType, type ValueType } from '../ir/tensor-type.ts';
import { compare } from '../shapes/prop.ts';
import { add, constant, freshVar, isConstant, mul, sub, variable, varsOf, type Size, type SizeVar } from '../shapes/size.ts';
import type { ForStmt, Statement } from '../syntax/ast.ts';
import { atLeast, type Context } from './context.ts';
import { evaluate } from './expressions.ts';
import { isList, toIrList } from './lists.ts';
import { RegionBuilder } from './region.ts';
import { Scope } from './scope.ts';
import { checkStatements } from './statements.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';

/** Symbolic loops within each other: each level tries its body up to three times. */
const MAX_NESTING = 5;

/**
 * A loop. Over a list whose elements are known it is unrolled. Otherwise its body is checked once for a turn i of
 * which only 0 <= i < count is known: a size that is carried from turn to turn either stays, or grows by a step that
 * does not depend on the turn (shown by induction), or is opaque: the body must then be right for every value of it.
 */
export function checkLoop(cx: Context, statement: ForStmt): void {
  const range = evaluate(cx, statement.range);
  switch (range.kind) {
    case 'poison':
      poisonAssigned(cx, statement);
      return;
    case 'items':
      unroll(cx, statement, range.items);
      return;
    case 'range': {
      const count = sub(range.to, range.from);
      if (!cx.require(atLeast(count, 0), 'N4011', statement.range.span, 'a range must not run backwards')) {
        poisonAssigned(cx, statement);
        return;
      }
      const turns = isConstant(count);
      const from = range.from;
      const done = symbolic(cx, statement, count, (index) => ({ kind: 'int', size: add(from, index) }), turns !== undefined);
      if (done || turns === undefined) return;
      unroll(cx, statement, Array.from({ length: Math.min(turns, cx.checker.limits.unroll + 1) }, (_, i): Val => ({ kind: 'int', size: add(from, constant(i)) }))); // prettier-ignore
      return;
    }
    case 'list': {
      const { list } = range;
      const element = cx.tensor(statement.element.text, list.type.element);
      symbolic(cx, statement, list.type.length, () => tensorVal(element), false, { list, element });
      return;
    }
    case 'unknownList':
      symbolic(cx, statement, range.length, () => cx.checker.unknownElement(cx, range.element, statement.span), false);
      return;
    default:
      cx.error('N3006', statement.range.span, `a loop runs over a list or a range, not over ${describe(range)}`, {
        help: 'for example `for i in 0..n` or `for x in list`',
      });
      poisonAssigned(cx, statement);
  }
}

function unroll(cx: Context, statement: ForStmt, items: readonly Val[]): void {
  if (items.length > cx.checker.limits.unroll) {
    cx.error('N6001', statement.range.span, `the loop would be unrolled more than ${cx.checker.limits.unroll} times`);
    poisonAssigned(cx, statement);
    return;
  }
  const { region, scope } = cx;
  for (const [i, item] of items.entries()) {
    if (cx.checker.exhausted) break;
    cx.region = region.turn(i);
    cx.scope = new Scope(scope);
    cx.scope.bind(statement.element.text, item, statement.element.span);
    if (statement.index !== undefined) {
      cx.scope.bind(statement.index.text, { kind: 'int', size: constant(i) }, statement.index.span);
    }
    checkStatements(cx, statement.body.statements);
    for (const [name, { val, span }] of cx.scope.own()) {
      if (name !== statement.element.text && name !== statement.index?.text && scope.lookup(name) !== undefined) {
        scope.bind(name, val, span);
      }
    }
  }
  cx.region = region;
  cx.scope = scope;
}

/** A carried name: a tensor or list of the IR, or an integer of compile time. */
interface Slot {
  readonly name: string;
  readonly span: ForStmt['span'];
  readonly initial: { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'int'; readonly size: Size };
  /** The sizes it is made of before the first turn. */
  readonly start: readonly Size[];
}

/** How a size changes: it grows by `step` each turn (0: it stays), or it is a new unknown in every turn. */
type Change = { readonly kind: 'step'; readonly step: Size } | { readonly kind: 'opaque'; readonly v: SizeVar };

const ZERO = constant(0);
const STAYS: Change = { kind: 'step', step: ZERO };

/** True when the loop has been checked; false when `fallback` asks to unroll instead of making sizes opaque. */
function symbolic(
  cx: Context,
  statement: ForStmt,
  count: Size,
  elementOf: (index: Size) => Val,
  fallback: boolean,
  each?: NonNullable<LoopStatement['each']>,
): boolean {
  if (cx.region.turns.filter((turn) => typeof turn !== 'string').length >= MAX_NESTING) {
    cx.error('N6003', statement.span, `loops are nested more than ${MAX_NESTING} deep`);
    poisonAssigned(cx, statement);
    return true;
  }
  const outerLength = cx.region.statements.length;
  const slots = slotsOf(cx, statement, count, elementOf);
  if (slots === undefined) return true;
  const index = freshVar(statement.index?.text ?? statement.element.text);
  let changes: readonly (readonly Change[])[] = slots.map((slot) => slot.start.map(() => STAYS));
  for (let pass = 0; pass < slots.length + 4; pass++) {
    const attempt = cx.speculate(() => runTurn(cx, statement, count, index, elementOf, slots, changes));
    const { turn, next } = attempt.result;
    const revised = revise(cx, slots, changes, next, index, count, pass);
    if (revised === 'settled') {
      attempt.commit();
      finish(cx, statement, count, index, slots, changes, turn, each);
      return true;
    }
    attempt.rollback();
    if (revised === 'misfit') {
      // The shapes do not even have the same axes: the body says which.
      reportMisfit(cx, statement, slots, next);
      poisonAssigned(cx, statement);
      return true;
    }
    if (fallback && revised.flat().some((change) => change.kind === 'opaque')) {
      cx.region.statements.length = outerLength;
      return false;
    }
    changes = revised;
  }
  throw new Error('a loop did not settle after all its sizes were opaque');
}

interface Turn {
  readonly region: RegionBuilder;
  readonly currents: readonly (Value | undefined)[];
  readonly nexts: readonly (Value | undefined)[];
}

function runTurn(
  cx: Context,
  statement: ForStmt,
  count: Size,
  index: SizeVar,
  elementOf: (index: Size) => Val,
  slots: readonly Slot[],
  changes: readonly (readonly Change[])[],
): { readonly turn: Turn; readonly next: readonly (Val | undefined)[] } {
  const i = variable(index);
  cx.region = new RegionBuilder([...cx.region.turns, index]);
  cx.scope = new Scope(cx.scope);
  cx.facts = cx.facts.withVar(index, { min: 0 }).assume(compare(i, '<', count));
  cx.guards.push(atLeast(count, 1));
  const currents = slots.map((slot, k) => {
    const sizes = slot.start.map((size, j) => at(cx, changes[k]?.[j] ?? STAYS, size, i));
    if (slot.initial.kind === 'int') {
      cx.scope.bind(slot.name, { kind: 'int', size: sizes[0] ?? ZERO }, slot.span);
      return undefined;
    }
    const current = cx.value(slot.name, withSizes(slot.initial.value.type, sizes));
    cx.scope.bind(slot.name, toVal(current), slot.span);
    return current;
  });
  cx.scope.bind(statement.element.text, elementOf(i), statement.element.span);
  if (statement.index !== undefined) cx.scope.bind(statement.index.text, { kind: 'int', size: i }, statement.index.span);
  checkStatements(cx, statement.body.statements);
  const next = slots.map((slot) => cx.scope.lookup(slot.name)?.val);
  const nexts = slots.map((slot, k) => {
    const val = next[k];
    if (slot.initial.kind === 'int' || val === undefined) return undefined;
    if (val.kind === 'tensor') return val.tensor;
    if (val.kind !== 'list' && val.kind !== 'items') return undefined;
    const element = slot.initial.value.type.kind === 'list' ? slot.initial.value.type.element : undefined;
    return toIrList(cx, val, slot.span, element);
  });
  return { turn: { region: cx.region, currents, nexts }, next: nexts.map((value, k) => (value === undefined ? next[k] : toVal(value))) };
}

function at(cx: Context, change: Change, start: Size, turns: Size): Size {
  if (change.kind === 'opaque') {
    cx.freshOpaque(change.v, 1);
    return variable(change.v);
  }
  return change.step === ZERO ? start : add(start, mul(change.step, turns));
}

/** Compares what a turn left behind with the guess, and makes a better guess. */
function revise(
  cx: Context,
  slots: readonly Slot[],
  changes: readonly (readonly Change[])[],
  next: readonly (Val | undefined)[],
  index: SizeVar,
  count: Size,
  pass: number,
): readonly (readonly Change[])[] | 'settled' | 'misfit' {
  const i = variable(index);
  const { facts } = cx;
  cx.facts = facts.withVar(index, { min: 0 }).assume(compare(i, '<', count));
  let settled = true;
  const revised: (readonly Change[])[] = [];
  try {
    for (const [k, slot] of slots.entries()) {
      const val = next[k];
      if (val === undefined || val.kind === 'poison') {
        revised.push(changes[k] ?? []);
        continue;
      }
      const sizes = sizesOf(slot, val);
      if (sizes === undefined) return 'misfit';
      const slotChanges = slot.start.map((start, j): Change => {
        const change = changes[k]?.[j] ?? STAYS;
        const left = sizes[j] ?? ZERO;
        if (change.kind === 'opaque') return change;
        const expected = change.step === ZERO ? start : add(start, mul(change.step, add(i, constant(1))));
        if (cx.equal(left, expected)) return change;
        settled = false;
        const step = sub(left, start);
        const regular = pass === 0 && !varsOf(step).includes(index);
        return regular ? { kind: 'step', step } : { kind: 'opaque', v: freshVar(slot.name) };
      });
      revised.push(slotChanges);
    }
  } finally {
    cx.facts = facts;
  }
  return settled ? 'settled' : revised;
}

function finish(
  cx: Context,
  statement: ForStmt,
  count: Size,
  index: SizeVar,
  slots: readonly Slot[],
  changes: readonly (readonly Change[])[],
  turn: Turn,
  each: LoopStatement['each'],
): void {
  const carried: Carried[] = [];
  for (const [k, slot] of slots.entries()) {
    const sizes = slot.start.map((start, j): Size => {
      const change = changes[k]?.[j] ?? STAYS;
      if (change.kind === 'step') return change.step === ZERO ? start : add(start, mul(change.step, count));
      const after = freshVar(slot.name);
      cx.freshOpaque(after, 1);
      return variable(after);
    });
    if (slot.initial.kind === 'int') {
      cx.scope.bind(slot.name, { kind: 'int', size: sizes[0] ?? ZERO }, slot.span);
      continue;
    }
    const current = turn.currents[k];
    const next = turn.nexts[k];
    if (current === undefined || next === undefined) {
      cx.scope.bind(slot.name, POISON, slot.span);
      continue;
    }
    const final = cx.value(slot.name, withSizes(slot.initial.value.type, sizes));
    carried.push({ initial: slot.initial.value, current, next, final });
    cx.scope.bind(slot.name, toVal(final), slot.span);
  }
  cx.region.statements.push({
    kind: 'loop',
    index,
    hint: statement.element.text,
    count,
    each,
    carried,
    body: turn.region.finish(),
    span: statement.span,
  });
}

/** The names that the body assigns and that exist before the loop, as far as a loop can carry them. */
function slotsOf(
  cx: Context,
  statement: ForStmt,
  count: Size,
  elementOf: (index: Size) => Val,
): readonly Slot[] | undefined {
  const slots: Slot[] = [];
  for (const name of assignedIn(statement.body.statements)) {
    const bound = cx.scope.lookup(name);
    if (bound === undefined || name === statement.element.text || name === statement.index?.text) continue;
    const { val, span } = bound;
    if (val.kind === 'int') {
      slots.push({ name, span, initial: { kind: 'int', size: val.size }, start: [val.size] });
      continue;
    }
    const empty = val.kind === 'items' && val.items.length === 0;
    const element = empty ? elementAfterOneTurn(cx, statement, count, elementOf, name) : undefined;
    if (empty && element === undefined) continue;
    const value =
      val.kind === 'tensor'
        ? val.tensor
        : val.kind === 'list' || val.kind === 'items'
          ? toIrList(cx, val, span, element)
          : undefined;
    if (value === undefined) {
      if (val.kind !== 'poison' && !isList(val)) {
        cx.error('N4013', statement.span, `the loop changes \`${name}\`, which is ${describe(val)}`, {
          help: 'a loop carries tensors, lists of tensors and integers from turn to turn',
        });
      }
      poisonAssigned(cx, statement);
      return undefined;
    }
    slots.push({ name, span, initial: { kind: 'value', value }, start: sizesOfType(value.type) });
  }
  return slots;
}

/** What an empty list comes to hold: the first turn is tried with it as it is. */
function elementAfterOneTurn(
  cx: Context,
  statement: ForStmt,
  count: Size,
  elementOf: (index: Size) => Val,
  name: string,
) {
  const index = freshVar(statement.element.text);
  const attempt = cx.speculate(() => {
    cx.region = new RegionBuilder([...cx.region.turns, index]);
    cx.scope = new Scope(cx.scope);
    cx.facts = cx.facts.withVar(index, { min: 0 }).assume(compare(variable(index), '<', count));
    cx.scope.bind(statement.element.text, elementOf(variable(index)), statement.element.span);
    if (statement.index !== undefined) {
      cx.scope.bind(statement.index.text, { kind: 'int', size: variable(index) }, statement.index.span);
    }
    checkStatements(cx, statement.body.statements);
    return cx.scope.lookup(name)?.val;
  });
  attempt.rollback();
  const after = attempt.result;
  if (after?.kind === 'list') return after.list.type.element;
  const first = after?.kind === 'items' ? after.items[0] : undefined;
  return first?.kind === 'tensor' ? first.tensor.type : undefined;
}

/** Names that statements bind, those of inner loops and branches too. */
export function assignedIn(statements: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  const pending = [...statements];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === 'BindStmt') for (const target of next.targets) names.add(target.text);
    else if (next.kind === 'ForStmt') pending.push(...next.body.statements);
    else if (next.kind === 'IfStmt') {
      pending.push(...next.then.statements);
      if (next.otherwise?.kind === 'IfStmt') pending.push(next.otherwise);
      else if (next.otherwise !== undefined) pending.push(...next.otherwise.statements);
    }
  }
  return names;
}

function poisonAssigned(cx: Context, statement: ForStmt): void {
  for (const name of assignedIn(statement.body.statements)) {
    const bound = cx.scope.lookup(name);
    if (bound !== undefined) cx.scope.bind(name, POISON, bound.span);
  }
}

function reportMisfit(cx: Context, statement: ForStmt, slots: readonly Slot[], next: readonly (Val | undefined)[]): void {
  for (const [k, slot] of slots.entries()) {
    const val = next[k];
    if (val === undefined || val.kind === 'poison' || sizesOf(slot, val) !== undefined) continue;
    const before = slot.initial.kind === 'int' ? 'an integer' : printType(slot.initial.value.type);
    cx.error('N4013', statement.span, `\`${slot.name}\` changes its axes or its kind from turn to turn`, {
      notes: [`before the loop it is ${before}`, `after a turn it is ${describe(val)}`],
    });
  }
}

function toVal(value: Value): Val {
  return value.kind === 'list' ? { kind: 'list', list: value } : tensorVal(value);
}

function sizesOfType(type: ValueType): readonly Size[] {
  if (type.kind === 'list') return [type.length, ...type.element.axes.map((axis) => axis.size)];
  return type.axes.map((axis) => axis.size);
}

/** The sizes of a value in the order of the slot's, if it has the same axes. */
function sizesOf(slot: Slot, val: Val): readonly Size[] | undefined {
  if (slot.initial.kind === 'int') return val.kind === 'int' ? [val.size] : undefined;
  const before = slot.initial.value.type;
  const after = val.kind === 'tensor' ? val.tensor.type : val.kind === 'list' ? val.list.type : undefined;
  if (after === undefined || after.kind !== before.kind) return undefined;
  const [a, b] = [before.kind === 'list' ? before.element : before, after.kind === 'list' ? after.element : after];
  if (a.dtype !== b.dtype || a.axes.length !== b.axes.length) return undefined;
  const sizes = axisNames(a).map((name) => b.axes.find((axis) => axis.name === name)?.size);
  if (!sizes.every((size): size is Size => size !== undefined)) return undefined;
  return after.kind === 'list' ? [after.length, ...sizes] : sizes;
}

function withSizes(type: ValueType, sizes: readonly Size[]): ValueType {
  if (type.kind === 'tensor') {
    return { ...type, axes: type.axes.map((axis, i) => ({ name: axis.name, size: sizes[i] ?? axis.size })) };
  }
  const [length = type.length, ...rest] = sizes;
  const element = withSizes(type.element, rest);
  return element.kind === 'tensor' ? { kind: 'list', element, length } : type;
}
