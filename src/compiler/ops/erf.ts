/**
 * The error function 2 / sqrt(pi) * the integral of exp(-t^2) from 0 to x, to the last bits of a float64: the series
 * 2 / sqrt(pi) exp(-x^2) * sum of 2^n x^(2n + 1) / (1 * 3 * ... * (2n + 1)), whose terms have one sign
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6).
 */
export function erf(x: number): number {
  // 1 - erf(6) is 2e-17.
  if (Math.abs(x) >= 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * Math.exp(-x * x)) / Math.sqrt(Math.PI)) * sum;
}
