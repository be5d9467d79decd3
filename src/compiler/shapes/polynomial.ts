/**
 * Sizes as polynomials with integer coefficients over atoms: variables, and floors of quotients of polynomials.
 *
 * A `Size` is canonical as a polynomial: like terms are collected, zero terms dropped, terms sorted. What makes a
 * floor canonical is in `floor-division.ts`; nothing else makes floor atoms. See docs/decisions/0001-size-normal-form.md.
 */
import { checkedInteger } from './integers.ts';
import { SizeTooLarge } from './size-error.ts';

/** A size variable. Two variables are the same when their `id` is; `name` is for people. Made by `freshVar` alone. */
export interface SizeVar {
  readonly name: string;
  readonly id: number;
}

export interface VariableAtom {
  readonly kind: 'variable';
  readonly variable: SizeVar;
  readonly key: string;
  readonly weight: number;
}

/** floor(numerator / denominator), in the normal form of `floor-division.ts`; the denominator is taken to be >= 1. */
export interface FloorAtom {
  readonly kind: 'floor';
  readonly numerator: Size;
  readonly denominator: Size;
  readonly key: string;
  readonly weight: number;
}

export type Atom = VariableAtom | FloorAtom;

export interface Factor {
  readonly atom: Atom;
  /** At least 1. */
  readonly power: number;
}

/** A product of atoms, factors in the order of `compareAtoms`; the empty product is 1. */
export interface Monomial {
  readonly factors: readonly Factor[];
  readonly degree: number;
  readonly weight: number;
  readonly key: string;
}

export interface Term {
  /** A safe integer, never 0. */
  readonly coefficient: number;
  readonly monomial: Monomial;
}

/** The most terms a polynomial may have. */
export const MAX_TERMS = 256;
/** The highest degree of a monomial. */
export const MAX_DEGREE = 64;
/** The most variables, written out as a tree, that an expression may hold; it bounds keys and the depth of floors. */
export const MAX_WEIGHT = 4096;

/** An immutable canonical integer expression: equal normal forms have equal keys. */
export class Size {
  /** Sorted by `compareMonomials`, greatest first, so that a constant term comes last. */
  readonly terms: readonly Term[];
  /** The value of a constant, undefined when a variable occurs. */
  readonly value: number | undefined;
  readonly weight: number;
  #key: string | undefined;

  /** Use `constant`, `variable` and the operations: they keep the order and the limits. */
  constructor(terms: readonly Term[], value: number | undefined, weight: number) {
    this.terms = terms;
    this.value = value;
    this.weight = weight;
  }

  get key(): string {
    this.#key ??=
      this.terms.map(({ coefficient, monomial }) => `${coefficient}*${monomial.key}`).join('+') || '0';
    return this.#key;
  }
}

/** The empty product. There is one such object, so that it can be compared by identity. */
export const UNIT: Monomial = { factors: [], degree: 0, weight: 0, key: '1' };

// Most sizes of a network are small constants or channel counts.
const SMALLEST_INTERNED = -64;
const LARGEST_INTERNED = 4096;
const interned: (Size | undefined)[] = [];

export function constant(value: number): Size {
  if (value >= SMALLEST_INTERNED && value <= LARGEST_INTERNED && Number.isInteger(value)) {
    return (interned[value - SMALLEST_INTERNED] ??= constantSize(value === 0 ? 0 : value));
  }
  return constantSize(checkedInteger(value));
}

function constantSize(value: number): Size {
  return new Size(value === 0 ? [] : [{ coefficient: value, monomial: UNIT }], value, 0);
}

const variableSizes = new WeakMap<SizeVar, Size>();

export function variable(v: SizeVar): Size {
  const known = variableSizes.get(v);
  if (known !== undefined) return known;
  const size = atomSize({ kind: 'variable', variable: v, key: `v${v.id}`, weight: 1 });
  variableSizes.set(v, size);
  return size;
}

let nextVariableId = 0;

/** A variable that differs from all others, whatever its name. */
export function freshVar(name: string): SizeVar {
  return { name, id: nextVariableId++ };
}

/** The size that is one atom. */
export function atomSize(atom: Atom): Size {
  return fromTerms([{ coefficient: 1, monomial: monomialOf([{ atom, power: 1 }]) }]);
}

/** Wraps sorted, collected terms, and holds the limits. */
function fromTerms(terms: readonly Term[]): Size {
  const first = terms[0];
  if (first === undefined) return constant(0);
  if (first.monomial === UNIT) return constant(first.coefficient);
  if (terms.length > MAX_TERMS) throw new SizeTooLarge('terms', MAX_TERMS);
  let weight = 0;
  for (const { monomial } of terms) weight += monomial.weight;
  if (weight > MAX_WEIGHT) throw new SizeTooLarge('variables', MAX_WEIGHT);
  return new Size(terms, undefined, weight);
}

/** The polynomial of terms that are distinct but in any order. */
export function fromDistinctTerms(terms: readonly Term[]): Size {
  return fromTerms(terms.toSorted((a, b) => compareMonomials(b.monomial, a.monomial)));
}

// ---------------------------------------------------------------------------------------------------------------
// Order

/**
 * A total order that depends on structure and the order of variable ids alone, so that output does not change when
 * unrelated variables are made first. Variables come before floors.
 */
export function compareAtoms(a: Atom, b: Atom): number {
  if (a === b) return 0;
  if (a.kind === 'variable') return b.kind === 'variable' ? a.variable.id - b.variable.id : -1;
  if (b.kind === 'variable') return 1;
  return compareSizes(a.numerator, b.numerator) || compareSizes(a.denominator, b.denominator);
}

/**
 * Graded lexicographic order. It is admissible (a < b implies a * c < b * c), which polynomial division needs.
 */
export function compareMonomials(a: Monomial, b: Monomial): number {
  if (a === b) return 0;
  if (a.degree !== b.degree) return a.degree - b.degree;
  for (const [i, left] of a.factors.entries()) {
    const right = b.factors[i];
    if (right === undefined) return 1;
    const order = compareAtoms(right.atom, left.atom) || left.power - right.power;
    if (order !== 0) return order;
  }
  return 0;
}

export function compareSizes(a: Size, b: Size): number {
  if (a === b) return 0;
  for (const [i, left] of a.terms.entries()) {
    const right = b.terms[i];
    if (right === undefined) return 1;
    const order = compareMonomials(left.monomial, right.monomial) || left.coefficient - right.coefficient;
    if (order !== 0) return order;
  }
  return a.terms.length - b.terms.length;
}

/** Whether two sizes have one normal form. */
export function equalSize(a: Size, b: Size): boolean {
  if (a === b) return true;
  if (a.value !== undefined || b.value !== undefined) return a.value === b.value;
  return a.terms.length === b.terms.length && a.weight === b.weight && a.key === b.key;
}

// ---------------------------------------------------------------------------------------------------------------
// Monomials

function monomialOf(factors: readonly Factor[]): Monomial {
  if (factors.length === 0) return UNIT;
  let degree = 0;
  let weight = 0;
  for (const { atom, power } of factors) {
    degree += power;
    weight += atom.weight * power;
  }
  if (degree > MAX_DEGREE) throw new SizeTooLarge('factors in a product', MAX_DEGREE);
  if (weight > MAX_WEIGHT) throw new SizeTooLarge('variables', MAX_WEIGHT);
  const key = factors.map(({ atom, power }) => (power === 1 ? atom.key : `${atom.key}^${power}`)).join('.');
  return { factors, degree, weight, key };
}

export function multiplyMonomials(a: Monomial, b: Monomial): Monomial {
  if (a === UNIT) return b;
  if (b === UNIT) return a;
  return monomialOf(mergeFactors(a, b, (left, right) => left + right));
}

/** a / b when b divides a, otherwise undefined. */
export function divideMonomials(a: Monomial, b: Monomial): Monomial | undefined {
  if (b === UNIT) return a;
  if (b.degree > a.degree) return undefined;
  if (a.key === b.key) return UNIT;
  const factors = mergeFactors(a, b, (left, right) => left - right);
  return factors.some(({ power }) => power < 0) ? undefined : monomialOf(factors);
}

/** The greatest monomial that divides both. */
export function commonMonomial(a: Monomial, b: Monomial): Monomial {
  if (a === UNIT || b === UNIT) return UNIT;
  return monomialOf(mergeFactors(a, b, Math.min));
}

/** Merges two sorted factor lists, a missing factor counting as power 0; factors that end at power 0 drop out. */
function mergeFactors(a: Monomial, b: Monomial, combine: (left: number, right: number) => number): Factor[] {
  const merged: Factor[] = [];
  const put = (atom: Atom, power: number): void => {
    if (power !== 0) merged.push({ atom, power });
  };
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a.factors[i];
    const right = b.factors[j];
    if (left === undefined && right === undefined) return merged;
    const order = left === undefined ? 1 : right === undefined ? -1 : compareAtoms(left.atom, right.atom);
    if (left !== undefined && order <= 0) i++;
    if (right !== undefined && order >= 0) j++;
    if (left !== undefined && order < 0) put(left.atom, combine(left.power, 0));
    else if (right !== undefined && order > 0) put(right.atom, combine(0, right.power));
    else if (left !== undefined && right !== undefined) put(left.atom, combine(left.power, right.power));
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Arithmetic

export function add(a: Size, b: Size): Size {
  if (a.value !== undefined && b.value !== undefined) return constant(a.value + b.value);
  if (a.value === 0) return b;
  if (b.value === 0) return a;
  const terms: Term[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a.terms[i];
    const right = b.terms[j];
    if (left === undefined || right === undefined) {
      terms.push(...a.terms.slice(i), ...b.terms.slice(j));
      return fromTerms(terms);
    }
    const order = compareMonomials(left.monomial, right.monomial);
    if (order > 0) {
      terms.push(left);
      i++;
    } else if (order < 0) {
      terms.push(right);
      j++;
    } else {
      const coefficient = checkedInteger(left.coefficient + right.coefficient);
      if (coefficient !== 0) terms.push({ coefficient, monomial: left.monomial });
      i++;
      j++;
    }
  }
}

/** size * factor, for an integer factor. */
export function scale(size: Size, factor: number): Size {
  if (size.value !== undefined) return constant(checkedInteger(size.value * factor));
  if (factor === 1) return size;
  if (factor === 0) return constant(0);
  return fromTerms(
    size.terms.map(({ coefficient, monomial }) => ({
      coefficient: checkedInteger(coefficient * factor),
      monomial,
    })),
  );
}

export function neg(size: Size): Size {
  return scale(size, -1);
}

export function sub(a: Size, b: Size): Size {
  return add(a, neg(b));
}

export function mul(a: Size, b: Size): Size {
  if (a.value !== undefined) return scale(b, a.value);
  if (b.value !== undefined) return scale(a, b.value);
  const products = new Map<string, Term>();
  for (const left of a.terms) {
    for (const right of b.terms) {
      const monomial = multiplyMonomials(left.monomial, right.monomial);
      const before = products.get(monomial.key)?.coefficient ?? 0;
      const product = checkedInteger(left.coefficient * right.coefficient);
      products.set(monomial.key, { coefficient: checkedInteger(before + product), monomial });
    }
  }
  return fromDistinctTerms([...products.values()].filter(({ coefficient }) => coefficient !== 0));
}

/** size^exponent, for an integer exponent >= 0; 0^0 is 1. */
export function pow(size: Size, exponent: number): Size {
  let result = constant(1);
  let square = size;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = mul(result, square);
    if (rest > 1) square = mul(square, square);
  }
  return result;
}

/** coefficient * monomial. */
export function termSize(coefficient: number, monomial: Monomial): Size {
  return coefficient === 0 ? constant(0) : fromTerms([{ coefficient, monomial }]);
}

/** The constant term. */
export function constantTerm(size: Size): number {
  const last = size.terms.at(-1);
  return last !== undefined && last.monomial === UNIT ? last.coefficient : 0;
}
