import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['hSigmoid'];

export const source = `/** x hSigmoid(x) */
function hSwish(x) {
  return tf.mul(x, hSigmoid(x));
}
`;
