/** Products of matrices, batch by batch. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { isFloat } from '../kernel-call.mjs';
import { range } from '../range.mjs';
import { runStock } from '../stock.mjs';
import { accumulateOuter, multiply, packed, regularRows } from './products.mjs';

/** @import { Call } from '../kernel-call.mjs' */

const { sizeFromShape } = tf.util;

/** @param {Call<tf.BatchMatMulAttrs>} call */
export function batchMatMul(call) {
  const { a, b } = call.inputs;
  const { transposeA, transposeB } = call.attrs;
  const [rows, depth] = lastTwo(a.shape, transposeA);
  const [innerB, columns] = lastTwo(b.shape, transposeB);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [batchA, batchB] = [a, b].map(({ shape }) => sizeFromShape(shape.slice(0, -2)));
  const count = sizeFromShape(batch);
  const regular = [batchA, batchB].every((size) => size === 1 || size === count);
  if (!isFloat(a, b) || depth !== innerB || !regular || count * rows * columns * depth === 0) {
    return runStock('BatchMatMul', call);
  }
  if (transposeA && transposeB) {
    // The outer product reads b row by row.
    const [left, right] = /** @type {tf.Tensor[]} */ ([a, b]);
    return tf.tidy(() => tf.matMul(left, tf.transpose(right, swapLastTwo(b.shape.length)), true, false));
  }
  const heap = Heap.of(call.backend);
  const out = heap.output([...batch, rows, columns]);
  for (let i = 0; i < count; i++) {
    const left = heap.address(a) + (batchA === 1 ? 0 : i) * rows * depth * 4;
    const right = heap.address(b) + (batchB === 1 ? 0 : i) * depth * columns * 4;
    const target = heap.address(out) + i * rows * columns * 4;
    if (transposeA) {
      const input = regularRows(left, rows * 4, depth);
      const dense = { address: right, count: columns };
      accumulateOuter(heap, { rows: input, taps: [0], depth: rows, columns: dense, out: target });
    } else {
      const matrix = { address: right, step: (transposeB ? depth : columns) * 4, rows: depth, columns };
      const panels = packed(heap, transposeB ? 'packColumns' : 'packRows', matrix);
      const input = regularRows(left, depth * 4, rows);
      const output = regularRows(target, columns * 4, rows);
      multiply(heap, { input, output, taps: [0], depth, panels, columns });
    }
  }
  return out;
}

/**
 * Rows and columns of a matrix that may be meant transposed.
 * @type {(shape: number[], transposed: boolean) => [number, number]}
 */
function lastTwo(shape, transposed) {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** @type {(rank: number) => number[]} */
const swapLastTwo = (rank) => [...range(rank - 2), rank - 1, rank - 2];
