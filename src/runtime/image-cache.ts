import type { Image } from './images.ts';

/**
 * Images kept in memory from one epoch to the next, up to a budget. When it is used up nothing more is taken in and
 * nothing let go: every epoch wants every image once, so that what is here serves as well as what would replace it,
 * and throwing out the oldest would throw out what is wanted first.
 */
export class ImageCache {
  /** How many bytes of pixels it holds at most. */
  readonly budget: number;
  readonly #images = new Map<string, Image>();
  #bytes = 0;

  constructor(budget: number) {
    if (!(budget >= 0)) throw new RangeError(`a cache has a budget of 0 bytes or more, not ${budget}`);
    this.budget = budget;
  }

  /** How many bytes of pixels it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The image kept under `key`, or the one that `make` gives, which is kept if there is room. */
  async get(key: string, make: () => Promise<Image>): Promise<Image> {
    const kept = this.#images.get(key);
    if (kept !== undefined) return kept;
    const image = await make();
    const bytes = image.data.byteLength;
    // Meanwhile somebody else may have brought the same one.
    if (!this.#images.has(key) && this.#bytes + bytes <= this.budget) {
      this.#images.set(key, image);
      this.#bytes += bytes;
    }
    return image;
  }
}
