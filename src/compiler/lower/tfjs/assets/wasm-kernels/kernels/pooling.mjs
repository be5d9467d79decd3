/** The gradients of pooling. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { spreadRuns } from './runs.mjs';
import { poolInfo } from './window-geometry.mjs';

/** @import { Call } from '../kernel-call.mjs' */

const { sizeFromShape } = tf.util;

/**
 * As stock: every value counts 1 / (window size); the gradient of AvgPool has corrected dy at the borders.
 * @param {Call<tf.AvgPoolAttrs>} call
 */
export function avgPoolGrad(call) {
  const { dy, input } = call.inputs;
  const info = poolInfo(input, call.attrs);
  const heap = Heap.of(call.backend);
  const dx = heap.output(info.inShape);
  const weights = heap.buffer('weights', info.inChannels * 4);
  heap.floats(weights, info.inChannels).fill(1 / (info.filterHeight * info.filterWidth));
  spreadRuns(heap, info, heap.address(dx), heap.address(dy), info.inChannels, () => weights);
  return dx;
}

/** @param {Call<tf.MaxPoolAttrs>} call */
export function maxPoolGrad(call) {
  const { dy, input, output } = call.inputs;
  const info = poolInfo(input, call.attrs);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  const heap = Heap.of(call.backend);
  const dx = heap.output(info.inShape);
  const pixel = inChannels * 4;
  heap.floats(heap.address(dx), sizeFromShape(info.inShape)).fill(0);
  const [xs, ys, dxs, dys] = [input, output, dx, dy].map((tensor) => heap.address(tensor));
  /** A window's first place and length, cut to the image. @type {(start: number, size: number, limit: number) => number[]} */
  const clip = (start, size, limit) => [
    Math.max(0, start),
    Math.min(limit, start + size) - Math.max(0, start),
  ];
  for (let image = 0; image < batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      const [top, height] = clip(y * info.strideHeight - padInfo.top, info.filterHeight, inHeight);
      for (let x = 0; x < outWidth; x++) {
        const [left, width] = clip(x * info.strideWidth - padInfo.left, info.filterWidth, inWidth);
        const from = ((image * inHeight + top) * inWidth + left) * pixel;
        const to = ((image * outHeight + y) * outWidth + x) * pixel;
        const window = [xs + from, dxs + from, inWidth * pixel, height, width];
        heap.simd.maxPoolWindow(...window, ys + to, dys + to, inChannels);
      }
    }
  }
  return dx;
}
