/** Sums and means over leading or middle axes, and Repeat, of which their gradients are made. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { isFloat } from '../kernel-call.mjs';
import { runStock } from '../stock.mjs';
import { grouped } from './grouped-axes.mjs';

/** @import { Call } from '../kernel-call.mjs' */

const { parseAxisParam } = tf.util;

/** @param {boolean} average */
export const reduction = (average) => (/** @type {Call<tf.SumAttrs>} */ call) => {
  const { x } = call.inputs;
  const { axis, keepDims } = call.attrs;
  const axes = parseAxisParam(axis, x.shape);
  const [outer, middle, inner] = grouped(x.shape, axes) ?? [0, 0, 0];
  if (!isFloat(x) || inner < 2 || outer * middle === 0) return runStock(average ? 'Mean' : 'Sum', call);
  const [reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  const heap = Heap.of(call.backend);
  const out = heap.output(keepDims ? tf.backend_util.expandShapeToKeepDim(reduced, axes) : reduced);
  const target = heap.address(out);
  heap.floats(target, outer * inner).fill(0);
  for (let i = 0; i < outer; i++) {
    heap.simd.columnSums(heap.address(x) + i * middle * inner * 4, middle, inner, target + i * inner * 4);
  }
  if (average) {
    const values = heap.floats(target, outer * inner);
    values.forEach((value, i) => (values[i] = value / middle));
  }
  return out;
};

/** Repeats the middle axis: [outer, inner] to [outer, middle, inner]. @param {Call<{ shape: [outer: number, middle: number, inner: number] }>} call */
export function repeat(call) {
  const { x } = call.inputs;
  const [outer, middle, inner] = call.attrs.shape;
  const heap = Heap.of(call.backend);
  const out = heap.output([outer, middle, inner]);
  const row = inner * 4;
  for (let i = 0; i < outer; i++) {
    heap.simd.copyRows(heap.address(x) + i * row, 0, heap.address(out) + i * middle * row, row, row, middle);
  }
  return out;
}
