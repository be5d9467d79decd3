/**
 * Bounds of sizes under solved facts: interval arithmetic, sharpened in three ways.
 *
 * - Shift: with each atom written as its least value plus an excess, h w - h has no negative term left for h, w >= 1.
 * - Floors: A floor(n / q) lies between A (n - (q - 1)) / q and A n / q, so that 2 floor(h / 2) <= h comes out.
 * - Facts: where g >= 0 is a fact, d is at least d - m g for every m >= 0. Multiples are chosen that cancel a term of d.
 *
 * Sizes given to these functions must be reduced (`reduce.ts`). All that is returned is sound, none of it is complete.
 */
import { greatestCommonDivisor } from './integers.ts';
import type { Interval } from './interval.ts';
import {
  ALL_INTEGERS,
  ceilOfEnds,
  floorQuotient,
  intersect,
  point,
  power,
  product,
  sum,
} from './interval.ts';
import type { Atom, FloorAtom, Monomial, Size, Term } from './polynomial.ts';
import {
  add,
  atomSize,
  constant,
  divideMonomials,
  fromDistinctTerms,
  mul,
  neg,
  scale,
  sub,
  termSize,
} from './polynomial.ts';
import { SizeError } from './size-error.ts';
import { mapAtoms } from './size.ts';
import type { System } from './system.ts';

/** The most sums of a size with multiples of facts that are looked at. */
const MAX_COMBINATIONS = 48;
/** The most floors of a sum that are bounded together. */
const MAX_FLOORS = 4;
/** Sizes with more terms or of a higher degree are not written out in other terms: that would get expensive. */
const MAX_TERMS_WRITTEN_OUT = 32;
const MAX_DEGREE_WRITTEN_OUT = 4;

/**
 * How a bound is looked for: with facts, or without. Sums with facts are bounded without looking for further facts, so
 * that the work is at most MAX_COMBINATIONS for each part of the size.
 */
type Effort = 'with facts' | 'without facts';

/** The greatest number found that the size never falls below; -Infinity when none was found. */
export function lowerBound(size: Size, system: System, effort: Effort = 'with facts'): number {
  if (size.value !== undefined) return size.value;
  const useFacts = effort === 'with facts' && system.nonNegative.length > 0;
  const cache = useFacts ? system.lowerBoundsWithFacts : system.lowerBounds;
  const known = cache.get(size.key);
  if (known !== undefined) return known;
  const plain = lowerBoundWithoutFloors(size, system, effort);
  const bound = useFacts ? boundFromFacts(size, plain, system) : plain;
  cache.set(size.key, bound);
  return bound;
}

/** The least number found that the size never exceeds; Infinity when none was found. */
export function upperBound(size: Size, system: System, effort: Effort = 'with facts'): number {
  return -lowerBound(neg(size), system, effort);
}

/** Whether the solved facts exclude each other; false when that could not be shown. */
export function isContradictory(system: System): boolean {
  if (system.contradictory) return true;
  return (
    system.nonNegative.some((size) => upperBound(size, system) < 0) ||
    system.nonZero.some((size) => lowerBound(size, system) === 0 && upperBound(size, system) === 0)
  );
}

/** Plain interval arithmetic. */
export function intervalOf(size: Size, intervalOfAtom: (atom: Atom) => Interval): Interval {
  let total = point(0);
  for (const { coefficient, monomial } of size.terms) {
    total = sum(total, product(point(coefficient), intervalOfMonomial(monomial, intervalOfAtom)));
  }
  return total;
}

export function intervalOfMonomial(monomial: Monomial, intervalOfAtom: (atom: Atom) => Interval): Interval {
  let total = point(1);
  for (const { atom, power: exponent } of monomial.factors) {
    total = product(total, power(intervalOfAtom(atom), exponent));
  }
  return total;
}

/** What the bounds say of an atom. */
export function intervalOfAtom(atom: Atom, system: System, effort: Effort = 'with facts'): Interval {
  if (atom.kind === 'variable') return system.intervals.get(atom.variable) ?? ALL_INTEGERS;
  const { numerator, denominator } = atom;
  const above = { low: lowerBound(numerator, system, effort), high: upperBound(numerator, system, effort) };
  const below = {
    low: lowerBound(denominator, system, effort),
    high: upperBound(denominator, system, effort),
  };
  let interval = floorQuotient(above, below);
  if (interval.high > 0 && lowerBound(sub(denominator, numerator), system, effort) >= 1) {
    interval = intersect(interval, { low: -Infinity, high: 0 });
  }
  if (interval.low < -1 && lowerBound(add(numerator, denominator), system, effort) >= 0) {
    interval = intersect(interval, { low: -1, high: Infinity });
  }
  return interval;
}

// ---------------------------------------------------------------------------------------------------------------
// Shift

function shiftedLowerBound(size: Size, system: System, effort: Effort): number {
  const intervals = new Map<string, Interval>();
  const interval = (atom: Atom): Interval => {
    const known = intervals.get(atom.key) ?? intervalOfAtom(atom, system, effort);
    intervals.set(atom.key, known);
    return known;
  };
  const plain = intervalOf(size, interval).low;
  if ((size.terms[0]?.monomial.degree ?? 0) < 2 || !isSmall(size)) return plain;
  // From here on each atom with a finite end stands for its distance from that end.
  const shifted = attempt(() =>
    mapAtoms(size, (atom) => {
      const { low, high } = interval(atom);
      if (Number.isFinite(low)) return add(constant(low), atomSize(atom));
      return Number.isFinite(high) ? sub(constant(high), atomSize(atom)) : undefined;
    }),
  );
  if (shifted === undefined) return plain;
  const excess = intervalOf(shifted, (atom) => {
    const { low, high } = interval(atom);
    if (Number.isFinite(low)) return { low: 0, high: high - low };
    return Number.isFinite(high) ? { low: 0, high: Infinity } : ALL_INTEGERS;
  });
  return Math.max(plain, excess.low);
}

/** The size, or undefined where it gets too large: a bound may then be missed. */
function attempt(compute: () => Size): Size | undefined {
  try {
    const size = compute();
    return isSmall(size) ? size : undefined;
  } catch (error) {
    if (error instanceof SizeError) return undefined;
    throw error;
  }
}

function isSmall({ terms }: Size): boolean {
  return terms.length <= MAX_TERMS_WRITTEN_OUT && (terms[0]?.monomial.degree ?? 0) <= MAX_DEGREE_WRITTEN_OUT;
}

// ---------------------------------------------------------------------------------------------------------------
// Floors

function lowerBoundWithoutFloors(size: Size, system: System, effort: Effort): number {
  let best = shiftedLowerBound(size, system, effort);
  let current: Size | undefined = size;
  const divisors: Interval[] = [];
  while (divisors.length < MAX_FLOORS) {
    const eliminated = eliminateFloor(current, system, effort);
    if (eliminated === undefined) break;
    divisors.push(eliminated.divisor);
    current = eliminated.size;
    let bound = shiftedLowerBound(current, system, effort);
    for (const divisor of divisors.toReversed()) {
      bound = ceilOfEnds(bound, bound > 0 ? divisor.high : Math.max(1, divisor.low));
    }
    best = Math.max(best, bound);
  }
  return best;
}

/** A size without one of the floors, and a divisor: the given size is at least their quotient. */
function eliminateFloor(
  size: Size,
  system: System,
  effort: Effort,
): { size: Size; divisor: Interval } | undefined {
  for (const floor of floorsOf(size)) {
    const { factor, rest } = split(size, floor);
    if (factor === undefined) continue;
    const rises = lowerBoundOfFactor(factor, system, effort) >= 0;
    if (!rises && -lowerBoundOfFactor(neg(factor), system, effort) > 0) continue;
    const { numerator, denominator } = floor;
    const without = attempt(() => {
      const least = rises ? add(sub(numerator, denominator), constant(1)) : numerator;
      return add(mul(factor, least), mul(rest, denominator));
    });
    if (without === undefined) continue;
    return { size: without, divisor: intervalOfPositive(denominator, system, effort) };
  }
  return undefined;
}

function lowerBoundOfFactor(factor: Size, system: System, effort: Effort): number {
  return factor.value ?? shiftedLowerBound(factor, system, effort);
}

function intervalOfPositive(size: Size, system: System, effort: Effort): Interval {
  return { low: Math.max(1, lowerBound(size, system, effort)), high: upperBound(size, system, effort) };
}

function floorsOf(size: Size): readonly FloorAtom[] {
  const floors = new Map<string, FloorAtom>();
  for (const { monomial } of size.terms) {
    for (const { atom } of monomial.factors) if (atom.kind === 'floor') floors.set(atom.key, atom);
  }
  return [...floors.values()];
}

/** Writes the size as factor * floor + rest; no factor when the floor occurs squared. */
function split(size: Size, floor: FloorAtom): { factor: Size | undefined; rest: Size } {
  const withFloor: Term[] = [];
  const without: Term[] = [];
  let linear = true;
  for (const term of size.terms) {
    const occurrence = term.monomial.factors.find(({ atom }) => atom.key === floor.key);
    if (occurrence === undefined) without.push(term);
    else if (occurrence.power > 1) linear = false;
    else withFloor.push(term);
  }
  const single = atomSize(floor).terms[0];
  const factors = withFloor.flatMap(({ coefficient, monomial }) => {
    const quotient = single === undefined ? undefined : divideMonomials(monomial, single.monomial);
    return quotient === undefined ? [] : [{ coefficient, monomial: quotient }];
  });
  return { factor: linear ? fromDistinctTerms(factors) : undefined, rest: fromDistinctTerms(without) };
}

// ---------------------------------------------------------------------------------------------------------------
// Facts

function boundFromFacts(size: Size, plain: number, system: System): number {
  let best = plain;
  const seen = new Set([size.key]);
  const queue: { readonly size: Size; readonly times: number }[] = [{ size, times: 1 }];
  for (const { size: current, times } of queue) {
    for (const next of combinations(current, system)) {
      if (queue.length >= MAX_COMBINATIONS) return best;
      if (seen.has(next.size.key)) continue;
      seen.add(next.size.key);
      queue.push({ size: next.size, times: times * next.times });
      best = Math.max(best, ceilOfEnds(lowerBound(next.size, system, 'without facts'), times * next.times));
    }
  }
  return best;
}

/** Sizes c * size - m * g, for facts g >= 0 and positive multiples c, m that cancel a term; `times` is c. */
function* combinations(size: Size, system: System): Iterable<{ size: Size; times: number }> {
  for (const term of size.terms) {
    if (term.monomial.degree === 0) continue;
    for (const fact of system.nonNegative) {
      for (const other of fact.terms) {
        if (other.monomial.degree === 0 || Math.sign(other.coefficient) !== Math.sign(term.coefficient))
          continue;
        const cofactor = divideMonomials(term.monomial, other.monomial);
        if (cofactor === undefined) continue;
        if (intervalOfMonomial(cofactor, (atom) => intervalOfAtom(atom, system, 'without facts')).low < 0)
          continue;
        const common = greatestCommonDivisor(term.coefficient, other.coefficient);
        const times = Math.abs(other.coefficient) / common;
        const combined = attempt(() =>
          sub(scale(size, times), mul(termSize(Math.abs(term.coefficient) / common, cofactor), fact)),
        );
        if (combined !== undefined) yield { size: combined, times };
      }
    }
  }
}
