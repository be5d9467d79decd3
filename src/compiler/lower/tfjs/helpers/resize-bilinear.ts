import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = ['resizeByMatrices'];

export const source = `/** x [batch, height, width, channels] resized bilinearly, with half-pixel centres or with the corners aligned. */
function resizeBilinear(x, [height, width], aligned = false) {
  // The gradient of tf.image.resizeBilinear ignores the half-pixel centres.
  const resize = tf.customGrad((image) => ({
    value: tf.image.resizeBilinear(image, [height, width], aligned, !aligned),
    gradFunc: (dy) => resizeByMatrices(dy, weights(height, image.shape[1]), weights(width, image.shape[2])),
  }));
  return resize(x);

  /** [from][to]: the weight of each element of the input in each of the output. */
  function weights(to, from) {
    const rows = Array.from({ length: from }, () => new Array(to).fill(0));
    for (let i = 0; i < to; i++) {
      const place = aligned ? (i * (from - 1)) / Math.max(to - 1, 1) : ((i + 0.5) * from) / to - 0.5;
      const centre = Math.min(Math.max(place, 0), from - 1);
      const low = Math.floor(centre);
      rows[low][i] += 1 - (centre - low);
      rows[Math.min(low + 1, from - 1)][i] += centre - low;
    }
    return rows;
  }
}
`;
