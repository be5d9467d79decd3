import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** Elements more at both ends of an axis: the first and the last repeated. */
function padEdge(x, axis, [before, after]) {
  const last = x.shape[axis] - 1;
  const source = (_, i) => Math.min(Math.max(i - before, 0), last);
  return tf.gather(x, Array.from({ length: before + last + 1 + after }, source), axis);
}
`;
