import { intervalOf, intervalOfMonomial } from './bounds.ts';
import {
  contentOf,
  divideByContent,
  residueOf,
  commonMonomialOf,
  divideByMonomial,
} from './common-factors.ts';
import { remainderCoefficient, remainderOf } from './floor-division.ts';
import { greatestCommonDivisor } from './integers.ts';
import type { Interval } from './interval.ts';
import type { Literal } from './literal.ts';
import type { Atom, Size } from './polynomial.ts';
import { add, atomSize, constant, constantTerm, mul, scale, sub, UNIT } from './polynomial.ts';
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
  const primitive = divideByContent(size, content);
  return (
    asDivides(primitive) ?? [{ kind: 'zero', size: withoutCommonFactor(primitive, interval, isNeverZero) }]
  );
}

function simplifyNonZero(size: Size, interval: IntervalOfAtom): readonly Literal[] | undefined {
  if (size.value !== undefined) return size.value === 0 ? undefined : [];
  const content = contentOf(size);
  if (constantTerm(size) % content !== 0) return [];
  const primitive = withoutCommonFactor(divideByContent(size, content), interval, isNeverZero);
  return isNeverZero(intervalOf(primitive, interval)) ? [] : [{ kind: 'nonZero', size: primitive }];
}

function simplifyNonNegative(size: Size, interval: IntervalOfAtom): readonly Literal[] | undefined {
  if (size.value !== undefined) return size.value >= 0 ? [] : undefined;
  const range = intervalOf(size, interval);
  if (range.low >= 0) return [];
  if (range.high < 0) return undefined;
  const primitive = divideByContent(size, contentOf(size));
  const simple = withoutCommonFactor(primitive, interval, ({ low }) => low > 0);
  const inner = withoutFloor(simple);
  return inner === undefined ? [{ kind: 'nonNegative', size: simple }] : simplifyNonNegative(inner, interval);
}

/** floor(n / q) >= p says n >= q p, and floor(n / q) <= p says n <= q p + q - 1. */
function withoutFloor(size: Size): Size | undefined {
  for (const { coefficient, monomial } of size.terms) {
    const atom = monomial.factors[0]?.atom;
    if (atom?.kind !== 'floor' || monomial.degree !== 1 || Math.abs(coefficient) !== 1) continue;
    // Where the rest has the floor too, as in k floor(n / q) + floor(n / q), it would not go away, ever.
    if (termsWith(atom, size) > 1) continue;
    const rest = mul(atom.denominator, sub(size, scale(atomSize(atom), coefficient)));
    if (coefficient > 0) return add(atom.numerator, rest);
    return add(sub(rest, atom.numerator), sub(atom.denominator, constant(1)));
  }
  return undefined;
}

function termsWith({ key }: Atom, { terms }: Size): number {
  return terms.filter(({ monomial }) => monomial.factors.some(({ atom }) => atom.key === key)).length;
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
      dividend: divideByContent(residue, common),
      divisor: constant(divisor / common),
    },
  ];
}

function simplifyDivides(dividend: Size, divisor: Size): readonly Literal[] | undefined {
  const quotient = floorDiv(dividend, divisor);
  if (sub(mul(quotient, divisor), dividend).value === 0) return [];
  const shared = commonMonomialOf(dividend, divisor);
  if (shared === UNIT) return [{ kind: 'divides', dividend, divisor }];
  return [
    {
      kind: 'divides',
      dividend: divideByMonomial(dividend, shared),
      divisor: divideByMonomial(divisor, shared),
    },
  ];
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

/** Divides by the monomial that all terms share, if its values allow that. */
function withoutCommonFactor(
  size: Size,
  interval: IntervalOfAtom,
  allowed: (range: Interval) => boolean,
): Size {
  const common = commonMonomialOf(size);
  if (common === UNIT || !allowed(intervalOfMonomial(common, interval))) return size;
  return divideByMonomial(size, common);
}
