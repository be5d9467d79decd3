/**
 * Symbolic integers: the sizes of axes and the hyper-parameters they depend on.
 *
 * This is the door to the module: how sizes are kept canonical is in `polynomial.ts` and `floor-division.ts`. Every
 * operation may throw a `SizeError`: SizeOverflow, SizeTooLarge or, for divisions, SizeDivision.
 */
import { floorDiv } from './floor-division.ts';
import { checkedInteger, floorDivideIntegers } from './integers.ts';
import type { Atom, SizeVar, Term } from './polynomial.ts';
import { add, atomSize, constant, fromDistinctTerms, mul, pow, Size, sub } from './polynomial.ts';

export { SizeDivision, SizeError, SizeOverflow, SizeTooLarge } from './size-error.ts';
export { floorDiv } from './floor-division.ts';
export { print } from './print-size.ts';
export type { PrintOptions } from './print-size.ts';
export type { Size, SizeVar } from './polynomial.ts';
export { add, constant, equalSize, freshVar, mul, neg, pow, scale, sub, variable } from './polynomial.ts';

/** The least integer that is at least a / b. */
export function ceilDiv(a: Size, b: Size): Size {
  return floorDiv(add(a, sub(b, constant(1))), b);
}

/** x - a * floor(x / a): between 0 and a - 1 whatever the sign of x. */
export function mod(x: Size, a: Size): Size {
  return sub(x, mul(a, floorDiv(x, a)));
}

export function isSize(value: unknown): value is Size {
  return value instanceof Size;
}

/** The number, if the size is one. */
export function isConstant(size: Size): number | undefined {
  return size.value;
}

/** The variables of a size, inside floors too, each once, in the order in which they occur in the normal form. */
export function varsOf(size: Size): readonly SizeVar[] {
  const found = new Set<SizeVar>();
  collectVariables(size, found);
  return [...found];
}

/** The variable that a size consists of, if it is nothing else. */
export function soleVariable(size: Size): SizeVar | undefined {
  const [term, another] = size.terms;
  if (term?.coefficient !== 1 || another !== undefined || term.monomial.degree !== 1) return undefined;
  const atom = term.monomial.factors[0]?.atom;
  return atom?.kind === 'variable' ? atom.variable : undefined;
}

function collectVariables(size: Size, found: Set<SizeVar>): void {
  for (const { monomial } of size.terms) {
    for (const { atom } of monomial.factors) {
      if (atom.kind === 'variable') {
        found.add(atom.variable);
      } else {
        collectVariables(atom.numerator, found);
        collectVariables(atom.denominator, found);
      }
    }
  }
}

/** Replaces variables by sizes, all at once; a size without any of them is returned as it is. */
export function substitute(size: Size, replacements: ReadonlyMap<SizeVar, Size>): Size {
  if (size.value !== undefined || replacements.size === 0) return size;
  return mapAtoms(size, (atom) => {
    if (atom.kind === 'variable') return replacements.get(atom.variable);
    const numerator = substitute(atom.numerator, replacements);
    const denominator = substitute(atom.denominator, replacements);
    const same = numerator === atom.numerator && denominator === atom.denominator;
    return same ? undefined : floorDiv(numerator, denominator);
  });
}

/** Replaces the atoms for which `replace` returns a size; it does not look inside floors. */
export function mapAtoms(size: Size, replace: (atom: Atom) => Size | undefined): Size {
  const untouched: Term[] = [];
  let replaced = constant(0);
  for (const term of size.terms) {
    const factors = term.monomial.factors.map(({ atom, power }) => ({ atom, power, by: replace(atom) }));
    if (factors.every(({ by }) => by === undefined)) {
      untouched.push(term);
      continue;
    }
    let product = constant(term.coefficient);
    for (const { atom, power, by } of factors) product = mul(product, pow(by ?? atomSize(atom), power));
    replaced = add(replaced, product);
  }
  return untouched.length === size.terms.length ? size : add(fromDistinctTerms(untouched), replaced);
}

/** The value for given values of the variables. Throws SizeDivision when a divisor comes out below 1. */
export function evaluate(size: Size, valueOf: (v: SizeVar) => number): number {
  if (size.value !== undefined) return size.value;
  let sum = 0;
  for (const { coefficient, monomial } of size.terms) {
    let product = coefficient;
    for (const { atom, power } of monomial.factors) {
      const base =
        atom.kind === 'variable'
          ? valueOf(atom.variable)
          : floorDivideIntegers(evaluate(atom.numerator, valueOf), evaluate(atom.denominator, valueOf));
      for (let i = 0; i < power; i++) product = checkedInteger(product * base);
    }
    sum = checkedInteger(sum + product);
  }
  return sum;
}
