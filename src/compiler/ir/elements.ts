import type { GraphValue } from './graph.ts';

/**
 * The elements of a list while it is unfolded. Joining is free: a loop that adds an element in each of its turns does
 * not copy the list in each of them. The elements are laid out when they are first asked for.
 */
export class Elements {
  readonly length: number;
  readonly first: GraphValue | undefined;
  private items: readonly GraphValue[] | undefined;
  private parts: readonly [Elements, Elements] | undefined;

  private constructor(
    length: number,
    items: readonly GraphValue[] | undefined,
    parts?: readonly [Elements, Elements],
  ) {
    this.length = length;
    this.first = items === undefined ? parts?.[0].first : items[0];
    this.items = items;
    this.parts = parts;
  }

  static of(items: readonly GraphValue[]): Elements {
    return new Elements(items.length, items);
  }

  static join(left: Elements, right: Elements): Elements {
    if (left.length === 0) return right;
    return right.length === 0 ? left : new Elements(left.length + right.length, undefined, [left, right]);
  }

  get all(): readonly GraphValue[] {
    if (this.items !== undefined) return this.items;
    const items: GraphValue[] = [];
    // Long lists nest to the left, thousands deep: no recursion.
    const pending: Elements[] = [this];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.items !== undefined) for (const item of next.items) items.push(item);
      else if (next.parts !== undefined) pending.push(next.parts[1], next.parts[0]);
    }
    this.items = items;
    this.parts = undefined;
    return items;
  }
}
