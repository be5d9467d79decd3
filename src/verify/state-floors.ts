import { interpretGraph } from '../compiler/interpret/interpret-graph.ts';
import type { Graph, GraphNode, GraphValue } from '../compiler/ir/graph.ts';
import { makersOf } from '../compiler/ir/makers-of.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { bytesOf } from '../compiler/memory/value-bytes.ts';
import type { NdArray } from '../compiler/ops/nd-array.ts';
import { float32Rounding } from './change-difference.ts';
import { magnitude } from './difference.ts';
import type { Tensors } from './tensors.ts';

/**
 * How far rounding to float32 may move the new value of each state, by path, in the forward pass of a step. A sum has the
 * digits of what it adds up, not its own: the mean of what a batch norm has made is 0, and of it float32 leaves nothing but
 * the rounding of the largest summand.
 */
export function stateFloors(forward: Graph, inputs: Tensors, weights: Weights): ReadonlyMap<string, number> {
  const magnitudes = new Map<number, number>();
  for (const { name, value } of forward.inputs) {
    magnitudes.set(value.id, magnitude(inputs.get(name)?.data ?? []));
  }
  const observe = ({ id }: GraphValue, { data }: NdArray): void => void magnitudes.set(id, magnitude(data));
  interpretGraph(forward, inputs, weights, { observe });
  const makers = makersOf(forward.nodes);
  return new Map(
    forward.updates.map(({ path, value }) => {
      const largest = summandsOf(value, makers).map(({ id }) => magnitudes.get(id) ?? 0);
      return [path, float32Rounding * Math.max(0, ...largest)];
    }),
  );
}

/** What is summed where a value follows, element by element, from sums: the inputs of all that make less than they read. */
function summandsOf(value: GraphValue, makers: ReadonlyMap<number, GraphNode>): readonly GraphValue[] {
  const seen = new Set<number>();
  const found: GraphValue[] = [];
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    const { inputs = [] } = makers.get(next.id) ?? {};
    const bytes = bytesOf(next);
    const isSum = inputs.some((input) => bytesOf(input) > bytes);
    (isSum ? found : waiting).push(...inputs);
  }
  return found;
}
