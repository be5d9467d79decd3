import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import type { Weights } from '../../../src/compiler/ir/weights.ts';
import type { Tensors } from '../../../src/verify/tensors.ts';
import { randomNumbers } from '../../support/random-values.ts';

/** Runs of which the largest deviation is taken: that of one may be small by chance. */
const runs = 5;

/**
 * How far rounding to float32 carries each output of a graph: the largest deviation of an element between the exact run and
 * runs in which all that an operation makes is rounded up or down at random (Monte Carlo arithmetic). What float32 can hold
 * stays as it is, so that nothing that is only moved about, or compared, is disturbed. Functions that engines approximate are
 * off by what their ops grant, too.
 */
export function roundingDeviations(
  graph: Graph,
  inputs: Tensors,
  weights: Weights,
): ReadonlyMap<string, number> {
  const exact = interpretGraph(graph, inputs, weights).outputs;
  const deviations = new Map<string, number>();
  for (let run = 0; run < runs; run++) {
    const atRandom = roundingAtRandom(run);
    const chances = randomNumbers(4_099, runs + run, -1, 1);
    let next = 0;
    const round = (value: number, op: string): number => {
      const granted = ops.get(op)?.absoluteError ?? 0;
      return atRandom(granted === 0 ? value : value + granted * (chances[next++ % chances.length] ?? 0));
    };
    const { outputs } = interpretGraph(graph, inputs, weights, { round });
    for (const [name, { data }] of outputs) {
      const expected = exact.get(name)?.data ?? [];
      const apart = data.reduce((most, x, i) => Math.max(most, Math.abs(x - (expected[i] ?? NaN))), 0);
      deviations.set(name, Math.max(deviations.get(name) ?? 0, apart));
    }
  }
  return deviations;
}

/** Rounds to the float32 above or below, the nearer one more often, so that the mean of many is the value itself. */
export function roundingAtRandom(seed: number): (value: number) => number {
  const chances = randomNumbers(4_099, seed, 0, 1);
  let next = 0;
  return (value) => {
    const nearest = Math.fround(value);
    if (nearest === value || !Number.isFinite(nearest)) return nearest;
    const other = neighbour(nearest, value > nearest ? 1 : -1);
    const share = (value - nearest) / (other - nearest);
    return (chances[next++ % chances.length] ?? 0) < share ? other : nearest;
  };
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The next float32 in a direction. */
function neighbour(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * 2 ** -149;
  float[0] = value;
  // Floats of one sign are ordered as their bits are.
  bits[0] = (bits[0] ?? 0) + (value > 0 ? direction : -direction);
  return float[0];
}
