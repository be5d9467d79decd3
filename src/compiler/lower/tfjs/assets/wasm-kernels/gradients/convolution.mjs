/** Gradients of convolutions over two axes. */

import * as tf from '@tensorflow/tfjs-core';
import { convInfo } from '../kernels/window-geometry.mjs';
import { range } from '../range.mjs';
import { runKernel, served } from '../run-kernel.mjs';

/** @import { ConvInfo } from '../kernels/window-geometry.mjs' */
/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

/** @param {number | [number, number] | undefined} dilations @returns {[number, number]} */
const pairOf = (dilations) =>
  typeof dilations === 'number' ? [dilations, dilations] : (dilations ?? [1, 1]);

/**
 * Gradients of a convolution. Our own kernels dilate; where a backend's kernels do not, the sum over the filter's
 * taps is written out (tfjs dilates at stride 1 only).
 * @param {string} kernel the kernels are called `${kernel}BackpropInput` and `${kernel}BackpropFilter`
 * @param {boolean} depthwise
 * @returns {GradientFunction}
 */
const convGradient =
  (kernel, depthwise) =>
  (dy, [x, filter], attrs) => {
    const { strides, pad, dataFormat = 'NHWC', dimRoundingMode } = attrs;
    const dilations = pairOf(attrs.dilations);
    if (dilations.some((dilation) => dilation > 1) && !served(`${kernel}BackpropFilter`)) {
      const info = convInfo(x.shape, filter.shape, attrs, depthwise);
      const [gradient, images, weights] = /** @type {tf.Tensor4D[]} */ ([dy, x, filter]);
      return tapGradient(gradient, images, weights, info, depthwise);
    }
    const geometry = { strides, pad, dataFormat, dimRoundingMode, dilations };
    return {
      x: () => runKernel(`${kernel}BackpropInput`, { dy, filter }, { ...geometry, inputShape: x.shape }),
      filter: () =>
        runKernel(`${kernel}BackpropFilter`, { x, dy }, { ...geometry, filterShape: filter.shape }),
    };
  };

/**
 * The gradients at stride 1, tap by tap, in public operations.
 * @param {tf.Tensor4D} dy
 * @param {tf.Tensor4D} x
 * @param {tf.Tensor4D} filter
 * @param {ConvInfo} info
 * @param {boolean} depthwise
 */
function tapGradient(dy, x, filter, info, depthwise) {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, dilationHeight, dilationWidth, padInfo } = info;
  const height = outHeight + (filterHeight - 1) * dilationHeight;
  const width = outWidth + (filterWidth - 1) * dilationWidth;
  /** @type {[number, number][]} */
  const corners = range(filterHeight * filterWidth).map((tap) => [
    Math.floor(tap / filterWidth) * dilationHeight,
    (tap % filterWidth) * dilationWidth,
  ]);
  const matrix = /** @type {tf.Tensor2D} */ (tf.reshape(dy, [-1, outChannels]));
  const multiplied = tf.reshape(dy, [-1, inChannels, outChannels / inChannels]);
  return {
    x: () => {
      const parts = corners.map(([top, left], tap) => {
        const weights = tf.reshape(tf.slice(tf.reshape(filter, [corners.length, -1]), [tap, 0], [1, -1]), [
          inChannels,
          -1,
        ]);
        const part = depthwise
          ? tf.sum(tf.mul(multiplied, weights), -1)
          : tf.matMul(matrix, /** @type {tf.Tensor2D} */ (weights), false, true);
        return tf.pad(tf.reshape(part, [batchSize, outHeight, outWidth, inChannels]), [
          [0, 0],
          [top, height - outHeight - top],
          [left, width - outWidth - left],
          [0, 0],
        ]);
      });
      const whole = tf.pad(tf.addN(parts), [
        [0, 0],
        [0, Math.max(0, inHeight + padInfo.top - height)],
        [0, Math.max(0, inWidth + padInfo.left - width)],
        [0, 0],
      ]);
      return tf.slice(whole, [0, padInfo.top, padInfo.left, 0], [batchSize, inHeight, inWidth, inChannels]);
    },
    filter: () => {
      const padded = tf.pad(x, [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ]);
      const parts = corners.map(([top, left]) => {
        const seen = tf.slice(padded, [0, top, left, 0], [batchSize, outHeight, outWidth, inChannels]);
        return depthwise
          ? tf.sum(tf.mul(tf.reshape(seen, [-1, inChannels, 1]), multiplied), 0)
          : tf.matMul(/** @type {tf.Tensor2D} */ (tf.reshape(seen, [-1, inChannels])), matrix, true, false);
      });
      return tf.reshape(tf.stack(parts), filter.shape);
    },
  };
}

/** @type {Record<string, GradientEntry>} */
export const convolution = {
  Conv2D: { save: ['x', 'filter'], gradient: convGradient('Conv2D', false) },
  Conv2DBackpropInput: {
    save: ['dy', 'filter'],
    gradient: (ddx, [dy, filter], attrs) => {
      const { strides, pad, dataFormat, dimRoundingMode } = attrs;
      const geometry = { strides, pad, dataFormat, dimRoundingMode };
      const [images, weights] = /** @type {tf.Tensor4D[]} */ ([ddx, filter]);
      return {
        dy: () => tf.conv2d(images, weights, strides, pad, dataFormat, 1, dimRoundingMode),
        filter: () =>
          runKernel('Conv2DBackpropFilter', { x: ddx, dy }, { ...geometry, filterShape: filter.shape }),
      };
    },
  },
  DepthwiseConv2dNative: { save: ['x', 'filter'], gradient: convGradient('DepthwiseConv2dNative', true) },
};
