import type { Graph } from '../compiler/ir/graph.ts';
import type { Module } from '../compiler/ir/module.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { settleStatistics } from './settle-statistics.ts';

/** Samples over which the statistics are taken. */
const samples = 4;

/**
 * Weights at which float32 shows five digits of a gradient. Elsewhere a deep network needs no mistake to be off by a
 * percent: rounding moves some of a million values across the kink of their ReLU. So biases that begin at zero are
 * raised, and statistics are those of the network with these biases.
 *
 * @param bias at 2 deviations of what a batch norm gives, most values lie on one side of the kink, and some do not
 */
export async function calmWeights(
  module: Module,
  graph: Graph,
  weights: Weights,
  bias: number,
): Promise<Weights> {
  const raised = new Map(weights);
  for (const { path, role, init } of graph.params) {
    const values = weights.get(path);
    if (values !== undefined && role === 'weight' && init.name === 'zeros')
      raised.set(path, values.map(() => bias)); // prettier-ignore
  }
  return settleStatistics(module, raised, samples);
}
