/** Gradients of resized images. */

import * as tf from '@tensorflow/tfjs-core';

/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

/**
 * Where one axis of a resized image comes from: weights[output][input], one row per output place.
 * @param {number} from
 * @param {number} to
 * @param {{ alignCorners?: boolean, halfPixelCenters?: boolean }} options
 * @param {boolean} nearest
 */
function resizeWeights(from, to, { alignCorners, halfPixelCenters }, nearest) {
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  const weights = new Float32Array(to * from);
  const clamp = (/** @type {number} */ place) => Math.min(from - 1, place);
  for (let i = 0; i < to; i++) {
    const place = halfPixelCenters ? (i + 0.5) * scale - (nearest ? 0 : 0.5) : i * scale;
    if (nearest) {
      weights[i * from + clamp(alignCorners ? Math.round(place) : Math.floor(place))] = 1;
      continue;
    }
    const inside = Math.max(0, place);
    const part = inside - Math.floor(inside);
    weights[i * from + clamp(Math.floor(inside))] += 1 - part;
    weights[i * from + clamp(Math.ceil(inside))] += part;
  }
  return tf.tensor2d(weights, [to, from]);
}

/**
 * Resizing is linear in each axis: the gradient multiplies by the transposed weights.
 * @type {(nearest: boolean) => GradientFunction}
 */
const resizeGradient =
  (nearest) =>
  (dy, [images], attrs) => ({
    images: () => {
      const [batch, height, width, channels] = images.shape;
      const [tall, wide] = dy.shape.slice(1, 3);
      const rows = tf.expandDims(resizeWeights(height, tall, attrs, nearest), 0);
      const columns = tf.expandDims(resizeWeights(width, wide, attrs, nearest), 0);
      const narrow = tf.matMul(columns, tf.reshape(dy, [batch * tall, wide, channels]), true);
      return tf.reshape(
        tf.matMul(rows, tf.reshape(narrow, [batch, tall, width * channels]), true),
        images.shape,
      );
    },
  });

/** @type {Record<string, GradientEntry>} */
export const resizing = {
  ResizeBilinear: { save: ['images'], gradient: resizeGradient(false) },
  ResizeNearestNeighbor: { save: ['images'], gradient: resizeGradient(true) },
};
