import type { GraphNode, GraphValue } from '../ir/graph.ts';
import type { DType, TensorType } from '../ir/tensor-type.ts';
import { elements } from '../ops/sizes-of.ts';
import { evaluate } from '../shapes/size.ts';

/** Bytes in memory; sizes that are known only when a graph runs count as 1. */
export function bytesOf({ type }: GraphValue): number {
  const known = bytesOfTypes.get(type);
  if (known !== undefined) return known;
  const bytes = evaluate(elements(type), () => 1) * bytesPerElement[type.dtype];
  bytesOfTypes.set(type, bytes);
  return bytes;
}

const bytesPerElement: Readonly<Record<DType, number>> = { f32: 4, int32: 4, bool: 1 };

/** Asked for again and again while it is chosen what to keep; sizes are polynomials, and take their time. */
const bytesOfTypes = new WeakMap<TensorType, number>();

/** Whether it makes little of much, so that it ends the life of what it reads. */
export function isReduction({ inputs, outputs }: Pick<GraphNode, 'inputs' | 'outputs'>): boolean {
  const sum = (values: readonly GraphValue[]): number =>
    values.reduce((bytes, value) => bytes + bytesOf(value), 0);
  return sum(outputs) * 8 <= sum(inputs);
}
