import type { Graph, GraphValue } from '../ir/graph.ts';

/** How many nodes, outputs and new states read each value, by its id. */
export function countReaders(graph: Graph): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  const read = ({ id }: GraphValue): void => void counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const { inputs } of graph.nodes) inputs.forEach(read);
  for (const { value } of [...graph.outputs, ...graph.updates]) read(value);
  return counts;
}
