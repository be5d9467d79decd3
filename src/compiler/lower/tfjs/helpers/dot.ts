import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** The last axis of x [..., k] summed with the first of a matrix [k, m]: [..., m]. */
function dot(x, matrix) {
  const [k, m] = matrix.shape;
  return tf.reshape(tf.matMul(tf.reshape(x, [-1, k]), matrix), [...x.shape.slice(0, -1), m]);
}
`;
