import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import { bytesOf } from './value-bytes.ts';

/**
 * Values below this share of all that is kept are not worth a thought. It is a share and no number of bytes, so that a
 * network on small images is cut as one on large images is.
 */
const smallShare = 2 ** -14;

/** Nor is what takes less than a node that computes it again. */
const smallBytes = 2 ** 10;

/**
 * A step of training in two parts: the forward part is what the outputs, that is the loss, depend on; all else, the
 * backward pass and the updates, comes later and reads what the forward part has made.
 */
export interface Parts {
  readonly forward: readonly GraphNode[];
  readonly later: readonly GraphNode[];
  /** The values that the later part reads of the forward part, by id: what has to be kept for it. */
  readonly kept: ReadonlyMap<number, GraphValue>;
  /** The bytes of all that is kept. */
  readonly keptBytes: number;
}

export function partsOf(graph: Graph): Parts {
  const needed = new Set(graph.outputs.map(({ value }) => value.id));
  const isForward = new Set<GraphNode>();
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => needed.has(id))) continue;
    isForward.add(node);
    for (const { id } of node.inputs) needed.add(id);
  }
  const forward = graph.nodes.filter((node) => isForward.has(node));
  const later = graph.nodes.filter((node) => !isForward.has(node));
  const read = new Set(later.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
  for (const { value } of graph.updates) read.add(value.id);
  const kept = forward.flatMap(({ outputs }) => outputs.filter(({ id }) => read.has(id)));
  return {
    forward,
    later,
    kept: new Map(kept.map((value) => [value.id, value])),
    keptBytes: kept.reduce((sum, value) => sum + bytesOf(value), 0),
  };
}

/** Whether memory is won where a value is not kept. */
export function isLarge(value: GraphValue, { keptBytes }: Pick<Parts, 'keptBytes'>): boolean {
  return bytesOf(value) >= Math.max(smallBytes, smallShare * keptBytes);
}
