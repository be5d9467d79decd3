import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** The mean of (x - mean)^2 over axes; where it is \`unbiased\`, their sum divided by one less than their number. */
function variance(x, axes, unbiased) {
  const squares = tf.square(tf.sub(x, tf.mean(x, axes, true)));
  if (!unbiased) return tf.mean(squares, axes);
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  return tf.div(tf.sum(squares, axes), Math.max(count - 1, 1));
}
`;
