/**
 * Solves facts for variables. In turn, until nothing changes:
 *
 * 1. an equality in which a variable stands alone is solved for it;
 * 2. divisibility by a number k, of something in which a variable v stands alone: v = k t + rest, t a new variable;
 * 3. divisibility by a size, in the same way;
 * 4. inequalities narrow the intervals of variables; an interval of one number solves the variable.
 *
 * Several facts about one variable combine: after C = 4 t, C % 6 == 0 says t % 3 == 0, so that C = 12 u.
 */
import { intervalOf } from './bounds.ts';
import type { Bounds } from './facts.ts';
import type { Interval } from './interval.ts';
import { ALL_INTEGERS, ceilOfEnds, floorOfEnds, floorQuotient, intersect } from './interval.ts';
import { linearIn, type LinearForm } from './linear-in.ts';
import type { Literal } from './literal.ts';
import { literalKey, literalsOf, sameLiteral, substituteLiteral } from './literal.ts';
import type { Atom, Size, SizeVar } from './polynomial.ts';
import { constant, divideMonomials, scale, sub, termSize, variable } from './polynomial.ts';
import type { Prop } from './prop.ts';
import { rewritingFrom } from './rewrite.ts';
import { simplifyLiteral } from './simplify-literal.ts';
import { substitute } from './size.ts';
import type { Solution } from './solutions.ts';
import { lonelyVariables, solveDivides, solveDividesNumber, solveZero } from './solutions.ts';
import type { System } from './system.ts';

/** The most variables that are solved. */
const MAX_SOLVED = 64;
/** The most rounds in which inequalities narrow intervals; x > y and y > x would go on for ever. */
const MAX_ROUNDS = 8;

/** Brings facts into solved form. Throws a SizeError when a size outgrows a limit on the way. */
export function solve(bounds: ReadonlyMap<SizeVar, Bounds>, props: readonly Prop[]): System {
  return new Solver(bounds, props).solve();
}

class Solver {
  readonly #solved = new Map<SizeVar, Size>();
  readonly #introduced = new Map<SizeVar, Size>();
  readonly #intervals = new Map<SizeVar, Interval>();
  readonly #split = new Set<string>();
  #literals: readonly Literal[];
  #contradictory = false;

  constructor(bounds: ReadonlyMap<SizeVar, Bounds>, props: readonly Prop[]) {
    for (const [v, { min = -Infinity, max = Infinity }] of bounds) {
      if (min > max) this.#contradictory = true;
      this.#intervals.set(v, { low: min, high: max });
    }
    this.#literals = props.flatMap(literalsOf);
  }

  solve(): System {
    this.#simplify();
    while (!this.#contradictory && this.#solved.size < MAX_SOLVED) {
      const solution = this.#nextSolution();
      if (solution === undefined) break;
      this.#apply(solution);
      this.#simplify();
    }
    return this.#system();
  }

  #nextSolution(): Solution | undefined {
    for (const find of [solveZero, solveDividesNumber, solveDivides]) {
      for (const literal of this.#literals) {
        const solution = find(literal);
        if (solution !== undefined) return solution;
      }
    }
    if (this.#splitEquality()) return this.#nextSolution();
    this.#narrow();
    for (const [v, { low, high }] of this.#intervals) {
      if (low === high) return { variable: v, by: constant(low) };
    }
    return undefined;
  }

  /** Where c v + rest = 0 and v stands alone, c divides the rest: adding that may let the equality be solved. */
  #splitEquality(): boolean {
    for (const literal of this.#literals) {
      if (literal.kind !== 'zero' || this.#split.has(literal.size.key)) continue;
      this.#split.add(literal.size.key);
      const lonely = lonelyVariables(literal.size);
      const added = lonely.map(({ coefficient, rest }): Literal => ({
        kind: 'divides',
        dividend: rest,
        divisor: constant(Math.abs(coefficient)),
      }));
      if (added.length === 0) continue;
      this.#literals = [...this.#literals, ...added];
      this.#simplify();
      return !this.#contradictory;
    }
    return false;
  }

  #apply({ variable: v, by, introduced }: Solution): void {
    const replacement = new Map([[v, by]]);
    for (const [other, size] of this.#solved) this.#solved.set(other, substitute(size, replacement));
    this.#solved.set(v, by);
    if (introduced !== undefined) this.#introduced.set(introduced.variable, introduced.as);
    const { low, high } = this.#intervals.get(v) ?? ALL_INTEGERS;
    this.#intervals.delete(v);
    const range: Literal[] = [];
    if (low > -Infinity) range.push({ kind: 'nonNegative', size: sub(by, constant(low)) });
    if (high < Infinity) range.push({ kind: 'nonNegative', size: sub(constant(high), by) });
    this.#literals = [...this.#literals.map((literal) => substituteLiteral(literal, replacement)), ...range];
  }

  readonly #intervalOfAtom = (atom: Atom): Interval =>
    atom.kind === 'variable'
      ? (this.#intervals.get(atom.variable) ?? ALL_INTEGERS)
      : floorQuotient(
          intervalOf(atom.numerator, this.#intervalOfAtom),
          intervalOf(atom.denominator, this.#intervalOfAtom),
        );

  #simplify(): void {
    const simple: Literal[] = [];
    const seen = new Set<string>();
    const pending = [...this.#literals];
    for (let literal = pending.shift(); literal !== undefined; literal = pending.shift()) {
      const simpler = simplifyLiteral(literal, this.#intervalOfAtom);
      if (simpler === undefined) {
        this.#contradictory = true;
        return;
      }
      const [only] = simpler;
      if (simpler.length === 1 && only !== undefined && sameLiteral(only, literal)) {
        const key = literalKey(literal);
        if (key !== undefined && seen.has(key)) continue;
        if (key !== undefined) seen.add(key);
        if (!this.#becomesInterval(literal)) simple.push(literal);
      } else {
        pending.unshift(...simpler);
      }
    }
    this.#literals = simple;
  }

  /** Takes in c v + k >= 0 as an end of the interval of v, and v != k where k is an end. */
  #becomesInterval(literal: Literal): boolean {
    if (literal.kind !== 'nonNegative' && literal.kind !== 'nonZero') return false;
    const [lonely] = lonelyVariables(literal.size);
    if (lonely?.rest.value === undefined) return false;
    const { variable: v, coefficient } = lonely;
    const offset = lonely.rest.value;
    const interval = this.#intervals.get(v) ?? ALL_INTEGERS;
    if (literal.kind === 'nonNegative') {
      this.#setInterval(
        v,
        coefficient > 0
          ? { low: ceilOfEnds(-offset, coefficient), high: Infinity }
          : { low: -Infinity, high: floorOfEnds(offset, -coefficient) },
      );
      return true;
    }
    const excluded = -offset / coefficient;
    if (excluded === interval.low) this.#setInterval(v, { low: excluded + 1, high: Infinity });
    else if (excluded === interval.high) this.#setInterval(v, { low: -Infinity, high: excluded - 1 });
    else return false;
    return true;
  }

  /** Narrows an interval; returns whether it changed. */
  #setInterval(v: SizeVar, to: Interval): boolean {
    const before = this.#intervals.get(v) ?? ALL_INTEGERS;
    const after = intersect(before, to);
    this.#intervals.set(v, after);
    if (after.low > after.high) this.#contradictory = true;
    return after.low !== before.low || after.high !== before.high;
  }

  /** Narrows the intervals of variables by the inequalities among several. */
  #narrow(): void {
    for (let round = 0, changed = true; changed && round < MAX_ROUNDS; round++) {
      changed = false;
      for (const literal of this.#literals) {
        if (literal.kind === 'nonNegative' && this.#narrowBy(literal.size)) changed = true;
        if (this.#contradictory) return;
      }
      if (changed) this.#simplify();
    }
  }

  #narrowBy(size: Size): boolean {
    let changed = false;
    for (const { variable: v, factor, rest } of factorings(size)) {
      // factor * v >= -most
      const most = intervalOf(rest, this.#intervalOfAtom).high;
      if (most === Infinity) continue;
      const { low, high } = this.#intervalOfFactor(factor);
      if (low >= 1) {
        if (this.#setInterval(v, { low: ceilOfEnds(-most, most < 0 ? high : low), high: Infinity }))
          changed = true;
      } else if (high <= -1) {
        if (this.#setInterval(v, { low: -Infinity, high: floorOfEnds(most, most < 0 ? -low : -high) }))
          changed = true;
      }
    }
    return changed;
  }

  /** Of several variables, as k - s, an inequality among them may say that it is positive, where their intervals do not. */
  #intervalOfFactor(factor: Size): Interval {
    const interval = intervalOf(factor, this.#intervalOfAtom);
    if (interval.low >= 1 || factor.terms.length < 2) return interval;
    const { key } = sub(factor, constant(1));
    const isPositive = this.#literals.some(
      (literal) => literal.kind === 'nonNegative' && literal.size.key === key,
    );
    return isPositive ? intersect(interval, { low: 1, high: Infinity }) : interval;
  }

  #system(): System {
    const nonNegative: Size[] = [];
    const nonZero: Size[] = [];
    const zero: Size[] = [];
    const multiples: { dividend: Size; divisor: Size }[] = [];
    const others: Prop[] = [];
    for (const literal of this.#literals) {
      switch (literal.kind) {
        case 'nonNegative':
          nonNegative.push(literal.size);
          break;
        case 'nonZero':
          nonZero.push(literal.size);
          break;
        case 'zero':
          zero.push(literal.size);
          nonNegative.push(literal.size, scale(literal.size, -1));
          break;
        case 'divides':
          multiples.push(literal);
          // A positive number is not less than its divisors.
          if (intervalOf(literal.dividend, this.#intervalOfAtom).low >= 1) {
            nonNegative.push(sub(literal.dividend, literal.divisor));
          }
          break;
        case 'other':
          others.push(literal.prop);
          break;
      }
    }
    return {
      contradictory: this.#contradictory,
      solved: this.#solved,
      introduced: this.#introduced,
      intervals: this.#intervals,
      nonNegative,
      nonZero,
      zero,
      multiples,
      rewriting: rewritingFrom(this.#contradictory ? [] : multiples, this.#contradictory ? [] : zero),
      others,
      lowerBounds: new Map(),
      lowerBoundsWithFacts: new Map(),
    };
  }
}

interface Factoring extends LinearForm {
  readonly variable: SizeVar;
}

/** A size as factor * v + rest: term by term, and with all that a variable of several terms is multiplied by. */
function factorings(size: Size): readonly Factoring[] {
  const found: Factoring[] = [];
  const termsOf = new Map<SizeVar, number>();
  for (const { coefficient, monomial } of size.terms) {
    const rest = sub(size, termSize(coefficient, monomial));
    for (const { atom, power } of monomial.factors) {
      if (atom.kind !== 'variable' || power !== 1) continue;
      const v = atom.variable;
      termsOf.set(v, (termsOf.get(v) ?? 0) + 1);
      const single = variable(v).terms[0];
      const cofactor = single && divideMonomials(monomial, single.monomial);
      if (cofactor !== undefined) found.push({ variable: v, factor: termSize(coefficient, cofactor), rest });
    }
  }
  for (const [v, count] of termsOf) {
    const form = count > 1 ? linearIn(v, size) : undefined;
    if (form !== undefined) found.push({ variable: v, ...form });
  }
  return found;
}
