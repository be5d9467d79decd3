/**
 * Decisions, one after the other. When they run out all further ones are 0, and 0 is always the simplest: fewer or
 * smaller decisions make a smaller program, which is how fast-check shrinks one.
 */
export class Choices {
  private readonly decisions: readonly number[];
  private next = 0;

  constructor(decisions: readonly number[]) {
    this.decisions = decisions;
  }

  below(limit: number): number {
    return (this.decisions[this.next++] ?? 0) % limit;
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  pick<T>(options: readonly [T, ...T[]]): T {
    return options[this.below(options.length)] ?? options[0];
  }

  /** One of what may be nothing. */
  pickOf<T>(options: readonly T[]): T | undefined {
    return options[this.below(Math.max(1, options.length))];
  }

  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }
}
