/**
 * The prover: proved, refuted by an example, or unknown. See docs/decisions/0001-size-normal-form.md.
 *
 * Every search in it is bounded (the constants named MAX_ in this folder), so a call takes a bounded time.
 */
import { intervalOfAtom, lowerBound as lowerBoundOf, upperBound as upperBoundOf } from './bounds.ts';
import type { Facts } from './facts.ts';
import { findModel, findSmallModel } from './find-model.ts';
import type { Literal } from './literal.ts';
import { moduliOf } from './moduli.ts';
import type { Size, SizeVar } from './polynomial.ts';
import type { Prop } from './prop.ts';
import { and, compare, compareNumbers, known, negate, varsOf } from './prop.ts';
import { reduce } from './reduce.ts';
import { simplifyLiteral } from './simplify-literal.ts';
import { SizeError } from './size-error.ts';
import { add, constant, equalSize, freshVar, isConstant, mod, neg, scale, sub, variable } from './size.ts';
import type { System } from './system.ts';
import { tryAll } from './try-all.ts';

export type Verdict =
  | { readonly kind: 'proved' }
  /** Values of all variables of the facts and the proposition; the facts hold for them, the proposition does not. */
  | { readonly kind: 'refuted'; readonly counterexample: ReadonlyMap<SizeVar, number> }
  /** Neither shown nor refuted: of all values of its variables from -upTo to upTo, none is a counterexample. */
  | { readonly kind: 'unknown'; readonly upTo: number };

/** The most cases into which a proof is split by `or` in the facts, and by remainders of variables. */
const MAX_CASES = 64;

const PROVED: Verdict = { kind: 'proved' };
const UNKNOWN: Verdict = { kind: 'unknown', upTo: 0 };

/** Whether the facts imply the proposition. Facts that exclude each other imply everything. Never throws a SizeError. */
export function prove(prop: Prop, facts: Facts): Verdict {
  return decide(prop, facts, true);
}

/**
 * Whether `prove` would answer that it is proved. It looks for no counterexample, which takes most of the time where
 * the answer is no.
 */
export function isProved(prop: Prop, facts: Facts): boolean {
  return decide(prop, facts, false).kind === 'proved';
}

/** `isThorough` says whether what cannot be shown is searched for a counterexample. */
function decide(prop: Prop, facts: Facts, isThorough: boolean): Verdict {
  if (isPlainlyTrue(prop)) return PROVED;
  return withinLimits(() => {
    switch (prop.kind) {
      case 'and':
        return decideAll(prop.props, facts, isThorough);
      case 'or':
        return decideAny(prop.props, facts, isThorough);
      case 'not':
        return prop.prop.kind === 'divides'
          ? decideOne(prop, facts, isThorough)
          : decide(negate(prop.prop), facts, isThorough);
      case 'compare':
      case 'divides':
      case 'known':
        return decideOne(prop, facts, isThorough);
    }
  }, UNKNOWN);
}

export function proveEqual(a: Size, b: Size, facts: Facts): Verdict {
  return prove(compare(a, '==', b), facts);
}

/** The greatest lower bound found, -Infinity when there is none. */
export function lowerBound(size: Size, facts: Facts): number {
  return (
    isConstant(size) ?? withinLimits(() => lowerBoundOf(reduce(size, facts.system), facts.system), -Infinity)
  );
}

/** The least upper bound found, Infinity when there is none. */
export function upperBound(size: Size, facts: Facts): number {
  return (
    isConstant(size) ?? withinLimits(() => upperBoundOf(reduce(size, facts.system), facts.system), Infinity)
  );
}

/** The fallback where a size outgrows the limits of `size.ts` on the way. */
function withinLimits<T>(compute: () => T, fallback: T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof SizeError) return fallback;
    throw error;
  }
}

/** What needs no facts: the common case of concrete sizes. */
function isPlainlyTrue(prop: Prop): boolean {
  if (prop.kind === 'known') return prop.value;
  if (prop.kind !== 'compare') return false;
  const [lhs, rhs] = [isConstant(prop.lhs), isConstant(prop.rhs)];
  if (lhs !== undefined && rhs !== undefined) return compareNumbers(lhs, prop.op, rhs);
  return (prop.op === '==' || prop.op === '<=' || prop.op === '>=') && equalSize(prop.lhs, prop.rhs);
}

function decideAll(props: readonly Prop[], facts: Facts, isThorough: boolean): Verdict {
  let verdict: Verdict = PROVED;
  for (const prop of props) {
    const one = decide(prop, facts, isThorough);
    if (one.kind === 'refuted') return one;
    if (one.kind === 'unknown' && (verdict.kind !== 'unknown' || one.upTo < verdict.upTo)) verdict = one;
  }
  return verdict;
}

/** One of several holds if the last does where none of the others does. */
function decideAny(props: readonly Prop[], facts: Facts, isThorough: boolean): Verdict {
  const [last = known(false), ...others] = props.toReversed();
  return decide(last, facts.assume(and(...others.map(negate))), isThorough);
}

/**
 * The cheap answers come first: most of what does not hold fails for some small values, and showing that no values at
 * all are left takes longer than finding these.
 */
function decideOne(prop: Prop, facts: Facts, isThorough: boolean): Verdict {
  if (follows(prop, facts)) return PROVED;
  const opposite = facts.assume(negate(prop));
  if (opposite.system.contradictory) return PROVED;
  const small = findSmallModel(opposite);
  if (small !== undefined) return refutedBy(small, prop);
  if (opposite.isContradictory) return PROVED;
  const counterexample = isThorough ? findModel(opposite) : undefined;
  if (counterexample !== undefined) return refutedBy(counterexample, prop);
  const cases = casesOf(prop, facts);
  if (cases.length > 1 && cases.every((single) => single.isContradictory || follows(prop, single)))
    return PROVED;
  if (!isThorough) return UNKNOWN;
  const { counterexample: last, upTo } = tryAll(prop, facts);
  return last === undefined ? { kind: 'unknown', upTo } : refutedBy(last, prop);
}

function refutedBy(values: ReadonlyMap<SizeVar, number>, prop: Prop): Verdict {
  return { kind: 'refuted', counterexample: startingWith(prop, values) };
}

/** The same values, those of the proposition's variables first. */
function startingWith(prop: Prop, values: ReadonlyMap<SizeVar, number>): ReadonlyMap<SizeVar, number> {
  const ofProp = varsOf(prop).flatMap((v): [SizeVar, number][] => {
    const value = values.get(v);
    return value === undefined ? [] : [[v, value]];
  });
  return new Map([...ofProp, ...values]);
}

/** Whether normal form and bounds show the proposition. */
function follows(prop: Prop, facts: Facts): boolean {
  const { system } = facts;
  switch (prop.kind) {
    case 'compare': {
      const difference = reduce(sub(prop.lhs, prop.rhs), system);
      const above = (least: number): boolean => isAtLeast(difference, least, system);
      const below = (most: number): boolean => isAtLeast(neg(difference), -most, system);
      switch (prop.op) {
        case '==':
          return difference.value === 0 || (above(0) && below(0));
        case '!=':
          return above(1) || below(-1);
        case '<':
          return below(-1);
        case '<=':
          return below(0);
        case '>':
          return above(1);
        case '>=':
          return above(0);
      }
      break;
    }
    case 'divides':
      return (
        follows(compare(prop.divisor, '>=', constant(1)), facts) &&
        follows(compare(mod(prop.dividend, prop.divisor), '==', constant(0)), facts)
      );
    case 'and':
      return prop.props.every((p) => follows(p, facts));
    case 'or':
      return prop.props.some((p) => follows(p, facts));
    case 'not':
      return prop.prop.kind === 'divides' ? false : follows(negate(prop.prop), facts);
    case 'known':
      return prop.value;
  }
}

function isAtLeast(size: Size, least: number, system: System): boolean {
  const inequality: Literal = { kind: 'nonNegative', size: sub(size, constant(least)) };
  const simpler = simplifyLiteral(inequality, (atom) => intervalOfAtom(atom, system));
  if (simpler === undefined) return false;
  return simpler.every(
    (literal) => literal.kind === 'nonNegative' && lowerBoundOf(literal.size, system) >= 0,
  );
}

/**
 * Cases that together cover the facts: one for each alternative of an `or`, and one for each remainder that a variable
 * can leave under the numbers by which the proposition divides it. In each, those floors disappear.
 */
function casesOf(prop: Prop, facts: Facts): readonly Facts[] {
  let cases: readonly Facts[] = [facts];
  for (const alternative of facts.props) {
    if (alternative.kind !== 'or' || cases.length * alternative.props.length > MAX_CASES) continue;
    cases = cases.flatMap((single) => alternative.props.map((p) => single.assume(p)));
  }
  for (const [v, modulus] of moduliOf(prop)) {
    if (cases.length * modulus > MAX_CASES) continue;
    const quotient = scale(variable(freshVar(`${v.name}'`)), modulus);
    const remainders = Array.from({ length: modulus }, (_, remainder) => add(quotient, constant(remainder)));
    cases = cases.flatMap((single) =>
      remainders.map((size) => single.assume(compare(variable(v), '==', size))),
    );
  }
  return cases;
}
