import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['batchNormTrain'];

export const source = `/**
 * Batch normalisation of x, whose channels are last. While training it goes by the statistics of the batch and updates
 * the variables \`running_mean\` and \`running_var\`; otherwise it goes by those.
 */
function batchNorm(x, vectors, { epsilon, momentum, training }) {
  const { weight, bias, running_mean, running_var } = vectors;
  if (!training) return tf.batchNorm(x, running_mean, running_var, bias, weight, epsilon);
  const result = batchNormTrain(x, vectors, { epsilon, momentum });
  running_mean.assign(result.mean);
  running_var.assign(result.variance);
  return result.y;
}
`;
