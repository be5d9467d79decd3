/** The gradients of depthwise convolutions. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { runKernel } from '../run-kernel.mjs';
import { runStock } from '../stock.mjs';
import { spreadRuns, visitRuns } from './runs.mjs';
import { convInfo } from './window-geometry.mjs';

/** @import { Call } from '../kernel-call.mjs' */
/** @import { ConvAttributes } from './window-geometry.mjs' */

const { sizeFromShape } = tf.util;

/** @param {Call<ConvAttributes & { inputShape: number[] }>} call */
export function depthwiseBackpropInput(call) {
  const { dy, filter } = call.inputs;
  const info = convInfo(call.attrs.inputShape, filter.shape, call.attrs, true);
  const multiplier = filter.shape[3];
  const heap = Heap.of(call.backend);
  // With several outputs per channel: the gradient of the channels repeated, then the sum of the repetitions.
  const wide = heap.output([info.batchSize, info.inHeight, info.inWidth, info.outChannels]);
  const [target, source, weights] = [wide, dy, filter].map((tensor) => heap.address(tensor));
  spreadRuns(heap, info, target, source, info.outChannels, (tap) => weights + tap * info.outChannels * 4);
  if (multiplier === 1) return wide;
  const x = { ...wide, shape: [...info.inShape, multiplier] };
  const dx = runStock('Sum', { ...call, inputs: { x }, attrs: { axis: [4], keepDims: false } });
  call.backend.disposeData(wide.dataId);
  return dx;
}

/** @param {Call<ConvAttributes & { filterShape: number[] }>} call */
export function depthwiseBackpropFilter(call) {
  const { x, dy } = call.inputs;
  const { filterShape } = call.attrs;
  const info = convInfo(x.shape, filterShape, call.attrs, true);
  const multiplier = filterShape[3];
  if (multiplier > 1) {
    return tf.tidy(() => {
      const [batch, height, width] = info.inShape;
      const [images, gradient] = /** @type {tf.Tensor[]} */ ([x, dy]);
      const repeated = tf.tile(tf.reshape(images, [-1, 1]), [1, multiplier]);
      const [kh, kw, channels] = filterShape;
      const wide = runKernel(
        'DepthwiseConv2dNativeBackpropFilter',
        { x: tf.reshape(repeated, [batch, height, width, info.outChannels]), dy: gradient },
        { ...call.attrs, filterShape: [kh, kw, channels * multiplier, 1] },
      );
      return tf.reshape(wide, filterShape);
    });
  }
  const heap = Heap.of(call.backend);
  const dw = heap.output(filterShape);
  const pixel = info.inChannels * 4;
  heap.floats(heap.address(dw), sizeFromShape(filterShape)).fill(0);
  const step = info.strideWidth * pixel;
  const [total, images, gradients] = [dw, x, dy].map((tensor) => heap.address(tensor));
  visitRuns(info, (input, output, count, tap) => {
    const [a, b] = [images + input * pixel, gradients + output * pixel];
    heap.simd.dotPixels(total + tap * pixel, a, step, b, pixel, count, info.inChannels);
  });
  return dw;
}
