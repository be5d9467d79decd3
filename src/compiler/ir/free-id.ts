import type { Graph } from './graph.ts';

/** The least id above those of all values in a graph. */
export function firstFreeId(graph: Graph): number {
  let free = 0;
  for (const { value } of [...graph.inputs, ...graph.params]) free = Math.max(free, value.id + 1);
  for (const { outputs } of graph.nodes) for (const { id } of outputs) free = Math.max(free, id + 1);
  return free;
}
