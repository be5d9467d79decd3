import { product } from '../../../ops/sizes-of.ts';
import { constant } from '../../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../emitter.ts';

/**
 * The rows of these numbers, each `length` elements of what lies in memory one behind the other: [numbers, length]. ONNX
 * Runtime takes rows on all of its threads; a Transpose that moves the same rows has one.
 */
export function takeRows(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  length: number,
  numbers: readonly number[],
): OnnxTensor {
  const rows = e.constant(product(tensor.dims)) / length;
  const dims = [numbers.length, length].map(constant);
  const byRow = e.reshape(tensor, [rows, length].map(constant));
  return e.node('Gather', [byRow, e.indices(numbers)], { dims }, { axis: int(0) });
}

/** [a, b, length], as which a tensor lies in memory, with a and b in each other's place. */
export function turnRows(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  [a, b, length]: readonly [number, number, number],
): OnnxTensor {
  if (a === 1 || b === 1) return e.reshape(tensor, [b, a, length].map(constant));
  const numbers = Array.from({ length: a * b }, (_, i) => (i % a) * b + Math.floor(i / a));
  return e.reshape(takeRows(e, tensor, length, numbers), [b, a, length].map(constant));
}
