/** Sizes as a user of the language would write them. */
import { floorDiv } from './floor-division.ts';
import type { Atom, FloorAtom, Monomial, Size, Term } from './polynomial.ts';
import { atomSize, compareMonomials, divideMonomials, mul, scale, sub, UNIT } from './polynomial.ts';

export interface PrintOptions {
  /** Says of a quotient that it is exact, so that it prints as `C / 2` and not as `C // 2`. */
  readonly isExact?: (numerator: Size, denominator: Size) => boolean;
}

/** `2 * C + growth * i`, `(H + 3) // 8`, `H - 1`, `C % 4`. */
export function print(size: Size, options: PrintOptions = {}): string {
  const { remainders, rest } = extractRemainders(size);
  const pieces: Piece[] = remainders.map(({ coefficient, floor }) => ({
    coefficient,
    text: scaled(
      Math.abs(coefficient),
      `${printOperand(floor.numerator, options)} % ${printOperand(floor.denominator, options)}`,
    ),
  }));
  for (const { coefficient, monomial } of rest.terms.toSorted(displayOrder)) {
    pieces.push({ coefficient, text: product(Math.abs(coefficient), monomial, options) });
  }
  const ordered = [...pieces.filter((p) => p.coefficient > 0), ...pieces.filter((p) => p.coefficient < 0)];
  let text = '';
  for (const piece of ordered) {
    if (text === '') text = piece.coefficient < 0 ? `-${piece.text}` : piece.text;
    else text += piece.coefficient < 0 ? ` - ${piece.text}` : ` + ${piece.text}`;
  }
  return text === '' ? '0' : text;
}

/** A term of the printed sum: its sign, and its text without it. */
interface Piece {
  readonly coefficient: number;
  readonly text: string;
}

/** Short products first, then in the order of their variables; the constant last. */
function displayOrder(a: Term, b: Term): number {
  if (a.monomial === UNIT || b.monomial === UNIT) return a.monomial === UNIT ? 1 : -1;
  return a.monomial.degree - b.monomial.degree || compareMonomials(b.monomial, a.monomial);
}

function product(coefficient: number, monomial: Monomial, options: PrintOptions): string {
  if (monomial === UNIT) return String(coefficient);
  const [only] = monomial.factors;
  if (coefficient === 1 && monomial.degree === 1 && only !== undefined) return atomText(only.atom, options);
  const factors = monomial.factors.flatMap(({ atom, power }) => {
    const text = atomText(atom, options);
    return Array.from({ length: power }, () => (atom.kind === 'floor' ? `(${text})` : text));
  });
  return [...(coefficient === 1 ? [] : [String(coefficient)]), ...factors].join(' * ');
}

function atomText(atom: Atom, options: PrintOptions): string {
  if (atom.kind === 'variable') return atom.variable.name;
  const { numerator, denominator } = atom;
  const slash = options.isExact?.(numerator, denominator) === true ? '/' : '//';
  return `${printOperand(numerator, options)} ${slash} ${printOperand(denominator, options)}`;
}

/** The text of a size as an operand of `//` or `%`: in brackets, unless it is a name or a number. */
export function printOperand(size: Size, options: PrintOptions): string {
  const text = print(size, options);
  return /^\w+$/.test(text) ? text : `(${text})`;
}

function scaled(factor: number, remainder: string): string {
  return factor === 1 ? remainder : `${factor} * (${remainder})`;
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

/** p - q * floor(p / q) for the atom floor(p / q). */
function remainderOf({ numerator, denominator }: FloorAtom): Size {
  return sub(numerator, mul(denominator, floorDiv(numerator, denominator)));
}

/** The k for which the term is the leading term of -k * q * floor(p / q). */
function remainderCoefficient(term: Term, floor: FloorAtom): number | undefined {
  const leading = mul(floor.denominator, atomSize(floor)).terms[0];
  if (leading === undefined || divideMonomials(term.monomial, leading.monomial) !== UNIT) return undefined;
  const coefficient = -term.coefficient / leading.coefficient;
  return Number.isInteger(coefficient) ? coefficient : undefined;
}
