import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['batchNormTrain'];

export const source = `/**
 * Batch normalisation of x, whose channels are last. While training it goes by the statistics of the batch and updates
 * the variables \`running_mean\` and \`running_var\`; otherwise it goes by those. A ReLU that follows is cheaper here.
 */
function batchNorm(x, vectors, { epsilon, momentum, relu = false, training }) {
  const { weight, bias, running_mean, running_var } = vectors;
  if (!training) {
    // As a matrix, because tf.batchNorm has no gradient beyond four axes.
    const rows = tf.reshape(x, [-1, x.shape[x.rank - 1]]);
    const y = tf.reshape(tf.batchNorm(rows, running_mean, running_var, bias, weight, epsilon), x.shape);
    return relu ? tf.relu(y) : y;
  }
  const result = batchNormTrain(x, vectors, { epsilon, momentum, relu });
  running_mean.assign(result.mean);
  running_var.assign(result.variance);
  return result.y;
}
`;
