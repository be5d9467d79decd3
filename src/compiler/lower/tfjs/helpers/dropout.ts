import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/**
 * x with elements set to 0 by the probability \`rate\` and the others divided by 1 - rate; x itself without a source of random
 * numbers. These depend on seed, step and path alone, and fill \`shape\`, whose axes then go where \`order\` says.
 */
function dropout(x, random, { rate, shape, order }) {
  if (random === undefined) return x;
  const count = shape.reduce((product, size) => product * size, 1);
  const draws = uniforms(count, random.seed, random.path, random.step);
  const factor = draws.map((draw) => (draw < rate ? 0 : 1 / (1 - rate)));
  const factors = tf.tensor(factor, shape);
  return tf.mul(x, order === undefined ? factors : tf.transpose(factors, order));
}
`;
