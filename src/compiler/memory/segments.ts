import type { Graph, GraphValue } from '../ir/graph.ts';
import { canRepeat } from './cheap-values.ts';
import { isLarge, type Parts } from './forward-part.ts';
import { isCheap } from './node-time.ts';
import { bytesOf } from './value-bytes.ts';

/**
 * What is computed once more where the forward part is cut into segments, and only what crosses from one into another is
 * kept: the later part runs through the segments from the last to the first, and computes each once more when it comes to
 * it (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016). Of what crosses, cheap values are not kept
 * either, where they follow from such as are. The last segment is computed once: what would be freed of it is needed
 * at once.
 *
 * @param length the bytes that are kept of a segment while its turn lasts
 */
export function recomputedInSegments(graph: Graph, parts: Parts, length: number): ReadonlySet<number> {
  const segments = segmentsOf(parts, length);
  const last = segments.at(-1) ?? 0;
  const lastReads = new Map<number, number>();
  parts.forward.forEach(({ inputs }, at) => {
    for (const { id } of inputs) lastReads.set(id, segments[at] ?? 0);
  });
  const again = new Set<number>();
  /** What is there when the later part begins, or follows from that cheaply. */
  const isAtHand = new Set([...graph.inputs, ...graph.params].map(({ value }) => value.id));
  parts.forward.forEach((node, at) => {
    const segment = segments[at] ?? 0;
    const followsCheaply =
      canRepeat(node) && isCheap(node) && node.inputs.every(({ id }) => isAtHand.has(id));
    for (const value of node.outputs) {
      const crosses = (lastReads.get(value.id) ?? segment) !== segment;
      const mayGo = followsCheaply || (!crosses && segment !== last);
      const isFreed = mayGo && isLarge(value, parts) && canRepeat(node);
      if (isFreed) again.add(value.id);
      if (!isFreed || followsCheaply) isAtHand.add(value.id);
    }
  });
  return again;
}

/** The number of the segment of each node of the forward part. */
function segmentsOf(parts: Parts, length: number): readonly number[] {
  const counts = (value: GraphValue): boolean => parts.kept.has(value.id) && isLarge(value, parts);
  let [segment, filled] = [0, 0];
  return parts.forward.map(({ outputs }) => {
    const own = segment;
    filled += outputs.filter(counts).reduce((sum, value) => sum + bytesOf(value), 0);
    if (filled > length) [segment, filled] = [segment + 1, 0];
    return own;
  });
}
