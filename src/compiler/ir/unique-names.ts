/** Hands out names that are unique: the name itself to the first who asks, then `name_2`, `name_3`. */
export class UniqueNames {
  readonly #uses = new Map<string, number>();

  take(wanted: string): string {
    for (;;) {
      const count = (this.#uses.get(wanted) ?? 0) + 1;
      this.#uses.set(wanted, count);
      if (count === 1) return wanted;
      const name = `${wanted}_${count}`;
      if (this.#uses.has(name)) continue;
      this.#uses.set(name, 1);
      return name;
    }
  }
}
