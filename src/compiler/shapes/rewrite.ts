/** Rewriting of sizes by equalities that could not be solved for a variable. */
import { floorDiv } from './floor-division.ts';
import type { FloorAtom, Size, Term } from './polynomial.ts';
import { add, divideMonomials, equalSize, mul, neg, sub, termSize } from './polynomial.ts';
import { mapAtoms } from './size.ts';

/** The most times that the terms of a size are rewritten. The equalities of a user need not come to an end. */
const MAX_REWRITES = 64;

/** The divisor is at least 1 and divides the dividend. */
export interface Multiple {
  readonly dividend: Size;
  readonly divisor: Size;
}

/** An equality read from left to right. */
interface Rule {
  readonly term: Term;
  readonly by: Size;
}

export interface Rewriting {
  readonly rules: readonly Rule[];
  readonly multiples: readonly Multiple[];
}

/** Makes rules: q * floor(p / q) becomes p for each multiple, the leading term becomes the others for each zero. */
export function rewritingFrom(multiples: readonly Multiple[], zero: readonly Size[]): Rewriting {
  const products = multiples.map(({ dividend, divisor }) =>
    sub(mul(divisor, floorDiv(dividend, divisor)), dividend),
  );
  const rules = [...products, ...zero].flatMap((size) => {
    const term = size.terms.find(holdsFloor) ?? size.terms[0];
    if (term === undefined || term.monomial.degree === 0) return [];
    const rest = sub(size, termSize(term.coefficient, term.monomial));
    return term.coefficient > 0 ? [{ term, by: neg(rest) }] : [{ term: negated(term), by: rest }];
  });
  return { rules, multiples };
}

export function rewrite(size: Size, rewriting: Rewriting): Size {
  if (size.value !== undefined || rewriting.rules.length === 0) return size;
  let current = mapAtoms(size, (atom) => (atom.kind === 'floor' ? rewriteFloor(atom, rewriting) : undefined));
  for (let i = 0; i < MAX_REWRITES; i++) {
    const next = rewriteOnce(current, rewriting.rules);
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

function rewriteFloor(floor: FloorAtom, rewriting: Rewriting): Size | undefined {
  const numerator = rewrite(floor.numerator, rewriting);
  const divisor = rewrite(floor.denominator, rewriting);
  for (const multiple of rewriting.multiples) {
    const times = timesContained(multiple, numerator, divisor);
    if (times === undefined) continue;
    const rest = floorDiv(sub(numerator, mul(times, multiple.dividend)), divisor);
    return add(mul(times, floorDiv(multiple.dividend, divisor)), rewrite(rest, rewriting));
  }
  const same = equalSize(numerator, floor.numerator) && equalSize(divisor, floor.denominator);
  return same ? undefined : floorDiv(numerator, divisor);
}

/** The k for which numerator - k * dividend is simpler, if the multiple is one of the divisor. */
function timesContained(multiple: Multiple, numerator: Size, divisor: Size): Size | undefined {
  const leading = multiple.dividend.terms[0];
  if (leading === undefined || !equalSize(multiple.divisor, divisor)) return undefined;
  if (equalSize(multiple.dividend, numerator)) return undefined;
  for (const { coefficient, monomial } of numerator.terms) {
    const cofactor = divideMonomials(monomial, leading.monomial);
    if (cofactor === undefined || coefficient % leading.coefficient !== 0) continue;
    const times = termSize(coefficient / leading.coefficient, cofactor);
    if (sub(numerator, mul(times, multiple.dividend)).weight < numerator.weight) return times;
  }
  return undefined;
}

function rewriteOnce(size: Size, rules: readonly Rule[]): Size | undefined {
  for (const { term: pattern, by } of rules) {
    for (const { coefficient, monomial } of size.terms) {
      const cofactor = divideMonomials(monomial, pattern.monomial);
      if (cofactor === undefined || coefficient % pattern.coefficient !== 0) continue;
      const times = termSize(coefficient / pattern.coefficient, cofactor);
      return add(sub(size, termSize(coefficient, monomial)), mul(times, by));
    }
  }
  return undefined;
}

function holdsFloor({ monomial }: Term): boolean {
  return monomial.factors.some(({ atom }) => atom.kind === 'floor');
}

function negated({ coefficient, monomial }: Term): Term {
  return { coefficient: -coefficient, monomial };
}
