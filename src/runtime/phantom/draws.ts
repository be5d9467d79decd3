import { normalQuantile, uniforms } from '../../compiler/random/generator.mjs';

const chunk = 32;

/** The random numbers of one purpose, one after the other: a function of seed and name, whatever else is drawn. */
export class Draws {
  readonly #seed: number;
  readonly #name: string;
  #stream = 0;
  #values = new Float32Array(0);
  #next = 0;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = name;
  }

  /** Evenly in [0, 1). */
  uniform(): number {
    if (this.#next === this.#values.length) {
      this.#values = uniforms(chunk, this.#seed, this.#name, this.#stream++);
      this.#next = 0;
    }
    return this.#values[this.#next++] ?? 0;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Evenly in the logarithm, for sizes and contrasts: many small ones, few large. */
  logBetween(low: number, high: number): number {
    return low * (high / low) ** this.uniform();
  }

  /** From `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  normal(): number {
    return normalQuantile(this.uniform() + 2 ** -25 - 0.5);
  }

  side(): Side {
    return this.chance(0.5) ? -1 : 1;
  }
}

/** Of the patient: the right side, which is shown on the left and has negative x, or the left one. */
export type Side = -1 | 1;
