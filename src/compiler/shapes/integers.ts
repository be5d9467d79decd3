/** Exact arithmetic on safe integers. */
import { SizeDivision, SizeOverflow } from './size-error.ts';

/** The number, if it is a safe integer; -0 becomes 0. */
export function checkedInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw new SizeOverflow();
  return value === 0 ? 0 : value;
}

/** floor(a / b) for b >= 1. The quotient of doubles may round up to the next integer; this does not. */
export function floorDivideIntegers(a: number, b: number): number {
  if (b < 1) throw new SizeDivision(b);
  const remainder = a % b;
  return checkedInteger((a - (remainder < 0 ? remainder + b : remainder)) / b);
}

/** At least 0; 0 only for two zeros. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
