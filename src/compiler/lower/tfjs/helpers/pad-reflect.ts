import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** Elements more at both ends of an axis: x mirrored at its first and its last, which are not repeated. */
function padReflect(x, axis, [before, after]) {
  const last = x.shape[axis] - 1;
  const source = (_, i) => last - Math.abs(last - Math.abs(i - before));
  return tf.gather(x, Array.from({ length: before + last + 1 + after }, source), axis);
}
`;
