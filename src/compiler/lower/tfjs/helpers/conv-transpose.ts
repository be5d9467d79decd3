import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * The transposed convolution of x [batch, height, width, channels] with a filter [height, width, out / groups, in], of
 * which \`size\` rows and columns from \`begin\` on are kept; beyond its end there are zeros.
 */
function convTranspose(x, filter, strides, groups, begin, size) {
  const [batch, height, width] = x.shape;
  const [rows, columns, made] = filter.shape;
  const whole = [(height - 1) * strides[0] + rows, (width - 1) * strides[1] + columns];
  const filters = groups === 1 ? [filter] : tf.split(filter, groups, 3);
  const parts = groups === 1 ? [x] : tf.split(x, groups, 3);
  const results = parts.map((part, group) =>
    tf.conv2dTranspose(part, filters[group], [batch, ...whole, made], strides, 'valid'),
  );
  const y = groups === 1 ? results[0] : tf.concat(results, 3);
  if (begin.every((start) => start === 0) && size.every((length, axis) => length === whole[axis])) return y;
  const beyond = whole.map((length, axis) => [0, Math.max(begin[axis] + size[axis] - length, 0)]);
  const padded = tf.pad(y, [[0, 0], ...beyond, [0, 0]]);
  return tf.slice(padded, [0, ...begin, 0], [batch, ...size, groups * made]);
}
`;
