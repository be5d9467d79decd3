import { expect } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import { verifyGraph } from '../../src/compiler/ir/verify-graph.ts';
import type { Weights } from '../../src/compiler/ir/weights.ts';
import { randomInputs, randomWeights, relativeDifference } from './random-values.ts';

/** How often each op occurs, by name. */
export function countOps(graph: Graph): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { op } of graph.nodes.toSorted((a, b) => (a.op < b.op ? -1 : 1)))
    counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

/** Holds that a rewritten graph is well-formed and computes what the graph before it did, state included. */
export function expectSameResults(before: Graph, after: Graph, afterWeights?: Weights): void {
  expect(verifyGraph(before)).toEqual([]);
  expect(verifyGraph(after)).toEqual([]);
  const weights = randomWeights(before);
  const inputs = randomInputs(before, 3);
  const expected = interpretGraph(before, inputs, weights);
  const actual = interpretGraph(after, inputs, afterWeights ?? weights);
  for (const kind of ['outputs', 'updates'] as const) {
    expect([...actual[kind].keys()]).toEqual([...expected[kind].keys()]);
    for (const [name, array] of expected[kind]) {
      const result = actual[kind].get(name);
      expect(result?.type).toEqual(array.type);
      // Frozen weights are rounded to f32; all else is computed in float64.
      const tolerance = afterWeights === undefined ? 1e-12 : 1e-6;
      expect(relativeDifference(result?.data ?? [], array.data), name).toBeLessThan(tolerance);
    }
  }
}
