import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['resizeByMatrices'];

export const source = `/**
 * Means of x [batch, height, width, channels] over windows that cover it evenly: window i of \`to\` goes from
 * floor(i * from / to) to ceil((i + 1) * from / to), and may share elements with its neighbours.
 */
function adaptiveAveragePool(x, [height, width]) {
  const steps = [x.shape[1] / height, x.shape[2] / width];
  if (steps.every(Number.isInteger)) return tf.avgPool(x, steps, steps, 'valid');
  return resizeByMatrices(x, weights(height, x.shape[1]), weights(width, x.shape[2]));

  /** [to][from]: the share of each element of the input in each of the output. */
  function weights(to, from) {
    return Array.from({ length: to }, (_, i) => {
      const start = Math.floor((i * from) / to);
      const end = Math.ceil(((i + 1) * from) / to);
      return Array.from({ length: from }, (_, at) => (at >= start && at < end ? 1 / (end - start) : 0));
    });
  }
}
`;
