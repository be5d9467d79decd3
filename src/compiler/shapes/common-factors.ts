/** What the terms of a polynomial have in common, and division by it. */
import { floorDivideIntegers, greatestCommonDivisor } from './integers.ts';
import type { Monomial, Size } from './polynomial.ts';
import { commonMonomial, divideMonomials, fromDistinctTerms, UNIT } from './polynomial.ts';

/** The greatest number that divides all coefficients but the constant term; 0 for a constant. */
export function contentOf(size: Size): number {
  let content = 0;
  for (const { coefficient, monomial } of size.terms) {
    if (monomial !== UNIT) content = greatestCommonDivisor(content, coefficient);
  }
  return content;
}

/** The size divided by a number that divides its content; the constant term is rounded down where it is no multiple. */
export function divideByContent(size: Size, content: number): Size {
  if (content === 1) return size;
  return mapCoefficients(size, (coefficient) => floorDivideIntegers(coefficient, content));
}

/** Each coefficient replaced by its remainder, 0 .. divisor - 1. */
export function residueOf(size: Size, divisor: number): Size {
  return mapCoefficients(size, (c) => c - divisor * floorDivideIntegers(c, divisor));
}

function mapCoefficients(size: Size, map: (coefficient: number) => number): Size {
  const terms = size.terms.map(({ coefficient, monomial }) => ({ coefficient: map(coefficient), monomial }));
  return fromDistinctTerms(terms.filter(({ coefficient }) => coefficient !== 0));
}

/** The greatest monomial that divides every term of every size. */
export function commonMonomialOf(...sizes: readonly Size[]): Monomial {
  let common: Monomial | undefined;
  for (const { terms } of sizes) {
    for (const { monomial } of terms)
      common = common === undefined ? monomial : commonMonomial(common, monomial);
  }
  return common ?? UNIT;
}

/** The size divided by a monomial that divides every term. */
export function divideByMonomial(size: Size, divisor: Monomial): Size {
  if (divisor === UNIT) return size;
  const terms = size.terms.map(({ coefficient, monomial }) => {
    const quotient = divideMonomials(monomial, divisor);
    if (quotient === undefined) throw new Error('a common factor divides every term');
    return { coefficient, monomial: quotient };
  });
  return fromDistinctTerms(terms);
}
