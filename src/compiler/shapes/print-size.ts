/** Sizes as a user of the language would write them. */
import { remainderCoefficient, remainderOf } from './floor-division.ts';
import type { Atom, FloorAtom, Monomial, Size, SizeVar, Term } from './polynomial.ts';
import { add, compareMonomials, constant, constantTerm, scale, sub, termSize, UNIT } from './polynomial.ts';

export interface PrintOptions {
  /** Says of a quotient that it is exact, so that it prints as `C / 2` and not as `floordiv(C, 2)`. */
  readonly isExact?: (numerator: Size, denominator: Size) => boolean;
  /** What to write for a variable, where that is not its name. */
  readonly nameOf?: (v: SizeVar) => string;
}

/** `2 * C + growth * i`, `floordiv(H + 3, 8)`, `ceildiv(H, 2)`, `H - 1`, `C % 4`. */
export function print(size: Size, options: PrintOptions = {}): string {
  const { remainders, rest } = extractRemainders(size);
  const pieces: Piece[] = remainders.map(({ coefficient, floor }) => {
    const text = `${printOperand(floor.numerator, options)} % ${printOperand(floor.denominator, options)}`;
    const factor = Math.abs(coefficient);
    return { coefficient, text: factor === 1 ? text : `${factor} * (${text})`, isQuotient: factor === 1 };
  });
  const { terms, numerators } = foldIntoFloors(rest);
  for (const { coefficient, monomial } of terms.toSorted(displayOrder)) {
    pieces.push({ coefficient, ...product(Math.abs(coefficient), monomial, numerators, options) });
  }
  return joined([
    ...pieces.filter(({ coefficient }) => coefficient > 0),
    ...pieces.filter(({ coefficient }) => coefficient < 0),
  ]);
}

/** A term of the printed sum. */
interface Piece {
  /** Its sign counts. */
  readonly coefficient: number;
  /** The term without its sign. */
  readonly text: string;
  /** Whether the text is `a / b` or `a % b`: a minus before it would go to a. */
  readonly isQuotient: boolean;
}

function joined([first, ...others]: readonly Piece[]): string {
  if (first === undefined) return '0';
  const bracketed = first.isQuotient ? `(${first.text})` : first.text;
  const start = first.coefficient < 0 ? `-${bracketed}` : first.text;
  return (
    start + others.map(({ coefficient, text }) => (coefficient < 0 ? ` - ${text}` : ` + ${text}`)).join('')
  );
}

/** Short products first, then in the order of their variables; the constant last. */
function displayOrder(a: Term, b: Term): number {
  if (a.monomial === UNIT || b.monomial === UNIT) return a.monomial === UNIT ? 1 : -1;
  return a.monomial.degree - b.monomial.degree || compareMonomials(b.monomial, a.monomial);
}

function product(
  coefficient: number,
  monomial: Monomial,
  numerators: Numerators,
  options: PrintOptions,
): Pick<Piece, 'text' | 'isQuotient'> {
  const [only] = monomial.factors;
  if (coefficient === 1 && monomial.degree === 1 && only !== undefined) {
    const text = atomText(only.atom, numerators, options);
    return { text, isQuotient: only.atom.kind === 'floor' && !text.endsWith(')') };
  }
  const factors = monomial.factors.flatMap(({ atom, power }) => {
    const text = atomText(atom, numerators, options);
    const isCall = /^\w+\(.*\)$/.test(text);
    return Array.from({ length: power }, () => (atom.kind === 'floor' && !isCall ? `(${text})` : text));
  });
  const number = coefficient === 1 && monomial !== UNIT ? [] : [String(coefficient)];
  return { text: [...number, ...factors].join(' * '), isQuotient: false };
}

function atomText(atom: Atom, numerators: Numerators, options: PrintOptions): string {
  if (atom.kind === 'variable') return options.nameOf?.(atom.variable) ?? atom.variable.name;
  const { denominator } = atom;
  const numerator = numerators.get(atom.key) ?? atom.numerator;
  if (options.isExact?.(numerator, denominator) === true) {
    return `${printOperand(numerator, options)} / ${printOperand(denominator, options)}`;
  }
  // (p + q - 1) // q rounds p / q up.
  const roundedUp = sub(numerator, sub(denominator, constant(1)));
  const shorter = roundedUp.terms.length > 0 && roundedUp.terms.length < numerator.terms.length;
  const isCeiling = shorter && roundedUp.terms.every((term) => term.monomial !== UNIT);
  const [name, dividend] = isCeiling ? ['ceildiv', roundedUp] : ['floordiv', numerator];
  return `${name}(${print(dividend, options)}, ${print(denominator, options)})`;
}

/** The text of a size as an operand of `/` or `%`: in brackets, unless it is a name or a number. */
export function printOperand(size: Size, options: PrintOptions): string {
  const text = print(size, options);
  return /^(\w|\?)+$/.test(text) ? text : `(${text})`;
}

/** What to print above the line of floors, by their keys, where that is not their numerator. */
type Numerators = ReadonlyMap<string, Size>;

/**
 * The normal form keeps coefficients above a number k in 0 .. k - 1. It reads better to have (H - 1) // 2 back from
 * (H + 1) // 2 - 1, and ceildiv(H, stride) from (H - 1) // stride + 1: takes such terms into floors.
 */
function foldIntoFloors(size: Size): { terms: readonly Term[]; numerators: Numerators } {
  const numerators = new Map<string, Size>();
  let rest = size;
  for (const { coefficient, monomial } of size.terms) {
    const atom = monomial.factors[0]?.atom;
    if (atom?.kind !== 'floor' || monomial.degree !== 1 || coefficient < 0) continue;
    if (atom.denominator.value === undefined) {
      // (H - 1) // s + 1 is H / s rounded up.
      if (constantTerm(atom.numerator) !== -1 || constantTerm(rest) < coefficient) continue;
      numerators.set(atom.key, add(atom.numerator, atom.denominator));
      rest = sub(rest, constant(coefficient));
      continue;
    }
    let numerator = atom.numerator;
    let outside = rest;
    for (const inner of atom.numerator.terms) {
      const outer = outside.terms.find((term) => term.monomial.key === inner.monomial.key);
      if (outer?.coefficient !== -coefficient) continue;
      numerator = sub(numerator, termSize(atom.denominator.value, inner.monomial));
      outside = sub(outside, termSize(outer.coefficient, outer.monomial));
    }
    // -H above the line would read worse than what is there.
    if (numerator === atom.numerator || numerator.terms.every((term) => term.coefficient < 0)) continue;
    numerators.set(atom.key, numerator);
    rest = outside;
  }
  return { terms: rest.terms, numerators };
}

interface Remainder {
  readonly coefficient: number;
  readonly floor: FloorAtom;
}

/** Finds the parts k * (p - q * floor(p / q)) of a sum: they read better as k * (p % q). */
function extractRemainders(size: Size): { remainders: readonly Remainder[]; rest: Size } {
  const remainders: Remainder[] = [];
  let rest = size;
  for (const term of size.terms) {
    for (const { atom } of term.monomial.factors) {
      if (atom.kind !== 'floor') continue;
      const coefficient = remainderCoefficient(term, atom);
      if (coefficient === undefined) continue;
      const without = sub(rest, scale(remainderOf(atom), coefficient));
      const sizeOfPart = remainderOf(atom).terms.length;
      if (without.terms.length !== rest.terms.length - sizeOfPart) continue;
      remainders.push({ coefficient, floor: atom });
      rest = without;
    }
  }
  return { remainders, rest };
}
