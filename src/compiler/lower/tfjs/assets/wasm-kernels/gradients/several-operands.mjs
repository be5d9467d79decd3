/** Gradients of operations of several operands, element by element. */

import * as tf from '@tensorflow/tfjs-core';
import { asFloat, keepWhere } from './conditions.mjs';
import { entries } from './gradient.mjs';
import { reduceTo } from './reduce-to.mjs';

/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

/** @typedef {(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor} BinaryGradient */

/**
 * The whole gradient where an operand wins, half of it where the two are equal, as in PyTorch.
 * @param {tf.Tensor} wins @param {tf.Tensor} winsOrTies
 */
const shareOf = (wins, winsOrTies) => tf.mul(tf.add(asFloat(wins), asFloat(winsOrTies)), 0.5);

/** Gradients of two operands that may be broadcast. @type {Record<string, [BinaryGradient, BinaryGradient]>} */
const BINARY = {
  Add: [(dy) => dy, (dy) => dy],
  Sub: [(dy) => dy, (dy) => tf.neg(dy)],
  Multiply: [(dy, _, b) => tf.mul(dy, b), (dy, a) => tf.mul(dy, a)],
  RealDiv: [(dy, _, b) => tf.div(dy, b), (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b)))],
  Maximum: [
    (dy, a, b) => tf.mul(dy, shareOf(tf.greater(a, b), tf.greaterEqual(a, b))),
    (dy, a, b) => tf.mul(dy, shareOf(tf.less(a, b), tf.lessEqual(a, b))),
  ],
  Minimum: [
    (dy, a, b) => tf.mul(dy, shareOf(tf.less(a, b), tf.lessEqual(a, b))),
    (dy, a, b) => tf.mul(dy, shareOf(tf.greater(a, b), tf.greaterEqual(a, b))),
  ],
  Pow: [
    (dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    (dy, a, b) =>
      keepWhere(tf.greater(tf.mul(a, tf.onesLike(dy)), 0), tf.mul(dy, tf.mul(tf.pow(a, b), tf.log(a)))),
  ],
  SquaredDifference: [
    (dy, a, b) => tf.mul(tf.mul(dy, tf.sub(a, b)), 2),
    (dy, a, b) => tf.mul(tf.mul(dy, tf.sub(b, a)), 2),
  ],
};

/** @type {(gradients: [BinaryGradient, BinaryGradient]) => GradientFunction} */
const broadcasting =
  ([left, right]) =>
  (dy, [a, b]) => ({ a: () => reduceTo(left(dy, a, b), a), b: () => reduceTo(right(dy, a, b), b) });

/** @type {Record<string, GradientEntry>} */
export const severalOperands = {
  ...entries(BINARY, (row) => ({ save: ['a', 'b'], gradient: broadcasting(row) })),
  AddN: {
    saveAll: true,
    gradient: (dy, xs) => xs.map(() => () => tf.clone(dy)),
  },
  Prelu: {
    save: ['x', 'alpha'],
    gradient: (dy, [x, alpha]) => ({
      x: () => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)),
      alpha: () => reduceTo(tf.mul(dy, tf.minimum(x, 0)), alpha),
    }),
  },
  Select: {
    save: ['condition'],
    gradient: (dy, [condition]) => ({
      condition: () => asFloat(tf.zerosLike(condition)),
      t: () => keepWhere(condition, dy),
      e: () => keepWhere(tf.logicalNot(condition), dy),
    }),
  },
};
