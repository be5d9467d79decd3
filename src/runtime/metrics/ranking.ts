/** Samples of one class in ascending order of their scores, equal scores together. */
export interface Ranking {
  readonly positives: number;
  readonly negatives: number;
  /** Which sample stands at each place. */
  readonly order: Uint32Array;
  /** 1 where the sample at this place is positive. */
  readonly positive: Uint8Array;
  /** 1 where the sample at this place has a higher score than the one before; 1 at the first. */
  readonly starts: Uint8Array;
}

/** One column of a row-major matrix [rows, columns]. */
export interface Column {
  readonly data: ArrayLike<number>;
  readonly columns: number;
  readonly column: number;
}

function at({ data, columns, column }: Column, row: number): number {
  return data[row * columns + column] ?? Number.NaN;
}

/**
 * Ranks the samples whose `known` is 1, in O(n log n). `title` names the class in messages.
 *
 * RangeError for a score that is NaN, known or not (the model that gave it is broken, and any place in the order would be
 * made up), for a `known` that is neither 0 nor 1, and for the truth of a known sample that is neither.
 */
export function rank(rows: number, scores: Column, truth: Column, known: Column, title: string): Ranking {
  const values = new Float64Array(rows);
  const labels = new Uint8Array(rows);
  const taken = new Uint32Array(rows);
  let count = 0;
  let positives = 0;
  for (let row = 0; row < rows; row++) {
    const score = at(scores, row);
    if (Number.isNaN(score)) throw new RangeError(`the score of sample ${row} for ${title} is not a number`);
    values[row] = score;
    if (!zeroOrOne(at(known, row), 'weight', row, title)) continue;
    if (zeroOrOne(at(truth, row), 'label', row, title)) {
      labels[row] = 1;
      positives++;
    }
    taken[count++] = row;
  }
  // Not by their difference: two infinite scores are equal, and their difference is no number.
  const order = taken.subarray(0, count).sort((a, b) => {
    const [left, right] = [values[a] ?? 0, values[b] ?? 0];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  const positive = new Uint8Array(count);
  const starts = new Uint8Array(count);
  let previous: number | undefined;
  order.forEach((row, place) => {
    const value = values[row];
    positive[place] = labels[row] ?? 0;
    starts[place] = value === previous ? 0 : 1;
    previous = value;
  });
  return { positives, negatives: count - positives, order, positive, starts };
}

function zeroOrOne(value: number, what: string, row: number, title: string): boolean {
  if (value === 0 || value === 1) return value === 1;
  throw new RangeError(`the ${what} of sample ${row} for ${title} must be 0 or 1, not ${value}`);
}
