/**
 * A vote on an order of names from weighed wishes about pairs, counted by ranked pairs (Tideman, "Independence of clones
 * as a criterion for voting rules", 1987): wishes are granted from the heaviest down unless they contradict those
 * already granted. What no wish decides is decided by which name was mentioned first.
 */
export class RankedPairs {
  readonly #mentioned = new Map<string, number>();
  /** Of names mentioned earlier, then by names mentioned later: the weight for this order minus that against it. */
  readonly #balance = new Map<string, Map<string, number>>();

  mention(names: readonly string[]): void {
    for (const name of names) {
      if (!this.#mentioned.has(name)) this.#mentioned.set(name, this.#mentioned.size);
    }
  }

  inOrderOfMention(names: readonly string[]): readonly string[] {
    return names.toSorted((a, b) => this.#position(a) - this.#position(b));
  }

  addPair(before: string, after: string, weight: number): void {
    const inOrder = this.#position(before) < this.#position(after);
    const [earlier, later] = inOrder ? [before, after] : [after, before];
    let row = this.#balance.get(earlier);
    if (row === undefined) this.#balance.set(earlier, (row = new Map<string, number>()));
    row.set(later, (row.get(later) ?? 0) + (inOrder ? weight : -weight));
  }

  addOrder(names: readonly string[], weight: number): void {
    const known = names.filter((name) => this.#mentioned.has(name));
    known.forEach((before, i) => {
      for (const after of known.slice(i + 1)) this.addPair(before, after, weight);
    });
  }

  /** The pairs on which two orders of the same names agree. */
  addCommon(one: readonly string[], other: readonly string[], weight: number): void {
    one.forEach((before, i) => {
      for (const after of one.slice(i + 1)) {
        if (other.indexOf(before) < other.indexOf(after)) this.addPair(before, after, weight);
      }
    });
  }

  /** Positive where `a` is wanted before `b`. */
  between(a: string, b: string): number {
    const inOrder = this.#position(a) < this.#position(b);
    const balance = (inOrder ? this.#balance.get(a)?.get(b) : this.#balance.get(b)?.get(a)) ?? 0;
    return inOrder ? balance : -balance;
  }

  /** The place of every name in the order that ranked pairs gives. */
  rank(): ReadonlyMap<string, number> {
    const pairs = [...this.#balance].flatMap(([earlier, row]) =>
      [...row].map(([later, balance]) =>
        balance >= 0
          ? { before: earlier, after: later, weight: balance }
          : { before: later, after: earlier, weight: -balance },
      ),
    );
    // The sort is stable, but the order of insertion depends on the order of the uses; the order of mention decides.
    const wanted = pairs
      .filter(({ weight }) => weight > 0)
      .sort(
        (a, b) =>
          b.weight - a.weight ||
          this.#position(a.before) - this.#position(b.before) ||
          this.#position(a.after) - this.#position(b.after),
      );
    const followers = new Map<string, string[]>();
    for (const { before, after } of wanted) {
      if (reaches(followers, after, before)) continue;
      const known = followers.get(before);
      if (known === undefined) followers.set(before, [after]);
      else known.push(after);
    }
    return this.#topologicalRank(followers);
  }

  /** Of the names that nothing has to precede any more, always the one mentioned first. */
  #topologicalRank(followers: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
    const waitingFor = new Map<string, number>();
    for (const names of followers.values()) {
      for (const name of names) waitingFor.set(name, (waitingFor.get(name) ?? 0) + 1);
    }
    const rank = new Map<string, number>();
    const ready = [...this.#mentioned.keys()].filter((name) => (waitingFor.get(name) ?? 0) === 0).reverse();
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      rank.set(next, rank.size);
      for (const name of followers.get(next) ?? []) {
        const left = (waitingFor.get(name) ?? 0) - 1;
        waitingFor.set(name, left);
        if (left === 0) this.#insertByMention(ready, name);
      }
    }
    return rank;
  }

  /** Keeps `ready` sorted by mention, last first, so that `pop` takes the first. */
  #insertByMention(ready: string[], name: string): void {
    let [low, high] = [0, ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#position(ready[middle] ?? '') > this.#position(name)) low = middle + 1;
      else high = middle;
    }
    ready.splice(low, 0, name);
  }

  #position(name: string): number {
    return this.#mentioned.get(name) ?? this.#mentioned.size;
  }
}

function reaches(followers: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    for (const next of followers.get(name) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return false;
}
