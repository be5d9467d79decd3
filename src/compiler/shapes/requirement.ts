import { intervalOfAtom } from './bounds.ts';
import type { Facts } from './facts.ts';
import { findModel } from './find-model.ts';
import type { Literal } from './literal.ts';
import { literalsOf } from './literal.ts';
import { moduliOf, quotientsIn } from './moduli.ts';
import type { Size } from './polynomial.ts';
import { constantTerm, fromDistinctTerms, neg, UNIT } from './polynomial.ts';
import type { CompareOp, Prop } from './prop.ts';
import { and, compare, divides, known, negate, print, sizesOf, varsOf } from './prop.ts';
import { isProved } from './prover.ts';
import { simplifyLiteral } from './simplify-literal.ts';
import { SizeError } from './size-error.ts';
import { add, constant, mod, sub, variable } from './size.ts';

/** The most divisors of a modulus that are suggested, itself not counted. */
const MAX_DIVISORS = 16;
/** Divisors are looked for up to here: a modulus may be as large as numbers get. */
const MAX_DIVISOR = 1024;

/**
 * The text of the simplest `where` clause under which the proposition would be proved: `C % 4 == 0`, `H >= K + 2`. None
 * where the facts rule it out, or where it holds already.
 */
export function requirementFor(prop: Prop, facts: Facts): string | undefined {
  try {
    const found = requirements(prop, facts) ?? [];
    const texts = new Set(found.map((required) => print(required)));
    return texts.size === 0 ? undefined : [...texts].join(', ');
  } catch (error) {
    if (error instanceof SizeError) return undefined;
    throw error;
  }
}

/** What to assume so that the proposition is proved: nothing when it is, undefined when nothing was found. */
function requirements(prop: Prop, facts: Facts): readonly Prop[] | undefined {
  if (isProved(prop, facts)) return [];
  if (varsOf(prop).length === 0) return undefined;
  switch (prop.kind) {
    case 'and': {
      let found: readonly Prop[] = [];
      for (const part of prop.props) {
        const more = requirements(part, facts.assume(and(...found)));
        if (more === undefined) return undefined;
        found = [...found, ...more];
      }
      return found;
    }
    case 'or':
      for (const part of prop.props) {
        const found = requirements(part, facts);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'not':
      return requirements(
        prop.prop.kind === 'divides'
          ? compare(mod(prop.prop.dividend, prop.prop.divisor), '!=', constant(0))
          : negate(prop.prop),
        facts,
      );
    case 'divides': {
      const positive = requirements(compare(prop.divisor, '>=', constant(1)), facts);
      if (positive === undefined) return undefined;
      const exact = sufficient(prop, facts.assume(and(...positive)));
      return exact && [...positive, ...exact];
    }
    case 'compare':
      return sufficient(prop, facts);
    case 'known':
      return undefined;
  }
}

function sufficient(prop: Prop, facts: Facts): readonly Prop[] | undefined {
  for (const candidate of candidates(prop, facts)) {
    const assumed = facts.assume(candidate);
    if (assumed.isContradictory || !isProved(prop, assumed)) continue;
    if (findModel(assumed) !== undefined) return candidate.kind === 'and' ? candidate.props : [candidate];
  }
  return undefined;
}

/** Simplest first; the last is the proposition itself. */
function* candidates(prop: Prop, facts: Facts): Iterable<Prop> {
  const simple = literalsOf(prop).flatMap((literal) => {
    const simpler = simplifyLiteral(literal, (atom) => intervalOfAtom(atom, facts.system));
    return simpler?.map(toProp) ?? [known(false)];
  });
  const missing = simple.filter((part) => !isProved(part, facts));
  const simplest = and(...missing);
  const hasFloors = sizesOf(simplest).some((size) => quotientsIn(size).length > 0);
  if (!hasFloors) yield simplest;
  const moduli = [...moduliOf(simplest)];
  for (const [v, modulus] of moduli) {
    for (const divisor of divisorsOf(modulus)) yield divides(variable(v), constant(divisor));
  }
  if (moduli.length > 1) yield and(...moduli.map(([v, modulus]) => divides(variable(v), constant(modulus))));
  for (const size of sizesOf(simplest)) {
    for (const { numerator, denominator } of quotientsIn(size)) yield divides(numerator, denominator);
  }
  yield simplest;
  yield prop;
}

/** Divisors of a number, the least first, and the number itself. */
function divisorsOf(number: number): readonly number[] {
  const divisors: number[] = [];
  const last = Math.min(number - 1, MAX_DIVISOR);
  for (let divisor = 2; divisor <= last && divisors.length < MAX_DIVISORS; divisor++) {
    if (number % divisor === 0) divisors.push(divisor);
  }
  return [...divisors, number];
}

function toProp(literal: Literal): Prop {
  switch (literal.kind) {
    case 'zero':
      return readable(literal.size, '==');
    case 'nonZero':
      return readable(literal.size, '!=');
    case 'nonNegative':
      return readable(literal.size, '>=');
    case 'divides':
      return divides(literal.dividend, literal.divisor);
    case 'other':
      return literal.prop;
  }
}

/** `size op 0` as it reads best: `H >= K + 2`, `K <= 5`, `C % 4 != 0`. */
function readable(size: Size, op: CompareOp): Prop {
  const onOneSide = compare(sub(size, constant(constantTerm(size))), op, constant(-constantTerm(size)));
  const onBothSides = balanced(size, op);
  return print(onOneSide).length < print(onBothSides).length ? onOneSide : onBothSides;
}

/** `size op 0` with positive terms on the left and negative ones on the right. */
function balanced(size: Size, op: CompareOp): Prop {
  const constantValue = constantTerm(size);
  const terms = size.terms.filter(({ monomial }) => monomial !== UNIT);
  const positive = terms.filter(({ coefficient }) => coefficient > 0);
  const negative = terms.filter(({ coefficient }) => coefficient < 0);
  if (positive.length === 0) {
    return compare(neg(fromDistinctTerms(negative)), op === '>=' ? '<=' : op, constant(constantValue));
  }
  const left = fromDistinctTerms(positive);
  const right = neg(fromDistinctTerms(negative));
  return negative.length > 0 && constantValue > 0
    ? compare(add(left, constant(constantValue)), op, right)
    : compare(left, op, sub(right, constant(constantValue)));
}
