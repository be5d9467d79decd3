import type { GraphNode } from './graph.ts';

/** The node that makes each value, by the value's id. */
export function makersOf(nodes: readonly GraphNode[]): ReadonlyMap<number, GraphNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
}
