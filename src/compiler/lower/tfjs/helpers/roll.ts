import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** Elements moved along an axis, in a circle: y[i] = x[i - by]. */
function roll(x, by, axis) {
  const size = x.shape[axis];
  const moved = ((by % size) + size) % size;
  if (moved === 0) return x;
  const [front, back] = tf.split(x, [size - moved, moved], axis);
  return tf.concat([back, front], axis);
}
`;
