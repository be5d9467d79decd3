import type { Graph } from '../compiler/ir/graph.ts';
import type { Weights } from '../compiler/ir/weights.ts';

/**
 * Weights at which float32 shows five digits of a gradient. Elsewhere a deep network needs no mistake to be off by a
 * percent: rounding is magnified by channels that hardly vary, and moves some of a million values across the kink of
 * their ReLU. So no variance is less than the mean of its batch norm's, and biases that begin at zero are raised.
 *
 * @param bias at 2 deviations of what a batch norm gives, most values lie on one side of the kink, and some do not
 */
export function calmWeights({ params }: Graph, weights: Weights, bias: number): Weights {
  const calm = new Map(weights);
  for (const { path, role, init } of params) {
    const values = weights.get(path);
    if (values === undefined) continue;
    if (role === 'weight' && init.name === 'zeros') calm.set(path, values.map(() => bias)); // prettier-ignore
    if (role === 'state' && init.name === 'ones') {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      calm.set(path, values.map((value) => Math.max(value, mean))); // prettier-ignore
    }
  }
  return calm;
}
