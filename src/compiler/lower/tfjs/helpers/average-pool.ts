import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * Average pooling with \`pads\` around x [batch, height, width, channels], which do not count as elements: the mean with zeros
 * there, divided by the part of each window that lies inside. (tf.avgPool with padding has another gradient.)
 */
function averagePool(x, kernel, strides, pads) {
  const inside = tf.pad(tf.ones([1, ...x.shape.slice(1, -1), 1]), pads);
  const sums = tf.avgPool(tf.pad(x, pads), kernel, strides, 'valid');
  return tf.div(sums, tf.avgPool(inside, kernel, strides, 'valid'));
}
`;
