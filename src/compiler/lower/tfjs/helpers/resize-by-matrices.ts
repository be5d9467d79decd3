import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** y[n, i, j, c] = sum over h, w of rows[i][h] columns[j][w] x[n, h, w, c] */
function resizeByMatrices(x, rows, columns) {
  const [batch, height, width, channels] = x.shape;
  const stretched = tf.matMul(repeat(rows, batch), tf.reshape(x, [batch, height, width * channels]));
  const lines = tf.reshape(stretched, [batch * rows.length, width, channels]);
  const widened = tf.matMul(repeat(columns, batch * rows.length), lines);
  return tf.reshape(widened, [batch, rows.length, columns.length, channels]);

  function repeat(matrix, times) {
    return tf.tile(tf.tensor3d([matrix]), [times, 1, 1]);
  }
}
`;
