/** Gradients of batch norms: by given statistics, and by those of the batch. */

import * as tf from '@tensorflow/tfjs-core';
import { runKernelOfMany } from '../run-kernel.mjs';
import { reduceTo } from './reduce-to.mjs';

/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

/**
 * Batch norm by given statistics, y = scale r (x - mean) + offset with r = (variance + epsilon)^(-1/2): each of them a
 * vector of the last axis, or of the shape of x. Its gradients are sums of dy and of dy (x - mean); dr = -r^3 / 2.
 * @type {GradientFunction}
 */
function batchNormGradient(dy, [x, mean, variance, scale], { varianceEpsilon }) {
  const r = tf.rsqrt(tf.add(variance, varianceEpsilon));
  const gain = tf.mul(scale, r);
  const sumDy = () => reduceTo(dy, mean);
  const sumDyX = () => reduceTo(tf.mul(dy, tf.sub(x, mean)), mean);
  return {
    x: () => tf.mul(dy, gain),
    mean: () => tf.neg(tf.mul(gain, sumDy())),
    variance: () => tf.mul(tf.mul(gain, tf.square(r)), tf.mul(sumDyX(), -0.5)),
    scale: () => tf.mul(r, sumDyX()),
    offset: sumDy,
  };
}

/** @type {Record<string, GradientEntry>} */
export const batchNorm = {
  BatchNormTrain: {
    save: ['x', 'gamma', 'beta'],
    saveOutputs: [false, true, true],
    gradient: (dys, [x, gamma, beta, mean, variance], attrs) => {
      // Of several outputs the engine gives a list.
      const [dy] = [dys].flat();
      const [dx, dgamma, dbeta] = runKernelOfMany(
        'BatchNormTrainGrad',
        { x, dy, gamma, beta, mean, variance },
        attrs,
      );
      return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
    },
  },
  FusedBatchNorm: { save: ['x', 'mean', 'variance', 'scale'], gradient: batchNormGradient },
};
