/** Gradients of operations along axes. */

import * as tf from '@tensorflow/tfjs-core';
import { grouped } from '../kernels/grouped-axes.mjs';
import { range } from '../range.mjs';
import { runKernel, served } from '../run-kernel.mjs';

/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

const { parseAxisParam, sizeFromShape } = tf.util;

/**
 * dx of a sum: dy along the reduced axes again.
 * @type {(dy: tf.Tensor, x: tf.Tensor, axes: number[]) => tf.Tensor}
 */
function spreadOver(dy, x, axes) {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const split = grouped(x.shape, axes);
  if (split && served('Repeat')) {
    const [outer, , inner] = split;
    return tf.reshape(runKernel('Repeat', { x: tf.reshape(dy, [outer, inner]) }, { shape: split }), x.shape);
  }
  return tf.mul(tf.reshape(dy, kept), tf.onesLike(x));
}

/** @param {boolean} average @returns {GradientFunction} */
const reductionGradient =
  (average) =>
  (dy, [x], { axis }) => ({
    x: () => {
      const axes = parseAxisParam(axis, x.shape);
      const count = sizeFromShape(axes.map((index) => x.shape[index] ?? 1));
      return spreadOver(average ? tf.div(dy, count) : dy, x, axes);
    },
  });

/**
 * Max and Min: dy goes to the first extreme value along the reduced axes, taken in row-major order.
 * @param {(x: tf.Tensor2D, axis: number) => tf.Tensor} firstIndex
 * @returns {GradientFunction}
 */
const extremeGradient =
  (firstIndex) =>
  (dy, [x], { reductionIndices, axis }) => ({
    x: () => {
      const reduced = parseAxisParam(reductionIndices ?? axis, x.shape);
      const kept = range(x.rank).filter((index) => !reduced.includes(index));
      const order = [...kept, ...reduced.sort((a, b) => a - b)];
      const moved = tf.transpose(x, order);
      const columns = sizeFromShape(reduced.map((index) => x.shape[index]));
      const matrix = /** @type {tf.Tensor2D} */ (tf.reshape(moved, [-1, columns]));
      const indices = /** @type {tf.Tensor1D} */ (firstIndex(matrix, 1));
      // Of type int32: stock WASM writes the bits of integers into a float32 oneHot.
      const first = columns === 1 ? tf.onesLike(matrix) : tf.cast(tf.oneHot(indices, columns), 'float32');
      const gradient = tf.mul(first, tf.reshape(dy, [-1, 1]));
      return tf.transpose(tf.reshape(gradient, moved.shape), tf.backend_util.getUndoAxesPermutation(order));
    },
  });

/** @type {Record<string, GradientEntry>} */
export const alongAxes = {
  Cumsum: {
    save: ['x'],
    gradient: (dy, _, { axis, exclusive, reverse }) => ({
      x: () => tf.cumsum(dy, axis, exclusive, !reverse),
    }),
  },
  Max: { save: ['x'], gradient: extremeGradient((x, axis) => tf.argMax(x, axis)) },
  Mean: { save: ['x'], gradient: reductionGradient(true) },
  Min: { save: ['x'], gradient: extremeGradient((x, axis) => tf.argMin(x, axis)) },
  Softmax: {
    saveOutputs: [true],
    gradient: (dy, [y], { dim }) => ({
      logits: () => {
        const weighted = tf.mul(dy, y);
        return tf.sub(weighted, tf.mul(tf.sum(weighted, [dim], true), y));
      },
    }),
  },
  Sum: { save: ['x'], gradient: reductionGradient(false) },
};
