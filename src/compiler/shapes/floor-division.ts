/**
 * floor(p / q) in normal form, for q >= 1. The rules, applied until none fits:
 *
 * 1. whole parts move out:       floor((q a + r) / q)        = a + floor(r / q)
 * 2. common factors cancel:      floor((g r + c) / (g q))    = floor((r + floor(c / g)) / q), for integers c and g
 *                                floor((m r) / (m q))        = floor(r / q), for a monomial m
 * 3. nested floors become one:   floor((floor(p / a) + c) / b) = floor((p + a c) / (a b))
 *
 * A divisor's factors count as positive: `positiveDivisor` in `prop.ts` states what has to hold for that.
 */
import { commonMonomialOf, contentOf, divideByContent, divideByMonomial } from './common-factors.ts';
import { floorDivideIntegers, greatestCommonDivisor } from './integers.ts';
import type { FloorAtom, Monomial, Size, Term } from './polynomial.ts';
import {
  add,
  atomSize,
  compareMonomials,
  constant,
  constantTerm,
  divideMonomials,
  mul,
  sub,
  termSize,
  UNIT,
} from './polynomial.ts';
import { SizeDivision, SizeTooLarge } from './size-error.ts';

/** The most steps of one polynomial division. */
const MAX_DIVISION_STEPS = 1024;

/** floor(numerator / denominator). Throws SizeDivision when the denominator is a constant below 1. */
export function floorDiv(numerator: Size, denominator: Size): Size {
  if (denominator.value !== undefined) {
    if (denominator.value === 1) return numerator;
    if (denominator.value < 1) throw new SizeDivision(denominator.value);
    if (numerator.value !== undefined) {
      return constant(floorDivideIntegers(numerator.value, denominator.value));
    }
  }
  let whole = constant(0);
  let rest = numerator;
  let divisor = denominator;
  for (;;) {
    const division = divideOut(rest, divisor);
    whole = add(whole, division.quotient);
    [rest, divisor] = cancelCommonFactors(division.remainder, divisor);
    if (rest.value === 0) return whole;
    if (divisor.value === 1) return add(whole, rest);
    const inner = nestedFloor(rest);
    if (inner === undefined) return add(whole, floorAtom(rest, divisor));
    const others = sub(rest, atomSize(inner));
    rest = add(inner.numerator, mul(others, inner.denominator));
    divisor = mul(divisor, inner.denominator);
  }
}

function floorAtom(numerator: Size, denominator: Size): Size {
  return atomSize({
    kind: 'floor',
    numerator,
    denominator,
    key: `[${numerator.key}/${denominator.key}]`,
    weight: 1 + numerator.weight + denominator.weight,
  });
}

/**
 * Division with remainder of polynomials over the integers: no term of the remainder is a multiple of the divisor's
 * leading monomial with a coefficient outside 0 .. |leading coefficient| - 1.
 */
function divideOut(numerator: Size, denominator: Size): { quotient: Size; remainder: Size } {
  const leading = denominator.terms[0];
  if (leading === undefined) throw new SizeDivision(0);
  let quotient = constant(0);
  let remainder = numerator;
  let below: Monomial | undefined;
  for (let steps = 0; ; steps++) {
    if (steps > MAX_DIVISION_STEPS) throw new SizeTooLarge('steps in a division', MAX_DIVISION_STEPS);
    const reduction = nextReduction(remainder, leading, below);
    if (reduction === undefined) return { quotient, remainder };
    quotient = add(quotient, reduction.part);
    remainder = sub(remainder, mul(reduction.part, denominator));
    below = reduction.monomial;
  }
}

/** The first term under `below` that can be reduced, and the part of the quotient that reduces it. */
function nextReduction(
  remainder: Size,
  leading: Term,
  below: Monomial | undefined,
): { part: Size; monomial: Monomial } | undefined {
  for (const { coefficient, monomial } of remainder.terms) {
    if (below !== undefined && compareMonomials(monomial, below) >= 0) continue;
    const cofactor = divideMonomials(monomial, leading.monomial);
    if (cofactor === undefined) continue;
    const times =
      floorDivideIntegers(coefficient, Math.abs(leading.coefficient)) * Math.sign(leading.coefficient);
    if (times !== 0) return { part: termSize(times, cofactor), monomial };
  }
  return undefined;
}

/**
 * Cancels numbers and monomials that divide both, until none does. The constant term of the numerator need not be a
 * multiple of the number: floor((g r + c) / (g q)) = floor(floor((g r + c) / g) / q).
 */
function cancelCommonFactors(numerator: Size, denominator: Size): [Size, Size] {
  let [above, below] = [numerator, denominator];
  for (;;) {
    const monomial = commonMonomialOf(above, below);
    above = divideByMonomial(above, monomial);
    below = divideByMonomial(below, monomial);
    const inDenominator = greatestCommonDivisor(contentOf(below), constantTerm(below));
    const content = greatestCommonDivisor(contentOf(above), inDenominator);
    if (monomial === UNIT && content === 1) return [above, below];
    above = divideByContent(above, content);
    below = divideByContent(below, content);
  }
}

/**
 * The floor of rule 3, if there is one: a term with coefficient 1. A denominator with floors of its own is left alone,
 * because multiplying it in could bring up new floors without end.
 */
function nestedFloor(numerator: Size): FloorAtom | undefined {
  for (const { coefficient, monomial } of numerator.terms) {
    const factor = monomial.factors[0];
    if (coefficient !== 1 || monomial.degree !== 1 || factor === undefined) continue;
    const { atom } = factor;
    if (atom.kind === 'floor' && !holdsFloor(atom.denominator)) return atom;
  }
  return undefined;
}

function holdsFloor(size: Size): boolean {
  return size.terms.some(({ monomial }) => monomial.factors.some(({ atom }) => atom.kind === 'floor'));
}

// ---------------------------------------------------------------------------------------------------------------
// Remainders

/** p - q * floor(p / q) for the atom floor(p / q). */
export function remainderOf(floor: FloorAtom): Size {
  return sub(floor.numerator, mul(floor.denominator, atomSize(floor)));
}

/** The k for which the term is the leading term of -k * q * floor(p / q). */
export function remainderCoefficient(term: Term, floor: FloorAtom): number | undefined {
  const leading = mul(floor.denominator, atomSize(floor)).terms[0];
  if (leading === undefined || divideMonomials(term.monomial, leading.monomial) !== UNIT) return undefined;
  const coefficient = -term.coefficient / leading.coefficient;
  return Number.isInteger(coefficient) ? coefficient : undefined;
}
