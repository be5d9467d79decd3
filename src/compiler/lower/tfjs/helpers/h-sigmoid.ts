import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** min(max(x / 6 + 1/2, 0), 1) */
function hSigmoid(x) {
  return tf.clipByValue(tf.add(tf.div(x, 6), 0.5), 0, 1);
}
`;
