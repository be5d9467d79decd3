/** Sets of consecutive integers. The ends are safe integers or infinite; what overflows becomes wider, never wrong. */
import { floorDivideIntegers } from './integers.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const ALL_INTEGERS: Interval = { low: -Infinity, high: Infinity };

export function point(value: number): Interval {
  return { low: value, high: value };
}

export function intersect(a: Interval, b: Interval): Interval {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}

export function sum(a: Interval, b: Interval): Interval {
  return widened(a.low + b.low, a.high + b.high);
}

export function product(a: Interval, b: Interval): Interval {
  // Mostly a coefficient.
  if (a.low === a.high) return scaled(b, a.low);
  const ends = [
    endProduct(a.low, b.low),
    endProduct(a.low, b.high),
    endProduct(a.high, b.low),
    endProduct(a.high, b.high),
  ];
  return widened(Math.min(...ends), Math.max(...ends));
}

function scaled({ low, high }: Interval, factor: number): Interval {
  const [a, b] = [endProduct(low, factor), endProduct(high, factor)];
  return factor < 0 ? widened(b, a) : widened(a, b);
}

export function power(base: Interval, exponent: number): Interval {
  let result = base;
  for (let i = 1; i < exponent; i++) result = product(result, base);
  return exponent % 2 === 0 ? intersect(result, { low: 0, high: Infinity }) : result;
}

/** The values of floor(a / b); of b only the part from 1 on counts. */
export function floorQuotient(a: Interval, b: Interval): Interval {
  const least = Math.max(1, b.low);
  const most = Math.max(least, b.high);
  return {
    low: floorOfEnds(a.low, a.low >= 0 ? most : least),
    high: floorOfEnds(a.high, a.high >= 0 ? least : most),
  };
}

/** floor(a / b) for b >= 1, as the limit where an end is infinite. */
export function floorOfEnds(a: number, b: number): number {
  if (!Number.isFinite(a)) return a;
  if (!Number.isFinite(b)) return a < 0 ? -1 : 0;
  return floorDivideIntegers(a, b);
}

/** ceil(a / b) for b >= 1, as the limit where an end is infinite. */
export function ceilOfEnds(a: number, b: number): number {
  const negated = floorOfEnds(-a, b);
  return negated === 0 ? 0 : -negated;
}

function endProduct(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function widened(low: number, high: number): Interval {
  const limit = Number.MAX_SAFE_INTEGER;
  return {
    low: low < -limit ? -Infinity : Math.min(low, limit),
    high: high > limit ? Infinity : Math.max(high, -limit),
  };
}
