import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * Batch normalisation by the statistics of the batch, and the running statistics after it. As in PyTorch the variance
 * that normalises divides by the number of elements n, the one that is kept by max(n - 1, 1).
 */
function batchNormTrain(x, { weight, bias, running_mean, running_var }, { epsilon, momentum, relu }) {
  const batch = normaliseBatch(x, weight, bias, epsilon, relu ? 'relu' : 'linear');
  const count = x.size / x.shape[x.rank - 1];
  const unbiased = tf.mul(batch.variance, count / Math.max(count - 1, 1));
  return {
    y: batch.y,
    mean: tf.add(tf.mul(running_mean, 1 - momentum), tf.mul(batch.mean, momentum)),
    variance: tf.add(tf.mul(running_var, 1 - momentum), tf.mul(unbiased, momentum)),
  };
}
`;
