/** How one literal is solved for a variable that stands alone in it. */
import { residueOf } from './common-factors.ts';
import { floorDiv } from './floor-division.ts';
import { greatestCommonDivisor } from './integers.ts';
import type { Literal } from './literal.ts';
import type { Size, SizeVar } from './polynomial.ts';
import { add, freshVar, mul, scale, sub, termSize, variable } from './polynomial.ts';
import { varsOf } from './size.ts';

/** A variable expressed by others. */
export interface Solution {
  readonly variable: SizeVar;
  readonly by: Size;
  /** The variable that solving made, and the size it stands for. */
  readonly introduced?: { readonly variable: SizeVar; readonly as: Size };
}

export interface LonelyVariable {
  readonly variable: SizeVar;
  readonly coefficient: number;
  /** The other terms; the variable does not occur in them. */
  readonly rest: Size;
}

/** The variables v for which the size is coefficient * v + rest. */
export function lonelyVariables(size: Size): readonly LonelyVariable[] {
  return size.terms.flatMap(({ coefficient, monomial }) => {
    const atom = monomial.factors[0]?.atom;
    if (monomial.degree !== 1 || atom?.kind !== 'variable') return [];
    const rest = sub(size, termSize(coefficient, monomial));
    return varsOf(rest).includes(atom.variable) ? [] : [{ variable: atom.variable, coefficient, rest }];
  });
}

/** v = rest; of several such variables the one made last, so that messages keep the earlier names. */
export function solveZero(literal: Literal): Solution | undefined {
  if (literal.kind !== 'zero') return undefined;
  const lonely = lonelyVariables(literal.size).findLast(({ coefficient }) => Math.abs(coefficient) === 1);
  return lonely && { variable: lonely.variable, by: scale(lonely.rest, -lonely.coefficient) };
}

export function solveDividesNumber(literal: Literal): Solution | undefined {
  if (literal.kind !== 'divides' || literal.divisor.value === undefined) return undefined;
  const divisor = literal.divisor.value;
  for (const { variable: v, coefficient, rest } of lonelyVariables(literal.dividend)) {
    const inverse = inverseModulo(coefficient, divisor);
    if (inverse === undefined) continue;
    const offset = residueOf(scale(rest, -inverse), divisor);
    const t = freshVar(`${v.name}'`);
    return {
      variable: v,
      by: add(scale(variable(t), divisor), offset),
      introduced: { variable: t, as: floorDiv(sub(variable(v), offset), literal.divisor) },
    };
  }
  return undefined;
}

export function solveDivides(literal: Literal): Solution | undefined {
  if (literal.kind !== 'divides' || literal.divisor.value !== undefined) return undefined;
  const { divisor } = literal;
  for (const { variable: v, coefficient, rest } of lonelyVariables(literal.dividend)) {
    if (Math.abs(coefficient) !== 1 || varsOf(divisor).includes(v)) continue;
    const t = freshVar(`${v.name}'`);
    const offset = scale(rest, -coefficient);
    return {
      variable: v,
      by: add(mul(divisor, variable(t)), offset),
      introduced: { variable: t, as: floorDiv(sub(variable(v), offset), divisor) },
    };
  }
  return undefined;
}

/** The x in 1 .. modulus - 1 for which a x leaves 1. */
function inverseModulo(a: number, modulus: number): number | undefined {
  if (greatestCommonDivisor(a, modulus) !== 1) return undefined;
  // Extended Euclid, which keeps a x = r modulo the modulus.
  let [r, x] = [((a % modulus) + modulus) % modulus, 1];
  let [nextR, nextX] = [modulus, 0];
  while (nextR !== 0) {
    const quotient = Math.floor(r / nextR);
    [r, nextR] = [nextR, r - quotient * nextR];
    [x, nextX] = [nextX, x - quotient * nextX];
  }
  return ((x % modulus) + modulus) % modulus;
}
