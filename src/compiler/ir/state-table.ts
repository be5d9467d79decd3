import type { GraphValue } from './graph.ts';

/** What training has made of each piece of state so far, such as running statistics, while a graph is unfolded. */
export class StateTable {
  private readonly latest = new Map<string, GraphValue>();
  private readonly pathOf = new Map<number, string>();

  /** Names a value that is the state of a path before the first update. */
  declare(path: string, value: GraphValue): void {
    this.pathOf.set(value.id, path);
  }

  /** The state of a path after the updates so far, if there were any. */
  at(path: string): GraphValue | undefined {
    return this.latest.get(path);
  }

  /** A value, or what has taken its place since: a shared batch norm reads what its last call has left. */
  current(value: GraphValue): GraphValue {
    const path = this.pathOf.get(value.id);
    return (path === undefined ? undefined : this.latest.get(path)) ?? value;
  }

  replace(before: GraphValue, after: GraphValue): void {
    const path = this.pathOf.get(before.id);
    if (path === undefined) throw new Error(`%${before.id} (${before.hint}) is not a state`);
    this.latest.set(path, after);
    this.pathOf.set(after.id, path);
  }

  get updates(): readonly { readonly path: string; readonly value: GraphValue }[] {
    return [...this.latest].map(([path, value]) => ({ path, value }));
  }
}
