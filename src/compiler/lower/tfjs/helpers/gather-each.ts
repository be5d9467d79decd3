import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** Rows [batch, places, inner] of tables [batch, rows, inner], each by its own indices [batch, places]. */
function gatherEach(tables, indices) {
  // One long table instead: the gradient of tf.gather does not know batches.
  const [batch, rows, inner] = tables.shape;
  const starts = tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(rows, 'int32'));
  const places = tf.add(indices, tf.reshape(starts, [batch, 1]));
  return tf.gather(tf.reshape(tables, [batch * rows, inner]), places);
}
`;
