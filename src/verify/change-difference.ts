/** What a step did to a weight, a slot or a state, beside what it ought to have done. */
export interface Change {
  readonly before: ArrayLike<number>;
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
}

export interface Significance {
  /** Of the weight, also where the change is that of its slot; state has none. */
  readonly gradient: Float64Array | undefined;
  /** The largest in the gradient of any weight. */
  readonly largest: number;
  /** How far rounding moves the new value on its way to float32, whatever that value is: `stateFloors`. */
  readonly floor: number;
}

/** Of a number of float32: four times what the last of its digits leaves open, since sums round more than once. */
export const float32Rounding = 2 ** -22;

/** Gradients below this share of the largest are not looked at: optimisers that scale them make as much of rounding. */
const smallGradient = 0.01;

/**
 * max |actual - expected| / max |expected - before|, of all elements whose gradient counts; of state, which has none, all.
 * What float32 cannot tell apart is no difference.
 */
export function changeDifference(
  { before, actual, expected }: Change,
  { gradient, largest, floor }: Significance,
): number {
  let [deviation, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (gradient !== undefined && Math.abs(gradient[i] ?? 0) < smallGradient * largest) continue;
    const [a, b, from] = [actual[i] ?? NaN, expected[i] ?? NaN, before[i] ?? NaN];
    const unit = Math.max(floor, float32Rounding * Math.max(Math.abs(from), Math.abs(b)));
    scale = Math.max(scale, Math.abs(b - from));
    const gap = Math.max(0, Math.abs(a - b) - unit);
    deviation = Number.isNaN(gap) ? Infinity : Math.max(deviation, gap);
  }
  return deviation === 0 ? 0 : deviation / scale;
}
