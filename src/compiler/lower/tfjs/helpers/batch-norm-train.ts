import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * Batch normalisation by the statistics of the batch, and the running statistics after it. As in PyTorch the variance
 * that normalises divides by the number of elements n, the one that is kept by max(n - 1, 1).
 */
function batchNormTrain(x, weight, bias, mean, variance, { epsilon, momentum }) {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const count = x.size / x.shape[x.rank - 1];
  const batchMean = tf.mean(x, axes);
  const centred = tf.sub(x, batchMean);
  const batchVariance = tf.mean(tf.square(centred), axes);
  const gain = tf.mul(weight, tf.rsqrt(tf.add(batchVariance, epsilon)));
  const unbiased = tf.mul(batchVariance, count / Math.max(count - 1, 1));
  return {
    y: tf.add(tf.mul(centred, gain), bias),
    mean: tf.add(tf.mul(mean, 1 - momentum), tf.mul(batchMean, momentum)),
    variance: tf.add(tf.mul(variance, 1 - momentum), tf.mul(unbiased, momentum)),
  };
}
`;
