import type { Size, SizeVar } from './polynomial.ts';
import { divideMonomials, fromDistinctTerms, variable } from './polynomial.ts';
import { varsOf } from './size.ts';

/** A size as factor * v + rest, neither of which speaks of v. */
export interface LinearForm {
  readonly factor: Size;
  readonly rest: Size;
}

/** Undefined where the variable also occurs in a power, or within a floor. The factor is 0 where it does not occur. */
export function linearIn(v: SizeVar, size: Size): LinearForm | undefined {
  const single = variable(v).terms[0];
  if (single === undefined) return undefined;
  const withVariable = size.terms.flatMap(({ coefficient, monomial }) => {
    const quotient = divideMonomials(monomial, single.monomial);
    return quotient === undefined ? [] : [{ coefficient, monomial: quotient }];
  });
  const rest = fromDistinctTerms(
    size.terms.filter(({ monomial }) => divideMonomials(monomial, single.monomial) === undefined),
  );
  const factor = fromDistinctTerms(withVariable);
  return varsOf(factor).includes(v) || varsOf(rest).includes(v) ? undefined : { factor, rest };
}
