import { concreteType } from '../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import { elementCount, type NdArray } from '../../src/compiler/ops/nd-array.ts';

/** Numbers in [low, high), the same for the same seed (a linear congruential generator: enough for test data). */
export function randomNumbers(count: number, seed: number, low = -1, high = 1): Float32Array {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  });
}

/** Values for every parameter of a graph. State is positive, as variances must be. */
export function randomWeights(graph: Graph, seed = 1): ReadonlyMap<string, Float32Array> {
  return new Map(
    graph.params.map(({ path, role, value }, i) => {
      const count = elementCount(concreteType(value.type, new Map()));
      return [
        path,
        role === 'state' ? randomNumbers(count, seed + i, 0.5, 2) : randomNumbers(count, seed + i),
      ];
    }),
  );
}

/** Values for every input of a graph, every dynamic size being `size`; 0 or 1 where they are of int32 or bool. */
export function randomInputs(graph: Graph, size: number, seed = 1000): ReadonlyMap<string, NdArray> {
  const sizes = new Map(graph.dynamic.map((v) => [v, size]));
  return new Map(
    graph.inputs.map(({ name, value }, i) => {
      const type = concreteType(value.type, sizes);
      const numbers = Float64Array.from(randomNumbers(elementCount(type), seed + i));
      return [name, { type, data: type.dtype === 'f32' ? numbers : numbers.map((x) => (x < 0 ? 0 : 1)) }];
    }),
  );
}

/** The largest difference, relative to the largest expected value. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN)));
    largest = Math.max(largest, Math.abs(expected[i] ?? 0));
  }
  return largest === 0 ? difference : difference / largest;
}

/** The norm of the difference, as a share of the norm of what is expected. */
export function relativeError(actual: ArrayLike<number>, expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity;
  let [difference, norm] = [0, 0];
  expected.forEach((value, i) => {
    difference += ((actual[i] ?? NaN) - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(difference / norm);
}
