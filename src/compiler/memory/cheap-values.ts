import type { GraphNode, GraphValue } from '../ir/graph.ts';
import { makersOf } from '../ir/makers-of.ts';
import { ops } from '../ops/registry.ts';
import { isLarge, type Parts } from './forward-part.ts';
import { isCheap, nodeTime } from './node-time.ts';
import { bytesOf } from './value-bytes.ts';

/** What is computed once more so that one value need not be kept. */
export interface Candidate {
  /** The ids of that value and of what lies between it and what is kept anyway. */
  readonly again: readonly number[];
  /** Bytes that need not be kept. */
  readonly freed: number;
  /** Milliseconds, by `nodeTime`. */
  readonly time: number;
}

/**
 * Each large value that is kept for the later part and follows from others by cheap operations, by the time that it
 * takes for a byte, the shortest first.
 */
export function cheapValues(parts: Parts): readonly Candidate[] {
  const makers = makersOf(parts.forward);
  const candidates = Array.from(parts.kept.values(), (value) => candidateOf(value, makers, parts));
  const found = candidates.filter((candidate) => candidate !== undefined);
  return found.toSorted((a, b) => a.time * b.freed - b.time * a.freed);
}

/** Undefined where the value cannot be had cheaply, or nothing is gained because others would have to be kept. */
function candidateOf(
  value: GraphValue,
  makers: ReadonlyMap<number, GraphNode>,
  parts: Parts,
): Candidate | undefined {
  if (!isLarge(value, parts)) return undefined;
  const again = new Set<number>();
  const nodes = new Set<GraphNode>();
  let freed = bytesOf(value);
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const maker = makers.get(next.id);
    if (again.has(next.id)) continue;
    if (maker === undefined || !canRepeat(maker) || !isCheap(maker)) {
      // It would have to be kept in the place of what is not.
      if (maker !== undefined) freed -= bytesOf(next);
      if (freed <= 0) return undefined;
      continue;
    }
    again.add(next.id);
    nodes.add(maker);
    waiting.push(...maker.inputs.filter((input) => isLarge(input, parts) && !parts.kept.has(input.id)));
  }
  if (!again.has(value.id)) return undefined;
  const time = [...nodes].reduce((sum, node) => sum + nodeTime(node), 0);
  return { again: [...again], freed, time };
}

/** Random operations draw other numbers a second time, and those with state would count twice. */
export function canRepeat({ op }: GraphNode): boolean {
  const definition = ops.get(op);
  return definition !== undefined && definition.random === undefined && definition.training === undefined;
}
