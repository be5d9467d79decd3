import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** Equal pieces along an axis. (The gradient of tf.split fails where there is only one.) */
function splitInto(x, pieces, axis) {
  return pieces === 1 ? [x] : tf.split(x, pieces, axis);
}
`;
