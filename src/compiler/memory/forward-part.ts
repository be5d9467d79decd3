import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { bytesOf } from './value-bytes.ts';

/**
 * A step of training in two parts: the forward part is what the outputs, that is the loss, depend on; all else, the
 * backward pass and the updates, comes later and reads what the forward part has made.
 */
export interface Parts {
  readonly forward: readonly GraphNode[];
  readonly later: readonly GraphNode[];
}

export function partsOf(graph: Graph): Parts {
  const needed = new Set(graph.outputs.map(({ value }) => value.id));
  const isForward = new Set<GraphNode>();
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => needed.has(id))) continue;
    isForward.add(node);
    for (const { id } of node.inputs) needed.add(id);
  }
  return {
    forward: graph.nodes.filter((node) => isForward.has(node)),
    later: graph.nodes.filter((node) => !isForward.has(node)),
  };
}

/** The values that the later part reads of the forward part, by id: what has to be kept for it. */
export function keptValues(graph: Graph, { forward, later }: Parts): ReadonlyMap<number, GraphValue> {
  const read = new Set(later.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
  for (const { value } of graph.updates) read.add(value.id);
  const made = forward.flatMap(({ outputs }) => outputs);
  return new Map(made.flatMap((value) => (read.has(value.id) ? [[value.id, value] as const] : [])));
}

export function keptBytes(graph: Graph, parts: Parts): number {
  return [...keptValues(graph, parts).values()].reduce((sum, value) => sum + bytesOf(value), 0);
}
