import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['resizeByMatrices'];

export const source = `/** x [batch, height, width, channels] resized to the nearest elements: floor(i * in / out), or with the corners aligned. */
function resizeNearest(x, [height, width], aligned = false) {
  // tf.image.resizeNearestNeighbor rounds i * (in / out), which misses some elements by one.
  const resize = tf.customGrad((image) => ({
    value: tf.gather(tf.gather(image, sources(height, image.shape[1]), 1), sources(width, image.shape[2]), 2),
    gradFunc: (dy) => resizeByMatrices(dy, weights(height, image.shape[1]), weights(width, image.shape[2])),
  }));
  return resize(x);

  function sources(to, from) {
    if (!aligned) return Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
    return Array.from({ length: to }, (_, i) => Math.round((i * (from - 1)) / Math.max(to - 1, 1)));
  }

  /** [from][to]: 1 where an element of the output is taken from that of the input. */
  function weights(to, from) {
    const isFrom = (element) => sources(to, from).map((source) => Number(source === element));
    return Array.from({ length: from }, (_, element) => isFrom(element));
  }
}
`;
