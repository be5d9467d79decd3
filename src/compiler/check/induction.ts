import type { Carried, LoopStatement, Value } from '../ir/module.ts';
import { printType, type TensorType } from '../ir/tensor-type.ts';
import { compare } from '../shapes/prop.ts';
import {
  add,
  constant,
  freshVar,
  mul,
  soleVariable,
  sub,
  substitute,
  variable,
  varsOf,
  type Size,
  type SizeVar,
} from '../shapes/size.ts';
import type { ForStmt } from '../syntax/ast.ts';
import {
  assignedIn,
  bindElement,
  isOwnName,
  sizesLike,
  sizesOfType,
  toVal,
  withSizes,
  type CarriedSize,
  type Slot,
} from './carried.ts';
import { LIMITS } from './complaints.ts';
import type { Attempted, Context } from './context.ts';
import { atLeast, isEqual } from './demands.ts';
import { isList, toIrList } from './lists.ts';
import type { RegionBuilder } from './region.ts';
import { Scope } from './scope.ts';
import { describe, POISON, type Val } from './value.ts';

/** Symbolic loops within each other: each level tries its body up to four times. */
const MAX_NESTING = 4;

/** What a loop runs over. */
export interface Turns {
  readonly count: Size;
  /** The element of a turn. */
  readonly element: (turn: Size) => Val;
  readonly each: LoopStatement['each'];
}

/**
 * How a size changes: it grows by `step` each turn (0: it stays); or nothing is known of it in any turn, so that the
 * body must be right for every value.
 */
type Change = { readonly kind: 'step'; readonly step: Size } | { readonly kind: 'opaque' };

/** A guess of how each size of each slot changes. */
type Guess = readonly (readonly Change[])[];

const ONE = constant(1);
const ZERO = constant(0);
const STAYS: Change = { kind: 'step', step: ZERO };
const OPAQUE: Change = { kind: 'opaque' };

/**
 * Checks the body of a loop once for a turn i of which only 0 <= i < count is known. A size that is carried from turn
 * to turn is guessed to stay, then to grow by what the first turn adds; a guess under which turn i leaves behind what
 * it says of turn i + 1 holds for all turns, by induction. What follows no guess is opaque.
 *
 * False where the loop has not been checked: after a complaint, or where it can be unrolled and nothing regular is
 * found; then nothing has been said.
 */
export function checkInductively(cx: Context, statement: ForStmt, turns: Turns, canUnroll: boolean): boolean {
  const indices = cx.region.turns.filter((turn) => typeof turn !== 'string');
  if (indices.length >= MAX_NESTING) {
    if (!canUnroll) cx.error('N6003', statement.span, `loops are nested more than ${MAX_NESTING} deep`);
    return false;
  }
  const whole = cx.speculate(() => new Induction(cx, statement, turns, canUnroll).run());
  if (!whole.result && canUnroll) whole.rollback();
  else whole.commit();
  return whole.result;
}

function countIrregular(cx: Context): void {
  cx.irregularLoops++;
  cx.onUndo(() => cx.irregularLoops--);
}

/** Says so of the first that may be one too many, and checks none of them any more. */
function tooIrregular(cx: Context, statement: ForStmt): false {
  const { irregularLoops: most } = LIMITS;
  if (cx.irregularLoops === most) {
    const message = `after ${most} loops of \`${cx.name}\` that leave a size open, another one changes a size`;
    cx.error('N6001', statement.span, message, {
      help: 'put some of them into blocks of their own, or let them run a constant number of times',
    });
  }
  countIrregular(cx);
  return false;
}

interface Turn {
  readonly region: RegionBuilder;
  /** The sizes with which it starts, slot by slot. */
  readonly before: readonly (readonly Size[])[];
  readonly currents: readonly (Value | undefined)[];
  readonly nexts: readonly (Value | undefined)[];
  /** What the slots' names are bound to at the end. */
  readonly after: readonly (Val | undefined)[];
}

class Induction {
  private readonly cx: Context;
  private readonly statement: ForStmt;
  private readonly turns: Turns;
  private readonly canUnroll: boolean;
  private readonly index: SizeVar;
  private slots: readonly Slot[] = [];

  constructor(cx: Context, statement: ForStmt, turns: Turns, canUnroll: boolean) {
    this.cx = cx;
    this.statement = statement;
    this.turns = turns;
    this.canUnroll = canUnroll;
    this.index = freshVar(statement.index?.text ?? statement.element.text);
    cx.turnCounts.set(this.index, turns.count);
  }

  run(): boolean {
    const slots = this.findSlots();
    if (slots === undefined) return false;
    this.slots = slots;
    const stays: Guess = slots.map((slot) => slot.start.map(() => STAYS));
    const first = this.attempt(stays);
    if (this.isRight(first, stays)) return this.settle(first, stays);
    const { after } = first.result;
    first.rollback();
    if (!first.failed && this.misfit(after)) return false;
    // One that can be unrolled leaves nothing opaque.
    if (!this.canUnroll && this.cx.irregularLoops >= LIMITS.irregularLoops)
      return tooIrregular(this.cx, this.statement);

    // Where the body is wrong for sizes that stay, it is asked what it does to those of the first turn.
    const guessed = this.stepsFrom(first.failed ? this.firstTurn() : after);
    if (guessed === undefined) return false;
    const { guess: steps, tried } = this.withoutRefuted(guessed);
    const isIrregular = steps.flat().some(({ kind }) => kind === 'opaque');
    if (isIrregular && (this.canUnroll || !this.carriesOpaque(steps))) {
      tried?.rollback();
      return false;
    }
    const second = tried ?? this.attempt(steps);
    if (this.isRight(second, steps)) return this.settle(second, steps);
    second.rollback();
    return this.canUnroll ? false : this.loosen(steps, second);
  }

  /** Makes opaque what follows no guess, until the rest is right. */
  private loosen(steps: Guess, tried: Attempted<Turn>): boolean {
    let guess = steps;
    let attempt = tried;
    for (;;) {
      if (!attempt.failed && this.misfit(attempt.result.after)) return false;
      const looser = this.looser(guess, attempt);
      if (looser === undefined) {
        // Wrong for every value of what is opaque: the regular guess tells it better, if it was wrong there too.
        this.attempt(tried.failed ? steps : guess).commit();
        return false;
      }
      if (!this.carriesOpaque(looser)) return false;
      guess = looser;
      attempt = this.attempt(guess);
      if (this.isRight(attempt, guess)) return this.settle(attempt, guess);
      attempt.rollback();
    }
  }

  private looser(guess: Guess, { failed, result }: Attempted<Turn>): Guess | undefined {
    const looser = guess.map((changes, k) => {
      const left = this.sizesAfter(result.after, k);
      return changes.map((change, j): Change => {
        if (change.kind === 'opaque') return change;
        const isWrong = left?.[j] !== undefined && !this.isRegular(this.slots[k]?.start[j], change, left[j]);
        // A complaint may come from a regular guess that is too simple; sizes that stay are not to blame.
        return isWrong || (failed && change.step !== ZERO) ? OPAQUE : change;
      });
    });
    const opaque = (changes: Guess): number => changes.flat().filter(({ kind }) => kind === 'opaque').length;
    return opaque(looser) > opaque(guess) ? looser : undefined;
  }

  /** The opaque size of a tensor is read off the tensor where it is known; there is nothing like that for an integer. */
  private carriesOpaque(guess: Guess): boolean {
    const { cx, slots, statement } = this;
    const irregular = slots.find(
      (slot, k) => slot.initial.kind === 'int' && guess[k]?.[0]?.kind === 'opaque',
    );
    if (irregular === undefined) return true;
    cx.error(
      'N4013',
      statement.span,
      `the loop changes the integer \`${irregular.name}\` by another step in each turn`,
      {
        help: 'a loop of any length carries integers that change by the same step; loop over a list of constants instead',
      },
    );
    return false;
  }

  // ------------------------------------------------------------ one turn

  private attempt(guess: Guess): Attempted<Turn> {
    return this.cx.speculate(() => this.runTurn(guess));
  }

  private runTurn(guess: Guess): Turn {
    const { cx, index, slots, statement, turns } = this;
    const i = variable(index);
    cx.region = cx.region.loop(index);
    cx.localSize(index);
    cx.scope = new Scope(cx.scope);
    this.assumeTurn();
    cx.guards.push(atLeast(turns.count, 1));
    const before = slots.map((slot, k) =>
      slot.start.map((start, j) => this.sizeIn(start, guess[k]?.[j] ?? STAYS, i)),
    );
    const currents = slots.map((slot, k) => {
      const sizes = before[k] ?? [];
      if (slot.initial.kind === 'int') {
        cx.scope.bind(slot.name, { kind: 'int', size: sizes[0] ?? ZERO }, slot.span);
        return undefined;
      }
      const current = cx.value(slot.name, withSizes(slot.initial.value.type, sizes), slot.span);
      cx.scope.bind(slot.name, toVal(current), slot.span);
      return current;
    });
    bindElement(cx, statement, turns.element(i), i);
    cx.checkStatements(statement.body.statements);
    const nexts = slots.map((slot) => this.carriedOut(slot));
    const after = slots.map((slot, k) => {
      const next = nexts[k];
      return next === undefined ? cx.scope.lookup(slot.name)?.val : toVal(next);
    });
    return { region: cx.region, before, currents, nexts, after };
  }

  private assumeTurn(): void {
    const { cx, index, turns } = this;
    const { value } = turns.count;
    cx.facts = cx.facts.withVar(index, value === undefined ? { min: 0 } : { min: 0, max: value - 1 });
    if (value === undefined) cx.facts = cx.facts.assume(compare(variable(index), '<', turns.count));
  }

  /** The size of a slot at the start of turn `i`, or after the last of `i` turns. */
  private sizeIn(start: CarriedSize, change: Change, i: Size): Size {
    if (change.kind === 'opaque') return variable(this.cx.freshOpaque(start.name, start.min));
    return change.step === ZERO ? start.size : add(start.size, mul(change.step, i));
  }

  /** The value of the IR that a turn leaves behind. */
  private carriedOut(slot: Slot): Value | undefined {
    const { cx } = this;
    const bound = cx.scope.lookup(slot.name);
    if (slot.initial.kind === 'int' || bound === undefined) return undefined;
    const { val } = bound;
    if (val.kind === 'tensor') return val.tensor;
    if (val.kind !== 'list' && val.kind !== 'items') return undefined;
    const { type } = slot.initial.value;
    return toIrList(cx, val, bound.span, type.kind === 'list' ? type.element : undefined);
  }

  // ------------------------------------------------------------ guesses

  private sizesAfter(after: Turn['after'], k: number): readonly Size[] | undefined {
    const slot = this.slots[k];
    const val = after[k];
    return slot === undefined || val === undefined ? undefined : sizesLike(slot, val);
  }

  private isRegular(start: CarriedSize | undefined, change: Change, left: Size | undefined): boolean {
    if (start === undefined || left === undefined || change.kind === 'opaque') return true;
    const next =
      change.step === ZERO ? start.size : add(start.size, mul(change.step, add(variable(this.index), ONE)));
    return isEqual(this.cx, left, next);
  }

  /** Whether a turn did not complain, and left behind what the guess says of the next. */
  private isRight({ failed, result }: Attempted<Turn>, guess: Guess): boolean {
    if (failed) return false;
    const { cx } = this;
    const { facts } = cx;
    this.assumeTurn();
    const isRight = this.slots.every((slot, k) => {
      const val = result.after[k];
      if (val?.kind === 'poison') return true;
      const left = this.sizesAfter(result.after, k);
      return (
        left !== undefined &&
        slot.start.every((start, j) => this.isRegular(start, guess[k]?.[j] ?? STAYS, left[j]))
      );
    });
    cx.facts = facts;
    return isRight;
  }

  /** What the first turn leaves behind; undefined where even that is wrong, which is said. */
  private firstTurn(): Turn['after'] | undefined {
    const { cx, index } = this;
    const stays: Guess = this.slots.map((slot) => slot.start.map(() => STAYS));
    const attempt = cx.speculate(() => {
      cx.facts = cx.facts.assume(compare(variable(index), '==', ZERO));
      return this.runTurn(stays);
    });
    if (attempt.failed) {
      attempt.commit();
      return undefined;
    }
    attempt.rollback();
    return this.misfit(attempt.result.after) ? undefined : attempt.result.after;
  }

  private stepsFrom(after: Turn['after'] | undefined): Guess | undefined {
    if (after === undefined) return undefined;
    return this.slots.map((slot, k) => {
      const left = this.sizesAfter(after, k);
      return slot.start.map(({ size }, j): Change => {
        const reached = substitute(left?.[j] ?? size, new Map([[this.index, ZERO]]));
        if (isEqual(this.cx, reached, size)) return STAYS;
        return this.cx.isKnownIn(reached, this.cx.region)
          ? { kind: 'step', step: sub(reached, size) }
          : OPAQUE;
      });
    });
  }

  /**
   * A guess without the steps that can be seen to be wrong. Where a step speaks of the size that it changes, a turn that
   * starts with a variable in its place tells what it makes of any size, and so of that which the guess says of turn i.
   * That is asked before the body is read under the guess itself: formulas of the turn that describe nothing take long to
   * prove anything about. If those steps are wrong and no others, the body has been tried with what is returned.
   */
  private withoutRefuted(guess: Guess): {
    readonly guess: Guess;
    readonly tried: Attempted<Turn> | undefined;
  } {
    const { cx, index } = this;
    const doubted = this.withoutOwnSteps(guess);
    if (isSame(doubted, guess)) return { guess, tried: undefined };
    const probe = this.attempt(doubted);
    if (probe.failed) {
      probe.rollback();
      return { guess, tried: undefined };
    }
    const i = variable(index);
    const start = new Map<SizeVar, Size>();
    for (const [k, { start: sizes }] of this.slots.entries()) {
      for (const [j, { size }] of sizes.entries()) {
        const v = probe.result.before[k]?.[j];
        const change = guess[k]?.[j];
        const name = doubted[k]?.[j]?.kind === 'opaque' && v ? soleVariable(v) : undefined;
        if (name !== undefined && change?.kind === 'step') start.set(name, add(size, mul(change.step, i)));
      }
    }
    const { facts } = cx;
    this.assumeTurn();
    const sifted = guess.map((changes, k) => {
      const left = this.sizesAfter(probe.result.after, k);
      return changes.map((change, j): Change => {
        if (change.kind === 'opaque' || left?.[j] === undefined) return change;
        const size = substitute(left[j], start);
        const isTold = varsOf(size).every((v) => v === index || cx.isKnownIn(variable(v), cx.region));
        return !isTold || this.isRegular(this.slots[k]?.start[j], change, size) ? change : OPAQUE;
      });
    });
    cx.facts = facts;
    if (isSame(sifted, doubted)) return { guess: sifted, tried: probe };
    probe.rollback();
    return { guess: sifted, tried: undefined };
  }

  /** A guess without steps that speak of the size they change, as ceildiv(H, 2) - H: each turn has hardly the same one. */
  private withoutOwnSteps(guess: Guess): Guess {
    return this.slots.map(({ start }, k) =>
      start.map(({ size }, j) => {
        const change = guess[k]?.[j] ?? STAYS;
        if (change.kind === 'opaque') return change;
        const vars = varsOf(size);
        return varsOf(change.step).some((v) => vars.includes(v)) ? OPAQUE : change;
      }),
    );
  }

  /** Complains of names that change their axes or their kind from turn to turn. */
  private misfit(after: Turn['after']): boolean {
    let isMisfit = false;
    for (const [k, slot] of this.slots.entries()) {
      const val = after[k];
      if (val === undefined || val.kind === 'poison' || sizesLike(slot, val) !== undefined) continue;
      isMisfit = true;
      const before = slot.initial.kind === 'int' ? 'an integer' : printType(slot.initial.value.type);
      this.cx.error(
        'N4013',
        this.statement.span,
        `\`${slot.name}\` changes its axes or its kind from turn to turn`,
        {
          notes: [`before the loop it is ${before}`, `after a turn it is ${describe(val)}`],
        },
      );
    }
    return isMisfit;
  }

  /** Emits the loop, and binds what it has carried. */
  private settle(attempt: Attempted<Turn>, guess: Guess): true {
    attempt.commit();
    const { cx, slots, statement, turns } = this;
    if (guess.flat().some(({ kind }) => kind === 'opaque')) countIrregular(cx);
    const { region, currents, nexts } = attempt.result;
    const carried: Carried[] = [];
    for (const [k, slot] of slots.entries()) {
      const sizes = slot.start.map((start, j) => this.sizeIn(start, guess[k]?.[j] ?? STAYS, turns.count));
      if (slot.initial.kind === 'int') {
        cx.scope.bind(slot.name, { kind: 'int', size: sizes[0] ?? ZERO }, slot.span);
        continue;
      }
      const current = currents[k];
      const next = nexts[k];
      if (current === undefined || next === undefined) {
        cx.scope.bind(slot.name, POISON, slot.span);
        continue;
      }
      const final = cx.value(slot.name, withSizes(slot.initial.value.type, sizes), statement.span);
      carried.push({ initial: slot.initial.value, current, next, final });
      cx.scope.bind(slot.name, toVal(final), slot.span);
    }
    const { count, each } = turns;
    const hint = statement.element.text;
    const body = region.finish();
    cx.region.statements.push({
      kind: 'loop',
      index: this.index,
      hint,
      count,
      each,
      carried,
      body,
      span: statement.span,
    });
    return true;
  }

  // ------------------------------------------------------------ slots

  /** The names that the body assigns and that exist before the loop; undefined after a complaint. */
  private findSlots(): readonly Slot[] | undefined {
    const { cx, statement } = this;
    const slots: Slot[] = [];
    for (const name of assignedIn(statement.body.statements)) {
      const bound = isOwnName(statement, name) ? undefined : cx.scope.lookup(name);
      if (bound === undefined) continue;
      const { val, span } = bound;
      if (val.kind === 'poison') return undefined;
      if (val.kind === 'int') {
        slots.push({
          name,
          span,
          initial: { kind: 'int', size: val.size },
          start: [{ name: `${name}?`, size: val.size, min: undefined }],
        });
        continue;
      }
      const value = this.initialValue(name, val);
      if (value === undefined) return undefined;
      slots.push({ name, span, initial: { kind: 'value', value }, start: sizesOfType(value.type) });
    }
    return slots;
  }

  private initialValue(name: string, val: Val): Value | undefined {
    const { cx, statement } = this;
    if (val.kind === 'tensor') return val.tensor;
    if (val.kind === 'list') return val.list;
    if (val.kind !== 'items') {
      if (isList(val))
        return cx.error('N3012', statement.span, `the loop changes \`${name}\`, which is a hyper-parameter`);
      return cx.error('N4013', statement.span, `the loop changes \`${name}\`, which is ${describe(val)}`, {
        help: 'a loop carries tensors, lists of tensors and integers from turn to turn',
      });
    }
    const element = val.items.length === 0 ? this.elementAfterFirstTurn(name) : undefined;
    if (val.items.length === 0 && element === undefined) return undefined;
    const since = cx.mark;
    const value = toIrList(cx, val, statement.span, element);
    if (value !== undefined) cx.nameValue(value, name, since);
    return value;
  }

  /** What an empty list comes to hold: the first turn is tried with the list as it is. */
  private elementAfterFirstTurn(name: string): TensorType | undefined {
    const { cx, index } = this;
    const attempt = cx.speculate(() => {
      this.assumeTurn();
      cx.facts = cx.facts.assume(compare(variable(index), '==', ZERO));
      cx.region = cx.region.loop(index);
      cx.localSize(index);
      cx.scope = new Scope(cx.scope);
      bindElement(cx, this.statement, this.turns.element(variable(index)), variable(index));
      cx.checkStatements(this.statement.body.statements);
      return cx.scope.lookup(name)?.val;
    });
    if (attempt.failed) {
      attempt.commit();
      return undefined;
    }
    attempt.rollback();
    const after = attempt.result;
    if (after?.kind === 'list') return after.list.type.element;
    const first = after?.kind === 'items' ? after.items[0] : undefined;
    if (first?.kind === 'tensor') return first.tensor.type;
    if (after?.kind === 'poison') return undefined;
    return cx.error(
      'N3006',
      this.statement.span,
      `nothing says what the empty list \`${name}\` comes to hold`,
      {
        help: 'a loop carries lists of tensors; start with a list of one element',
      },
    );
  }
}

function isSame(a: Guess, b: Guess): boolean {
  return a.every((changes, k) => changes.every((change, j) => change === b[k]?.[j]));
}
