/**
 * Collects where a lesion is: the pixels in which it has at least a quarter of what it has in its densest one. Never
 * empty, so that a lesion smaller than a pixel has its pixel.
 */
export class LesionMask {
  readonly #amounts: Float32Array;

  constructor(length: number) {
    this.#amounts = new Float32Array(length);
  }

  /** Pixel i has this much of the lesion, of which the largest that is ever told counts. */
  mark(i: number, amount: number): void {
    if (amount > (this.#amounts[i] ?? Number.POSITIVE_INFINITY)) this.#amounts[i] = amount;
  }

  /** 255 where the lesion is, 0 elsewhere; nothing at all where nothing was marked. */
  finish(): readonly Uint8Array<ArrayBuffer>[] {
    let largest = 0;
    for (const amount of this.#amounts) if (amount > largest) largest = amount;
    if (largest === 0) return [];
    const mask = new Uint8Array(this.#amounts.length);
    this.#amounts.forEach((amount, i) => {
      if (amount >= largest / 4) mask[i] = 255;
    });
    return [mask];
  }
}
