/** What can go wrong while computing with sizes. The checker turns each of these into a diagnostic. */
export abstract class SizeError extends Error {}

/** A coefficient or a value left the integers that a double holds exactly, |x| < 2^53. */
export class SizeOverflow extends SizeError {
  override readonly name = 'SizeOverflow';
  constructor() {
    super('a size leaves the range of exact integers (2^53)');
  }
}

/** An expression outgrew one of the limits of `polynomial.ts`. */
export class SizeTooLarge extends SizeError {
  override readonly name = 'SizeTooLarge';
  constructor(what: string, limit: number) {
    super(`a size expression has more than ${limit} ${what}`);
  }
}

/** A division by a number that is not at least 1. */
export class SizeDivision extends SizeError {
  override readonly name = 'SizeDivision';
  constructor(divisor: number) {
    super(`a size is divided by ${divisor}; a divisor must be at least 1`);
  }
}
