import { remainderCoefficient, remainderOf } from './floor-division.ts';
import { intervalOf, intervalOfMonomial } from './bounds.ts';
import { floorOfEnds } from './interval.ts';
import type { Interval } from './interval.ts';
import type { Literal } from './literal.ts';
import type { Atom, Monomial, Size } from './polynomial.ts';
import {
  add,
  atomSize,
  commonMonomial,
  constant,
  constantTerm,
  divideByTerm,
  fromDistinctTerms,
  greatestCommonDivisor,
  mul,
  scale,
  sub,
  UNIT,
} from './polynomial.ts';
import { floorDiv } from './size.ts';

type IntervalOfAtom = (atom: Atom) => Interval;

/** Simpler literals that together say the same: none when the literal always holds, undefined when it never does. */
export function simplifyLiteral(literal: Literal, interval: IntervalOfAtom): readonly Literal[] | undefined {
  switch (literal.kind) {
    case 'zero':
      return simplifyZero(literal.size, interval);
    case 'nonZero':
      return simplifyNonZero(literal.size, interval);
    case 'nonNegative':
      return simplifyNonNegative(literal.size, interval);
    case 'divides':
      return literal.divisor.value === undefined
        ? simplifyDivides(literal.dividend, literal.divisor)
        : simplifyDividesNumber(literal.dividend, literal.divisor.value);
    case 'other': {
      const { prop } = literal;
      if (prop.kind !== 'not' || prop.prop.kind !== 'divides') return [literal];
      const { dividend, divisor } = prop.prop;
      if (intervalOf(divisor, interval).low < 1) return [literal];
      const remainder = sub(dividend, mul(divisor, floorDiv(dividend, divisor)));
      return [{ kind: 'nonNegative', size: sub(remainder, constant(1)) }];
    }
  }
}

function simplifyZero(size: Size, interval: IntervalOfAtom): readonly Literal[] | undefined {
  if (size.value !== undefined) return size.value === 0 ? [] : undefined;
  const content = contentOf(size);
  if (constantTerm(size) % content !== 0) return undefined;
  const primitive = withoutContent(size, content);
  return (
    asDivides(primitive) ?? [{ kind: 'zero', size: withoutCommonFactor(primitive, interval, isNeverZero) }]
  );
}

function simplifyNonZero(size: Size, interval: IntervalOfAtom): readonly Literal[] | undefined {
  if (size.value !== undefined) return size.value === 0 ? undefined : [];
  const content = contentOf(size);
  if (constantTerm(size) % content !== 0) return [];
  const primitive = withoutCommonFactor(withoutContent(size, content), interval, isNeverZero);
  return isNeverZero(intervalOf(primitive, interval)) ? [] : [{ kind: 'nonZero', size: primitive }];
}

function simplifyNonNegative(size: Size, interval: IntervalOfAtom): readonly Literal[] | undefined {
  if (size.value !== undefined) return size.value >= 0 ? [] : undefined;
  const range = intervalOf(size, interval);
  if (range.low >= 0) return [];
  if (range.high < 0) return undefined;
  const primitive = withoutContent(size, contentOf(size));
  const simple = withoutCommonFactor(primitive, interval, ({ low }) => low > 0);
  const inner = withoutFloor(simple);
  return inner === undefined ? [{ kind: 'nonNegative', size: simple }] : simplifyNonNegative(inner, interval);
}

/** floor(n / q) >= p says n >= q p, and floor(n / q) <= p says n <= q p + q - 1. */
function withoutFloor(size: Size): Size | undefined {
  for (const { coefficient, monomial } of size.terms) {
    const atom = monomial.factors[0]?.atom;
    if (atom?.kind !== 'floor' || monomial.degree !== 1 || Math.abs(coefficient) !== 1) continue;
    const rest = mul(atom.denominator, sub(size, scale(atomSize(atom), coefficient)));
    if (coefficient > 0) return add(atom.numerator, rest);
    return add(sub(rest, atom.numerator), sub(atom.denominator, constant(1)));
  }
  return undefined;
}

function simplifyDividesNumber(dividend: Size, divisor: number): readonly Literal[] | undefined {
  if (divisor < 1) return undefined;
  const residue = residueOf(dividend, divisor);
  if (residue.value === 0) return [];
  if (constantTerm(residue) % greatestCommonDivisor(contentOf(residue), divisor) !== 0) return undefined;
  const common = greatestCommonDivisor(
    greatestCommonDivisor(contentOf(residue), constantTerm(residue)),
    divisor,
  );
  return [
    {
      kind: 'divides',
      dividend: withoutContent(residue, common),
      divisor: constant(divisor / common),
    },
  ];
}

function simplifyDivides(dividend: Size, divisor: Size): readonly Literal[] | undefined {
  const quotient = floorDiv(dividend, divisor);
  if (sub(mul(quotient, divisor), dividend).value === 0) return [];
  const shared = commonMonomialOf([dividend, divisor]);
  if (shared === UNIT) return [{ kind: 'divides', dividend, divisor }];
  return [{ kind: 'divides', dividend: dividedBy(dividend, shared), divisor: dividedBy(divisor, shared) }];
}

/** Sees through k (p - q floor(p / q)) = k r, which says that q divides p - r. */
function asDivides(size: Size): readonly Literal[] | undefined {
  for (const term of size.terms) {
    for (const { atom } of term.monomial.factors) {
      if (atom.kind !== 'floor') continue;
      const times = remainderCoefficient(term, atom);
      if (times === undefined) continue;
      const rest = sub(size, scale(remainderOf(atom), times)).value;
      if (rest === undefined) continue;
      const { numerator, denominator } = atom;
      const remainder = -rest / times;
      if (!Number.isInteger(remainder) || remainder < 0) return [{ kind: 'zero', size: constant(1) }];
      return [
        { kind: 'divides', dividend: sub(numerator, constant(remainder)), divisor: denominator },
        { kind: 'nonNegative', size: sub(denominator, constant(remainder + 1)) },
      ];
    }
  }
  return undefined;
}

function isNeverZero({ low, high }: Interval): boolean {
  return low > 0 || high < 0;
}

/** The greatest number that divides all coefficients but the constant term; 0 for a constant. */
function contentOf(size: Size): number {
  let content = 0;
  for (const { coefficient, monomial } of size.terms) {
    if (monomial !== UNIT) content = greatestCommonDivisor(content, coefficient);
  }
  return content;
}

/** The size divided by its content; a constant term that is no multiple of it is rounded down. */
function withoutContent(size: Size, content: number): Size {
  if (content === 1) return size;
  const terms = size.terms.flatMap(({ coefficient, monomial }) => {
    const quotient = floorOfEnds(coefficient, content);
    return quotient === 0 ? [] : [{ coefficient: quotient, monomial }];
  });
  return fromDistinctTerms(terms);
}

/** Divides by the monomial that all terms share, if its values allow that. */
function withoutCommonFactor(
  size: Size,
  interval: IntervalOfAtom,
  allowed: (range: Interval) => boolean,
): Size {
  const common = commonMonomialOf([size]);
  if (common === UNIT || !allowed(intervalOfMonomial(common, interval))) return size;
  return dividedBy(size, common);
}

function commonMonomialOf(sizes: readonly Size[]): Monomial {
  const monomials = sizes.flatMap(({ terms }) => terms.map(({ monomial }) => monomial));
  return monomials.length === 0 ? UNIT : monomials.reduce(commonMonomial);
}

function dividedBy(size: Size, monomial: Monomial): Size {
  const quotient = divideByTerm(size, { coefficient: 1, monomial });
  if (quotient === undefined) throw new Error('a common factor divides every term');
  return quotient;
}

/** Each coefficient replaced by its remainder, 0 .. divisor - 1. */
export function residueOf(size: Size, divisor: number): Size {
  const terms = size.terms.flatMap(({ coefficient, monomial }) => {
    const remainder = coefficient - divisor * floorOfEnds(coefficient, divisor);
    return remainder === 0 ? [] : [{ coefficient: remainder, monomial }];
  });
  return fromDistinctTerms(terms);
}
