/** Gradients of pooling. */

import * as tf from '@tensorflow/tfjs-core';
import { poolInfo } from '../kernels/window-geometry.mjs';
import { range } from '../range.mjs';
import { runKernel } from '../run-kernel.mjs';

/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

/** Average pooling counts no padding, so a window at the border weighs its values more. @type {GradientFunction} */
function avgPoolGradient(dy, [x], attrs) {
  const { filterSize, strides, pad } = attrs;
  return {
    x: () => {
      const info = poolInfo(x, attrs);
      const seen = (/** @type {number} */ start, /** @type {number} */ length, /** @type {number} */ limit) =>
        Math.min(limit, start + length) - Math.max(0, start);
      const weights = range(info.outHeight).flatMap((row) =>
        range(info.outWidth).map(
          (column) =>
            (info.filterHeight * info.filterWidth) /
            (seen(row * info.strideHeight - info.padInfo.top, info.filterHeight, info.inHeight) *
              seen(column * info.strideWidth - info.padInfo.left, info.filterWidth, info.inWidth)),
        ),
      );
      const scaled = weights.every((weight) => weight === 1)
        ? dy
        : tf.mul(dy, tf.tensor4d(weights, [1, info.outHeight, info.outWidth, 1]));
      return runKernel('AvgPoolGrad', { dy: scaled, input: x }, { filterSize, strides, pad });
    },
  };
}

/** @type {Record<string, GradientEntry>} */
export const pooling = {
  AvgPool: { save: ['x'], gradient: avgPoolGradient },
  MaxPool: {
    save: ['x'],
    saveOutputs: [true],
    gradient: (dy, [x, y], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () =>
        runKernel('MaxPoolGrad', { dy, input: x, output: y }, { filterSize, strides, pad, dimRoundingMode }),
    }),
  },
};
