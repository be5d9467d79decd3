import { greatestCommonDivisor } from './integers.ts';
import type { Size, SizeVar } from './polynomial.ts';
import type { Prop } from './prop.ts';
import { sizesOf } from './prop.ts';
import { varsOf } from './size.ts';

/** For each variable of a proposition the least common multiple of the numbers by which it is divided. */
export function moduliOf(prop: Prop): ReadonlyMap<SizeVar, number> {
  const moduli = new Map<SizeVar, number>();
  const divided = (size: Size, divisor: number): void => {
    for (const v of varsOf(size)) {
      const before = moduli.get(v) ?? 1;
      moduli.set(v, (before / greatestCommonDivisor(before, divisor)) * divisor);
    }
  };
  for (const size of sizesOf(prop)) {
    for (const { numerator, denominator } of quotientsIn(size)) {
      if (denominator.value !== undefined) divided(numerator, denominator.value);
    }
  }
  if (prop.kind === 'divides' && prop.divisor.value !== undefined) divided(prop.dividend, prop.divisor.value);
  return moduli;
}

export interface Quotient {
  readonly numerator: Size;
  readonly denominator: Size;
}

/** The quotients under the floors of a size, nested ones too. */
export function quotientsIn(size: Size): readonly Quotient[] {
  return size.terms.flatMap(({ monomial }) =>
    monomial.factors.flatMap(({ atom }) =>
      atom.kind === 'floor' ? [atom, ...quotientsIn(atom.numerator), ...quotientsIn(atom.denominator)] : [],
    ),
  );
}
