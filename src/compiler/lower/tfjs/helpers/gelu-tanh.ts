import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), close to gelu */
function geluTanh(x) {
  const bent = tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(bent, Math.sqrt(2 / Math.PI))), 1));
}
`;
