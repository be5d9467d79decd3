/** The geometry of windows that move over images: those of convolutions and of pools. */

import * as tf from '@tensorflow/tfjs-core';

/** @import { Info } from '../kernel-call.mjs' */

/** @typedef {tf.backend_util.Conv2DInfo} ConvInfo */
/** @typedef {Omit<tf.Conv2DAttrs, 'dilations'> & { dilations?: tf.Conv2DAttrs['dilations'] }} ConvAttributes */

/** @type {(inShape: number[], filterShape: number[], attrs: ConvAttributes, depthwise?: boolean) => ConvInfo} */
export function convInfo(inShape, filterShape, attrs, depthwise = false) {
  const { strides, dilations = 1, pad, dimRoundingMode, dataFormat = 'NHWC' } = attrs;
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
  const [input, filter] = /** @type {[number, number, number, number][]} */ ([inShape, filterShape]);
  return tf.backend_util.computeConv2DInfo(
    input,
    filter,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
    format,
  );
}

/** @type {(input: Info, attrs: tf.MaxPoolAttrs | tf.AvgPoolAttrs) => ConvInfo} */
export function poolInfo(input, { filterSize, strides, pad, dimRoundingMode }) {
  const shape = /** @type {[number, number, number, number]} */ (input.shape);
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}
