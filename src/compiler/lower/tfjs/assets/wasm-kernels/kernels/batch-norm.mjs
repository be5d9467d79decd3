/** Batch norm in training mode. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { range } from '../range.mjs';
import { runKernelOfMany, served } from '../run-kernel.mjs';

/** @import { Call, Info } from '../kernel-call.mjs' */

const { sizeFromShape } = tf.util;

/** @typedef {{ epsilon: number, relu: boolean }} NormAttributes */

/**
 * Batch norm over all axes but the last, with its statistics. The variance is biased and taken in a second pass,
 * from the differences to the mean: E[x^2] - E[x]^2 loses the digits that gradients of deep layers are made of.
 * @param {Call<NormAttributes>} call
 */
export function batchNormTrainKernel(call) {
  const { x, gamma, beta } = call.inputs;
  const { epsilon, relu } = call.attrs;
  const heap = Heap.of(call.backend);
  const { rows, channels } = matrixOf(x);
  const [y, mean, variance] = [heap.output(x.shape), heap.output([channels]), heap.output([channels])];
  const scale = heap.buffer('scale', channels * 4);
  /** @type {(tensor: Info, sum: () => void) => number} */
  const average = (tensor, sum) => {
    const values = heap.floats(heap.address(tensor), channels).fill(0);
    sum();
    for (let i = 0; i < channels; i++) values[i] /= rows;
    return heap.address(tensor);
  };
  const source = heap.address(x);
  const means = average(mean, () => heap.simd.columnSums(source, rows, channels, heap.address(mean)));
  average(variance, () => heap.simd.columnSquares(source, rows, channels, means, heap.address(variance)));
  normScale(heap, scale, gamma, variance, epsilon);
  const normalise = relu ? heap.simd.normaliseRelu : heap.simd.normalise;
  normalise(source, heap.address(y), rows, channels, means, scale, heap.address(beta));
  return [y, mean, variance];
}

/**
 * With dz = dy behind the activation, c = x - mean, s = gamma / sqrt(variance + eps), n rows:
 * dbeta = sum dz, dgamma = (sum dz c) / sqrt(variance + eps),
 * dx = s (dz - sum dz / n - c (sum dz c) / (n (variance + eps))).
 * @param {Call<NormAttributes>} call
 */
export function batchNormTrainGradKernel(call) {
  const { x, dy, gamma, beta, mean, variance } = call.inputs;
  const { epsilon, relu } = call.attrs;
  const heap = Heap.of(call.backend);
  const { rows, channels } = matrixOf(x);
  const [dx, dgamma, dbeta] = [heap.output(x.shape), heap.output([channels]), heap.output([channels])];
  const [scale, slope, base] = ['scale', 'slope', 'base'].map((name) => heap.buffer(name, channels * 4));
  const [source, gradient, means, shift] = [x, dy, mean, beta].map((tensor) => heap.address(tensor));
  const views = [heap.address(dbeta), heap.address(dgamma), heap.address(variance), scale, slope, base];
  const [sumDy, sumDyX, variances, scales, slopes, bases] = views.map((at) => heap.floats(at, channels));
  const { normaliseSums, normaliseSumsRelu, normaliseGrad, normaliseGradRelu } = heap.simd;
  const statistics = [rows, channels, means, scale, shift];
  sumDyX.fill(0);
  sumDy.fill(0);
  normScale(heap, scale, gamma, variance, epsilon);
  const sums = relu ? normaliseSumsRelu : normaliseSums;
  sums(source, gradient, ...statistics, heap.address(dbeta), heap.address(dgamma));
  for (let i = 0; i < channels; i++) {
    const spread = variances[i] + epsilon;
    slopes[i] = (-scales[i] * sumDyX[i]) / (spread * rows);
    bases[i] = (-scales[i] * sumDy[i]) / rows;
    sumDyX[i] /= Math.sqrt(spread);
  }
  const apply = relu ? normaliseGradRelu : normaliseGrad;
  apply(source, gradient, heap.address(dx), ...statistics, slope, base);
  return [dx, dgamma, dbeta];
}

/**
 * scale = gamma / sqrt(variance + epsilon), written to an address.
 * @type {(heap: Heap, scale: number, gamma: Info, variance: Info, epsilon: number) => void}
 */
function normScale(heap, scale, gamma, variance, epsilon) {
  const places = [scale, heap.address(gamma), heap.address(variance)];
  const [scales, gammas, variances] = places.map((at) => heap.floats(at, sizeFromShape(gamma.shape)));
  scales.forEach((_, i) => (scales[i] = gammas[i] / Math.sqrt(variances[i] + epsilon)));
}

/** A tensor as a matrix of its last axis. @param {Info} x */
function matrixOf(x) {
  const channels = x.shape.at(-1) ?? 1;
  return { rows: sizeFromShape(x.shape) / channels, channels };
}

/**
 * Batch norm in training mode over all axes but the last, on any backend; the running statistics are the caller's.
 * @param {tf.Tensor} x float32[..., C]
 * @param {tf.Tensor1D} gamma float32[C]
 * @param {tf.Tensor1D} beta float32[C]
 * @param {number} [epsilon]
 * @param {'linear' | 'relu'} [activation] a ReLU behind the norm costs nothing here, and a pass of its own elsewhere
 * @returns {{ y: tf.Tensor, mean: tf.Tensor1D, variance: tf.Tensor1D }} `variance` is biased (divisor: the number of
 * rows). No gradient flows through `mean` and `variance` as outputs.
 */
export function batchNormTrain(x, gamma, beta, epsilon = 1e-5, activation = 'linear') {
  const relu = activation === 'relu';
  if (served('BatchNormTrain')) {
    const made = runKernelOfMany('BatchNormTrain', { x, gamma, beta }, { epsilon, relu });
    const [y, mean, variance] = /** @type {[tf.Tensor, tf.Tensor1D, tf.Tensor1D]} */ (made);
    return { y, mean, variance };
  }
  const axes = range(x.rank - 1);
  const mean = tf.mean(x, axes);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), axes);
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  const y = tf.add(tf.mul(centred, scale), beta);
  return {
    y: relu ? tf.relu(y) : y,
    mean: /** @type {tf.Tensor1D} */ (mean),
    variance: /** @type {tf.Tensor1D} */ (variance),
  };
}
