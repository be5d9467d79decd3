/** The gradients of a convolution over three axes, tap by tap, in public operations. */

import * as tf from '@tensorflow/tfjs-core';
import { range } from '../range.mjs';

/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

const { sizeFromShape } = tf.util;

/** @type {GradientFunction} */
function conv3dGradient(dy, [x, filter], { strides, pad }) {
  const shapes = [x, filter].map(({ shape }) => /** @type {tf.Tensor5D['shape']} */ (shape));
  // The engine gives the attributes of Conv3D, not those of Conv2D.
  const own = /** @type {Pick<tf.Conv3DAttrs, 'strides' | 'pad'>} */ (
    /** @type {unknown} */ ({ strides, pad })
  );
  const info = tf.backend_util.computeConv3DInfo(shapes[0], shapes[1], own.strides, 1, own.pad);
  const { front, back, top, bottom, left, right } = info.padInfo;
  /** @type {[number, number][]} */
  const paddings = [[0, 0], [front, back], [top, bottom], [left, right], [0, 0]]; // prettier-ignore
  const steps = [info.strideDepth, info.strideHeight, info.strideWidth];
  const [, height, width, inChannels, outChannels] = filter.shape;
  const taps = range(sizeFromShape(filter.shape.slice(0, 3))).map((tap) => [
    Math.floor(tap / (height * width)),
    Math.floor(tap / width) % height,
    tap % width,
  ]);
  const ends = taps.map((tap) =>
    tap.map((start, axis) => start + steps[axis] * (dy.shape[axis + 1] - 1) + 1),
  );
  const matrix = /** @type {tf.Tensor2D} */ (tf.reshape(dy, [-1, outChannels]));
  return {
    x: () => {
      const weights = tf.split(tf.reshape(filter, [-1, outChannels]), taps.length);
      const padded = x.shape.map(
        (/** @type {number} */ size, /** @type {number} */ axis) =>
          size + paddings[axis][0] + paddings[axis][1],
      );
      const parts = taps.map((tap, i) => {
        const part = tf.matMul(matrix, /** @type {tf.Tensor2D} */ (weights[i]), false, true);
        const image = tf.reshape(part, [...dy.shape.slice(0, 4), inChannels]);
        const spread = steps.reduce((image, step, axis) => withHoles(image, axis + 1, step), image);
        /** @type {[number, number][]} */
        const around = tap.map((start, axis) => [start, padded[axis + 1] - ends[i][axis]]);
        return tf.pad(spread, [[0, 0], ...around, [0, 0]]);
      });
      return tf.slice(tf.addN(parts), [0, front, top, left, 0], x.shape);
    },
    filter: () => {
      const padded = tf.pad(x, paddings);
      const parts = taps.map((tap, i) => {
        const seen = tf.stridedSlice(
          padded,
          [0, ...tap, 0],
          [x.shape[0], ...ends[i], inChannels],
          [1, ...steps, 1],
        );
        return tf.matMul(/** @type {tf.Tensor2D} */ (tf.reshape(seen, [-1, inChannels])), matrix, true);
      });
      return tf.reshape(tf.stack(parts), filter.shape);
    },
  };
}

/**
 * `step - 1` zeros between the elements of an axis.
 * @type {(x: tf.Tensor, axis: number, step: number) => tf.Tensor}
 */
function withHoles(x, axis, step) {
  if (step === 1) return x;
  const [outer, size] = [sizeFromShape(x.shape.slice(0, axis)), x.shape[axis]];
  const inner = sizeFromShape(x.shape.slice(axis + 1));
  const wide = tf.pad(tf.reshape(x, [outer * size, 1, inner]), [[0, 0], [0, step - 1], [0, 0]]); // prettier-ignore
  const length = size * step - step + 1;
  const cut = tf.slice(tf.reshape(wide, [outer, size * step, inner]), [0, 0, 0], [outer, length, inner]);
  return tf.reshape(cut, x.shape.with(axis, length));
}

/** @type {Record<string, GradientEntry>} */
export const convolution3d = {
  Conv3D: { save: ['x', 'filter'], gradient: conv3dGradient },
};
