import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * Average pooling with \`pads\` around x [batch, ...axes, channels], which do not count as elements: the mean with zeros
 * there, divided by the part of each window that lies inside. (tf.avgPool with padding has another gradient.)
 */
function averagePool(x, kernel, strides, pads) {
  const pool = x.rank === 5 ? tf.avgPool3d : tf.avgPool;
  const inside = tf.pad(tf.ones([1, ...x.shape.slice(1, -1), 1]), pads);
  return tf.div(pool(tf.pad(x, pads), kernel, strides, 'valid'), pool(inside, kernel, strides, 'valid'));
}
`;
