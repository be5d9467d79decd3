import type { Carried } from '../ir/module.ts';
import { printType } from '../ir/tensor-type.ts';
import { compare } from '../shapes/prop.ts';
import { constant, variable } from '../shapes/size.ts';
import type { ForStmt } from '../syntax/ast.ts';
import { sizesLike, toVal, withSizes, type Slot } from './carried.ts';
import { LIMITS } from './complaints.ts';
import type { Attempted, Context } from './context.ts';
import { findSlots } from './find-slots.ts';
import { Guesses, isSameGuess, opaqueCount, type Guess } from './guesses.ts';
import { runTurn, type LoopTurn } from './loop-turn.ts';
import { symbolicLoop, type SymbolicLoop, type Turns } from './symbolic-loop.ts';
import { describe, POISON } from './value.ts';

/** Symbolic loops within each other: each level tries its body up to four times. */
const MAX_NESTING = 4;

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
  const whole = cx.speculate(() => {
    const loop = symbolicLoop(cx, statement, turns);
    const slots = findSlots(loop);
    return slots !== undefined && new Induction(loop, slots, canUnroll).run();
  });
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

/** Which guess is tried after which. */
class Induction {
  private readonly loop: SymbolicLoop;
  private readonly slots: readonly Slot[];
  private readonly canUnroll: boolean;
  private readonly guesses: Guesses;

  constructor(loop: SymbolicLoop, slots: readonly Slot[], canUnroll: boolean) {
    this.loop = loop;
    this.slots = slots;
    this.canUnroll = canUnroll;
    this.guesses = new Guesses(loop, slots);
  }

  run(): boolean {
    const { guesses, canUnroll } = this;
    const { cx, statement } = this.loop;
    const first = this.attempt(guesses.stay);
    if (guesses.isRight(first, guesses.stay)) return this.settle(first, guesses.stay);
    const { after } = first.result;
    first.rollback();
    if (!first.failed && this.misfit(after)) return false;
    // One that can be unrolled leaves nothing opaque.
    if (!canUnroll && cx.irregularLoops >= LIMITS.irregularLoops) return tooIrregular(cx, statement);

    // Where the body is wrong for sizes that stay, it is asked what it does to those of the first turn.
    const reached = first.failed ? this.firstTurn() : after;
    if (reached === undefined) return false;
    const { guess: steps, tried } = this.withoutRefuted(guesses.fromFirst(reached));
    if (opaqueCount(steps) > 0 && (canUnroll || !this.carriesOpaque(steps))) {
      tried?.rollback();
      return false;
    }
    const second = tried ?? this.attempt(steps);
    if (guesses.isRight(second, steps)) return this.settle(second, steps);
    second.rollback();
    return canUnroll ? false : this.loosen(steps, second);
  }

  private attempt(guess: Guess): Attempted<LoopTurn> {
    const { loop, slots, guesses } = this;
    return loop.cx.speculate(() => runTurn(loop, slots, (i) => guesses.sizesIn(guess, i)));
  }

  /** What the first turn leaves behind; undefined where even that is wrong, which is said. */
  private firstTurn(): LoopTurn['after'] | undefined {
    const { loop, slots, guesses } = this;
    const { cx, index } = loop;
    const attempt = cx.speculate(() => {
      cx.facts = cx.facts.assume(compare(variable(index), '==', constant(0)));
      return runTurn(loop, slots, (i) => guesses.sizesIn(guesses.stay, i));
    });
    if (attempt.failed) {
      attempt.commit();
      return undefined;
    }
    attempt.rollback();
    return this.misfit(attempt.result.after) ? undefined : attempt.result.after;
  }

  /**
   * A guess without the steps that can be seen to be wrong. Where a step speaks of the size that it changes, a turn that
   * starts with a variable in its place tells what it makes of any size, and so of that which the guess says of turn i.
   * That is asked before the body is read under the guess itself: formulas of the turn that describe nothing take long to
   * prove anything about. If those steps are wrong and no others, the body has been tried with what is returned.
   */
  private withoutRefuted(guess: Guess): {
    readonly guess: Guess;
    readonly tried: Attempted<LoopTurn> | undefined;
  } {
    const doubted = this.guesses.withoutOwnSteps(guess);
    if (isSameGuess(doubted, guess)) return { guess, tried: undefined };
    const probe = this.attempt(doubted);
    if (probe.failed) {
      probe.rollback();
      return { guess, tried: undefined };
    }
    const sifted = this.guesses.withoutRefuted(guess, doubted, probe.result);
    if (isSameGuess(sifted, doubted)) return { guess: sifted, tried: probe };
    probe.rollback();
    return { guess: sifted, tried: undefined };
  }

  /** Makes opaque what follows no guess, until the rest is right. */
  private loosen(steps: Guess, tried: Attempted<LoopTurn>): boolean {
    const { guesses } = this;
    let guess = steps;
    let attempt = tried;
    for (;;) {
      if (!attempt.failed && this.misfit(attempt.result.after)) return false;
      const looser = guesses.looser(guess, attempt);
      if (looser === undefined) {
        // Wrong for every value of what is opaque: the regular guess tells it better, if it was wrong there too.
        this.attempt(tried.failed ? steps : guess).commit();
        return false;
      }
      if (!this.carriesOpaque(looser)) return false;
      guess = looser;
      attempt = this.attempt(guess);
      if (guesses.isRight(attempt, guess)) return this.settle(attempt, guess);
      attempt.rollback();
    }
  }

  // ------------------------------------------------------------ complaints

  /** The opaque size of a tensor is read off the tensor where it is known; there is nothing like that for an integer. */
  private carriesOpaque(guess: Guess): boolean {
    const { cx, statement } = this.loop;
    const irregular = this.slots.find(
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

  /** Complains of names that change their axes or their kind from turn to turn. */
  private misfit(after: LoopTurn['after']): boolean {
    const { cx, statement } = this.loop;
    let isMisfit = false;
    for (const [k, slot] of this.slots.entries()) {
      const val = after[k];
      if (val === undefined || val.kind === 'poison' || sizesLike(slot, val) !== undefined) continue;
      isMisfit = true;
      const before = slot.initial.kind === 'int' ? 'an integer' : printType(slot.initial.value.type);
      cx.error('N4013', statement.span, `\`${slot.name}\` changes its axes or its kind from turn to turn`, {
        notes: [`before the loop it is ${before}`, `after a turn it is ${describe(val)}`],
      });
    }
    return isMisfit;
  }

  // ------------------------------------------------------------ what is right

  /** Emits the loop, and binds what it has carried. */
  private settle(attempt: Attempted<LoopTurn>, guess: Guess): true {
    attempt.commit();
    const { cx, statement, turns, index } = this.loop;
    if (opaqueCount(guess) > 0) countIrregular(cx);
    const { region, currents, nexts } = attempt.result;
    const { count, each } = turns;
    const last = this.guesses.sizesIn(guess, count);
    const carried: Carried[] = [];
    for (const [k, slot] of this.slots.entries()) {
      const sizes = last[k] ?? [];
      if (slot.initial.kind === 'int') {
        cx.scope.bind(slot.name, { kind: 'int', size: sizes[0] ?? constant(0) }, slot.span);
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
    const hint = statement.element.text;
    const body = region.finish();
    cx.region.statements.push({
      kind: 'loop',
      index,
      hint,
      count,
      each,
      carried,
      body,
      span: statement.span,
    });
    return true;
  }
}
