import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * A filter [...kernel, in, out] with dilations - 1 zeros between its elements: an ordinary convolution with it is the
 * dilated one. TensorFlow.js has no gradient for its own dilations, and takes no stride beside them.
 */
function dilateFilter(filter, dilations) {
  return dilations.reduce((dilated, dilation, axis) => {
    if (dilation === 1) return dilated;
    const before = dilated.shape.slice(0, axis);
    const after = dilated.shape.slice(axis + 1);
    const length = dilated.shape[axis];
    const rows = product(before) * length;
    const apart = tf.reshape(dilated, [rows, 1, product(after)]);
    const holes = [0, dilation - 1];
    const spread = tf.pad(apart, [[0, 0], holes, [0, 0]]);
    const whole = tf.reshape(spread, [product(before), length * dilation, product(after)]);
    const inner = (length - 1) * dilation + 1;
    return tf.reshape(tf.slice(whole, [0, 0, 0], [-1, inner, -1]), [...before, inner, ...after]);
  }, filter);

  function product(sizes) {
    return sizes.reduce((a, b) => a * b, 1);
  }
}
`;
