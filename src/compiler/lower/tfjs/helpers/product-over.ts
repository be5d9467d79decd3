import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** The product over axes. Its gradient is the product of all other elements, which may be 0: tf.prod divides by each. */
function productOver(x, axes) {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = kept.map((axis) => x.shape[axis]);
  const rows = tf.reshape(tf.transpose(x, [...kept, ...axes]), [shape.reduce((a, b) => a * b, 1), -1]);
  const product = tf.customGrad((values, save) => {
    save([values]);
    const gradFunc = (dy, [factors]) => {
      const others = tf.mul(tf.cumprod(factors, 1, true), tf.cumprod(factors, 1, true, true));
      return tf.mul(tf.expandDims(dy, 1), others);
    };
    return { value: tf.prod(values, [1]), gradFunc };
  });
  return tf.reshape(product(rows), shape);
}
`;
