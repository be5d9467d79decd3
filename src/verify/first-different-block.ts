import type { BlockOutputs } from '../compiler/ir/graph.ts';
import { difference } from './difference.ts';
import type { Values } from './tensors.ts';

/** The values that each call of a block returned, in the order of `Graph.blocks`; undefined where a pass removed one. */
export type BlockValues = readonly (readonly (Values | undefined)[])[];

/**
 * The first call of a block, as they end, whose outputs differ by more than `limit`. Calls are matched by their order;
 * axes may lie in another order in each engine. Undefined where all agree or the engines made different calls.
 */
export function firstDifferentBlock(
  blocks: readonly BlockOutputs[],
  actual: BlockValues,
  reference: BlockValues,
  limit: number,
): BlockOutputs | undefined {
  if (actual.length !== blocks.length || reference.length !== blocks.length) return undefined;
  return blocks.find((_, i) => {
    const expected = reference[i] ?? [];
    return expected.some((value, k) => {
      const found = actual[i]?.[k];
      return value !== undefined && found !== undefined && leastDifference(found, value) > limit;
    });
  });
}

/** The least relative difference over all ways in which the axes can be matched. */
function leastDifference(actual: Values, reference: Values): number {
  let least = Infinity;
  for (const order of permutations(actual.shape.length)) {
    const shape = order.map((axis) => actual.shape[axis]);
    if (shape.length !== reference.shape.length || shape.some((size, i) => size !== reference.shape[i]))
      continue;
    least = Math.min(least, difference(transposed(actual, order), reference.data).relative);
  }
  return least;
}

/** All orders of the numbers below `count`. */
function permutations(count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((shorter) =>
    Array.from({ length: count }, (_, at) => [...shorter.slice(0, at), count - 1, ...shorter.slice(at)]),
  );
}

/** The elements with axis `order[i]` in place i. */
function transposed({ shape, data }: Values, order: readonly number[]): ArrayLike<number> {
  if (order.every((axis, i) => axis === i)) return data;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const out = new Float64Array(data.length);
  const index = order.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    let at = 0;
    for (let d = 0; d < order.length; d++) at += (index[d] ?? 0) * (strides[order[d] ?? 0] ?? 0);
    out[i] = data[at] ?? NaN;
    for (let d = order.length - 1; d >= 0; d--) {
      const next = (index[d] ?? 0) + 1;
      index[d] = next === shape[order[d] ?? 0] ? 0 : next;
      if (index[d] !== 0) break;
    }
  }
  return out;
}
