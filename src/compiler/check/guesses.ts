import {
  add,
  constant,
  mul,
  soleVariable,
  sub,
  substitute,
  variable,
  varsOf,
  type Size,
  type SizeVar,
} from '../shapes/size.ts';
import { sizesLike, type CarriedSize, type Slot } from './carried.ts';
import type { Attempted } from './context.ts';
import { isEqual } from './demands.ts';
import type { LoopTurn, SlotSizes } from './loop-turn.ts';
import { ofAnyTurn, type SymbolicLoop } from './symbolic-loop.ts';

/**
 * How a size changes: it grows by `step` each turn (0: it stays); or nothing is known of it in any turn, so that the
 * body must be right for every value.
 */
export type Change = { readonly kind: 'step'; readonly step: Size } | { readonly kind: 'opaque' };

/** A guess of how each size of each slot changes. */
export type Guess = readonly (readonly Change[])[];

const ONE = constant(1);
const ZERO = constant(0);
const STAYS: Change = { kind: 'step', step: ZERO };
const OPAQUE: Change = { kind: 'opaque' };

/** How many sizes a guess knows nothing of. */
export function opaqueCount(guess: Guess): number {
  return guess.flat().filter(({ kind }) => kind === 'opaque').length;
}

/** Whether one was made of the other, or both of a third, without a change. */
export function isSameGuess(a: Guess, b: Guess): boolean {
  return a.every((changes, k) => changes.every((change, j) => change === b[k]?.[j]));
}

/**
 * The guesses of how a loop changes the sizes that it carries: made of what a turn leaves behind, or of a guess that was
 * wrong, and judged by the turn that was read under them.
 */
export class Guesses {
  /** Every size stays. */
  readonly stay: Guess;
  private readonly loop: SymbolicLoop;
  private readonly slots: readonly Slot[];

  constructor(loop: SymbolicLoop, slots: readonly Slot[]) {
    this.loop = loop;
    this.slots = slots;
    this.stay = slots.map((slot) => slot.start.map(() => STAYS));
  }

  /** The sizes at the start of turn `i`, or after the last of `i` turns. */
  sizesIn(guess: Guess, i: Size): SlotSizes {
    return this.slots.map((slot, k) =>
      slot.start.map((start, j) => this.sizeIn(start, guess[k]?.[j] ?? STAYS, i)),
    );
  }

  private sizeIn(start: CarriedSize, change: Change, i: Size): Size {
    if (change.kind === 'opaque') return variable(this.opaque(start));
    return change.step === ZERO ? start.size : add(start.size, mul(change.step, i));
  }

  private opaque({ name, what, min }: CarriedSize): SizeVar {
    const { cx, statement } = this.loop;
    const span = statement.element.span.upTo(statement.range.span);
    const origin = { span, what: `${what} as this loop leaves it, for which no formula was found` };
    return cx.freshOpaque(name, min, origin);
  }

  // ------------------------------------------------------------ whether one is right

  /** Whether a turn did not complain, and left behind what the guess says of the next. */
  isRight({ failed, result: { after } }: Attempted<LoopTurn>, guess: Guess): boolean {
    if (failed) return false;
    return ofAnyTurn(this.loop, () =>
      this.slots.every((slot, k) => {
        if (after[k]?.kind === 'poison') return true;
        const left = this.sizesAfter(after, k);
        return (
          left !== undefined &&
          slot.start.every((start, j) => this.isRegular(start, guess[k]?.[j] ?? STAYS, left[j]))
        );
      }),
    );
  }

  private isRegular(start: CarriedSize | undefined, change: Change, left: Size | undefined): boolean {
    if (start === undefined || left === undefined || change.kind === 'opaque') return true;
    const { cx, index } = this.loop;
    const next =
      change.step === ZERO ? start.size : add(start.size, mul(change.step, add(variable(index), ONE)));
    return isEqual(cx, left, next);
  }

  private sizesAfter(after: LoopTurn['after'], k: number): readonly Size[] | undefined {
    const slot = this.slots[k];
    const val = after[k];
    return slot === undefined || val === undefined ? undefined : sizesLike(slot, val);
  }

  // ------------------------------------------------------------ made of others

  /** Each size grows by what the first turn adds; one whose growth means nothing outside of the loop is opaque. */
  fromFirst(after: LoopTurn['after']): Guess {
    const { cx, index } = this.loop;
    return this.slots.map((slot, k) => {
      const left = this.sizesAfter(after, k);
      return slot.start.map(({ size }, j): Change => {
        const reached = substitute(left?.[j] ?? size, new Map([[index, ZERO]]));
        if (isEqual(cx, reached, size)) return STAYS;
        return cx.isKnownIn(reached, cx.region) ? { kind: 'step', step: sub(reached, size) } : OPAQUE;
      });
    });
  }

  /** A guess without steps that speak of the size they change, as ceildiv(H, 2) - H: each turn has hardly the same one. */
  withoutOwnSteps(guess: Guess): Guess {
    return this.slots.map(({ start }, k) =>
      start.map(({ size }, j) => {
        const change = guess[k]?.[j] ?? STAYS;
        if (change.kind === 'opaque') return change;
        const vars = varsOf(size);
        return varsOf(change.step).some((v) => vars.includes(v)) ? OPAQUE : change;
      }),
    );
  }

  /**
   * A guess without the steps that a turn refutes which was read under `doubted`, in which some of them are opaque: what
   * it makes of any size tells what it makes of that which the guess says of turn i.
   */
  withoutRefuted(guess: Guess, doubted: Guess, { before, after }: LoopTurn): Guess {
    const { cx, index } = this.loop;
    const i = variable(index);
    const start = new Map<SizeVar, Size>();
    for (const [k, { start: sizes }] of this.slots.entries()) {
      for (const [j, { size }] of sizes.entries()) {
        const v = before[k]?.[j];
        const change = guess[k]?.[j];
        const name = doubted[k]?.[j]?.kind === 'opaque' && v ? soleVariable(v) : undefined;
        if (name !== undefined && change?.kind === 'step') start.set(name, add(size, mul(change.step, i)));
      }
    }
    return ofAnyTurn(this.loop, () =>
      guess.map((changes, k) => {
        const left = this.sizesAfter(after, k);
        return changes.map((change, j): Change => {
          if (change.kind === 'opaque' || left?.[j] === undefined) return change;
          const size = substitute(left[j], start);
          const isTold = varsOf(size).every((v) => v === index || cx.isKnownIn(variable(v), cx.region));
          return !isTold || this.isRegular(this.slots[k]?.start[j], change, size) ? change : OPAQUE;
        });
      }),
    );
  }

  /** A wrong guess with what follows it not made opaque; undefined where there is nothing to make so. */
  looser(guess: Guess, { failed, result: { after } }: Attempted<LoopTurn>): Guess | undefined {
    const looser = guess.map((changes, k) => {
      const left = this.sizesAfter(after, k);
      return changes.map((change, j): Change => {
        if (change.kind === 'opaque') return change;
        const isWrong = left?.[j] !== undefined && !this.isRegular(this.slots[k]?.start[j], change, left[j]);
        // A complaint may come from a regular guess that is too simple; sizes that stay are not to blame.
        return isWrong || (failed && change.step !== ZERO) ? OPAQUE : change;
      });
    });
    return opaqueCount(looser) > opaqueCount(guess) ? looser : undefined;
  }
}
