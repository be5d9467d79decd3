import { product } from '../../../ops/sizes-of.ts';
import { constant } from '../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../emitter.ts';

/**
 * The sum over the first axis, which disappears, as a row of ones times a matrix: that reads each row once, at the speed of
 * memory, where ReduceSum takes three to twenty-five times as long and loses twice as much to rounding. Where products may be
 * made of shorter numbers, as on graphics cards, it would lose digits.
 */
export function sumOverFirst(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  const [first = constant(1), ...rest] = tensor.dims;
  const count = e.constant(first);
  if (count === 1) return e.reshape(tensor, rest);
  const length = product(rest);
  const ones = e.floats(new Float32Array(count).fill(1), [1, count]);
  const rows = e.reshape(tensor, [first, length]);
  return e.reshape(e.node('MatMul', [ones, rows], { dims: [constant(1), length] }), rest);
}
