/** Operations element by element, four at a time. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { isFloat } from '../kernel-call.mjs';
import { range } from '../range.mjs';
import { runStock } from '../stock.mjs';
import { grouped } from './grouped-axes.mjs';

/** @import { Call } from '../kernel-call.mjs' */

const { sizeFromShape } = tf.util;

/**
 * The larger or smaller of two operands, where one has the shape of the result and the other differs by axes of size 1
 * that lie together.
 * @param {string} name
 * @param {'max' | 'min'} operation
 */
export const extremeKernel = (name, operation) => (/** @type {Call} */ call) => {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(call.inputs.a.shape, call.inputs.b.shape);
  const size = sizeFromShape(shape);
  const operands = [call.inputs.a, call.inputs.b];
  const [a, b] = sizeFromShape(call.inputs.a.shape) < size ? operands.reverse() : operands;
  const small = [...Array(shape.length - b.shape.length).fill(1), ...b.shape];
  const parts = grouped(
    shape,
    range(shape.length).filter((axis) => small[axis] !== shape[axis]),
  );
  if (!isFloat(a, b) || sizeFromShape(a.shape) !== size || size === 0 || !parts) return runStock(name, call);
  const heap = Heap.of(call.backend);
  const out = heap.output(shape);
  const [first, second, target] = [a, b, out].map((tensor) => heap.address(tensor));
  const [outer, middle, inner] = parts;
  if (inner === 1 && middle > 1) {
    heap.simd[`${operation}PerRow`](first, second, target, outer, middle, 4);
    return out;
  }
  const block = middle * inner * 4;
  for (let i = 0; i < outer; i++) {
    heap.simd[operation](first + i * block, second + i * inner * 4, target + i * block, middle, inner, 0);
  }
  return out;
};

/** dy where y > 0, else 0. @param {Call} call */
export function reluGrad(call) {
  const { y, dy } = call.inputs;
  const heap = Heap.of(call.backend);
  const out = heap.output(y.shape);
  heap.simd.passWhere(heap.address(y), heap.address(dy), heap.address(out), 1, sizeFromShape(y.shape), 0);
  return out;
}
