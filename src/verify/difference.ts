/** How far values lie from their reference. */
export interface Difference {
  /** max |a - b| / max |b|; infinite where a value is not a finite number while the reference is. */
  readonly relative: number;
  /** max |b| */
  readonly scale: number;
}

/**
 * Compares with a reference of the same length. The largest deviation counts against the largest value: elements that
 * happen to be next to 0 have no digits of their own after a long computation. Where the reference is all 0, the
 * deviation itself is returned.
 */
export function difference(actual: ArrayLike<number>, reference: ArrayLike<number>): Difference {
  if (actual.length !== reference.length) return { relative: Infinity, scale: 0 };
  let deviation = 0;
  let scale = 0;
  for (let i = 0; i < reference.length; i++) {
    const [a = NaN, b = NaN] = [actual[i], reference[i]];
    const gap = Math.abs(a - b);
    if (!Number.isFinite(a) || !Number.isFinite(b)) deviation = Infinity;
    else if (gap > deviation) deviation = gap;
    if (Math.abs(b) > scale) scale = Math.abs(b);
  }
  return { relative: scale === 0 ? deviation : deviation / scale, scale };
}

/** max |x|, 0 of nothing. */
export function magnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] ?? NaN));
  return largest;
}

/** The standard deviation of all elements. */
export function deviationOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? NaN;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] ?? NaN) - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
