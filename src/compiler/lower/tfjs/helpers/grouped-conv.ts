import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** A convolution of \`groups\` groups of channels that do not see each other. The filter is [...kernel, in / groups, out]. */
function groupedConv(x, filter, groups, strides, pad) {
  const conv = x.rank === 5 ? tf.conv3d : tf.conv2d;
  if (groups === 1) return conv(x, filter, strides, pad);
  const filters = tf.split(filter, groups, filter.rank - 1);
  const parts = tf.split(x, groups, x.rank - 1);
  const results = parts.map((part, group) => conv(part, filters[group], strides, pad));
  return tf.concat(results, x.rank - 1);
}
`;
