import { expect } from 'vitest';

/** Demands |actual - expected| <= tolerance * max(1, largest |expected|) for every element. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  label = '',
): void {
  expect(actual.length, label).toBe(expected.length);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i] ?? NaN));
  let worst = 0;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    if (error > worst || Number.isNaN(error)) [worst, at] = [error, i];
    if (Number.isNaN(error)) break;
  }
  expect(worst / scale, `${label} element ${at}: ${actual[at]} for ${expected[at]}`).toBeLessThanOrEqual(
    tolerance,
  );
}
