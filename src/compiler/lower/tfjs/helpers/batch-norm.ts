import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['batchNormTrain'];

export const source = `/**
 * Batch normalisation of x, whose channels are last. While training it goes by the statistics of the batch and updates
 * the variables \`mean\` and \`variance\`; otherwise it goes by those.
 */
function batchNorm(x, weight, bias, mean, variance, { epsilon, momentum, training }) {
  if (!training) return tf.batchNorm(x, mean, variance, bias, weight, epsilon);
  const result = batchNormTrain(x, weight, bias, mean, variance, { epsilon, momentum });
  mean.assign(result.mean);
  variance.assign(result.variance);
  return result.y;
}
`;
