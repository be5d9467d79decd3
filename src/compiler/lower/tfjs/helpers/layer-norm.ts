import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * x with mean 0 and variance 1 over \`axes\`, then scaled and shifted where there are a weight and a bias. With y for what
 * is normalised, dx = (dy - mean(dy) - y mean(dy y)) / deviation: only y and the deviation are kept for the gradient.
 */
function layerNorm(x, axes, { weight, bias, epsilon }) {
  const standardise = tf.customGrad((values, save) => {
    const centred = tf.sub(values, mean(values));
    const rate = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
    const normal = tf.mul(centred, rate);
    save([normal, rate]);
    const gradFunc = (dy, [y, scale]) =>
      tf.mul(tf.sub(tf.sub(dy, mean(dy)), tf.mul(y, mean(tf.mul(dy, y)))), scale);
    return { value: normal, gradFunc };
  });
  const normal = standardise(x);
  const scaled = weight === undefined ? normal : tf.mul(normal, weight);
  return bias === undefined ? scaled : tf.add(scaled, bias);

  function mean(values) {
    return tf.mean(values, axes, true);
  }
}
`;
