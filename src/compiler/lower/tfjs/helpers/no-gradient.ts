import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** What is computed, as a constant: no gradient passes it, and none of what it calls needs one. */
function noGradient(compute) {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))();
}
`;
