/** A claim of docs/performance.md beside what was measured. Costs: the less, the better. */
export interface Row {
  /** What was measured, and in which unit. */
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  /** ours / peer */
  readonly ratio: number;
  /** The greatest ratio for which the claim holds; null where nothing is claimed, and the row is there to compare. */
  readonly limit: number | null;
  readonly holds: boolean;
}

export function row(name: string, ours: number, peer: number, limit: number): Row {
  const ratio = ours / peer;
  return { name, ours, peer, ratio, limit, holds: ratio <= limit };
}

/** A row that claims nothing. */
export function comparison(name: string, ours: number, peer: number): Row {
  return { name, ours, peer, ratio: ours / peer, limit: null, holds: true };
}

/** The middle value, or the mean of the two in the middle. NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper = NaN, lower = upper] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}
