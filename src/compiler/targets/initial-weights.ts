import type { GraphParam } from '../ir/graph.ts';
import type { Weights } from '../ir/weights.ts';
import { concreteType } from '../interpret/interpret-graph.ts';
import { fastFill } from '../random/fast-fill.ts';
import { initialSpec } from '../random/initializers.ts';

/** The weights and the state with which every target starts: the same bytes for equal seeds and paths. */
export function initialWeights(params: readonly GraphParam[], seed: number): Weights {
  const weights = new Map<string, Float32Array>();
  for (const { path, value, init, fan } of params) {
    const shape = concreteType(value.type, new Map()).axes.map(({ size }) => size);
    weights.set(
      path,
      fastFill(initialSpec(init.name, init.args), shape, fan?.in ?? 0, fan?.out ?? 0, seed, path),
    );
  }
  return weights;
}
