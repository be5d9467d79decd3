import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['dilateFilter'];

export const source = `/**
 * A convolution whose taps lie \`dilations\` pixels apart. TensorFlow.js has no gradient for its own dilations. So each tap
 * is a convolution of one pixel, over the part of the image that it sees; one with a stride has a filter with holes.
 */
function dilatedConv(x, filter, strides, pad, dilations) {
  const withHoles = () => tf.conv2d(x, dilateFilter(filter, dilations), strides, pad);
  if (dilations.every((d) => d === 1) || [strides].flat().some((stride) => stride > 1)) return withHoles();
  const [n, ...image] = x.shape;
  const borders = Array.isArray(pad)
    ? pad.slice(1, 3)
    : [pad, pad].map((p) => (p === 'valid' ? [0, 0] : [p, p]));
  // Along an axis: where each tap begins to see the image, in the result and in the image, and how far.
  const [rows, columns] = [0, 1].map((axis) => {
    const reach = (filter.shape[axis] - 1) * dilations[axis];
    const made = image[axis] + borders[axis][0] + borders[axis][1] - reach;
    return Array.from({ length: filter.shape[axis] }, (_, tap) => {
      const shift = tap * dilations[axis] - borders[axis][0];
      const from = Math.max(0, -shift);
      const size = Math.min(made, image[axis] - shift) - from;
      return { tap, start: from + shift, size, around: [from, made - from - size] };
    }).filter(({ size }) => size > 0);
  });
  const part = (row, column) => {
    const seen = tf.slice(x, [0, row.start, column.start, 0], [n, row.size, column.size, -1]);
    const made = tf.conv2d(seen, tf.slice(filter, [row.tap, column.tap], [1, 1]), 1, 'valid');
    return tf.pad(made, [[0, 0], row.around, column.around, [0, 0]]);
  };
  const taps = rows.flatMap((row) => columns.map((column) => [row, column]));
  if (taps.length === 0) return withHoles();
  // What was copied for a tap is freed before the next.
  return tf.tidy(() =>
    taps.map((tap) => tf.tidy(() => part(...tap))).reduce((sum, made) => tf.add(sum, made)),
  );
}
`;
