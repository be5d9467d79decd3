import type { Graph } from '../../src/compiler/ir/graph.ts';

/** Tells apart the calls of one instance: a node belongs to the first call that has not returned before it. */
export class CallCounter {
  /** By path: after which node each call has made all that it returns. */
  private readonly ends = new Map<string, number[]>();

  constructor({ nodes, blocks }: Pick<Graph, 'nodes' | 'blocks'>) {
    const makers = new Map(nodes.flatMap(({ outputs }, at) => outputs.map(({ id }) => [id, at])));
    for (const { path, values } of blocks) {
      const made = values.map((value) => (value === undefined ? -1 : (makers.get(value.id) ?? -1)));
      const ends = this.ends.get(path);
      if (ends === undefined) this.ends.set(path, [Math.max(...made)]);
      else ends.push(Math.max(...made));
    }
  }

  /** Which call of the instance the node belongs to, from 0. */
  at(path: string, node: number): number {
    const call = this.ends.get(path)?.findIndex((end) => node <= end) ?? -1;
    return call < 0 ? (this.ends.get(path)?.length ?? 0) : call;
  }
}
