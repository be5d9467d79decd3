/** Gradients of operations of one operand, element by element. */

import * as tf from '@tensorflow/tfjs-core';
import { runKernel, served } from '../run-kernel.mjs';
import { asFloat } from './conditions.mjs';
import { entries } from './gradient.mjs';

/** @import { GradientAttributes, GradientEntry, GradientFunction } from './gradient.mjs' */

const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/** dx = dy * derivative(x). @type {Record<string, (x: tf.Tensor, attrs: GradientAttributes) => tf.Tensor>} */
const DERIVATIVES_BY_INPUT = {
  Abs: (x) => tf.sign(x),
  ClipByValue: (x, { clipValueMin, clipValueMax }) =>
    asFloat(tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax))),
  Cos: (x) => tf.neg(tf.sin(x)),
  Erf: (x) => tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)),
  LeakyRelu: (x, { alpha }) => tf.step(x, alpha),
  Log: (x) => tf.reciprocal(x),
  Log1p: (x) => tf.reciprocal(tf.add(x, 1)),
  Neg: (x) => tf.fill(x.shape, -1),
  Relu6: (x) => asFloat(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6))),
  Sin: (x) => tf.cos(x),
  Softplus: (x) => tf.sigmoid(x),
  Square: (x) => tf.mul(x, 2),
};

/** dx = dy * derivative(y). @type {Record<string, (y: tf.Tensor) => tf.Tensor>} */
const DERIVATIVES_BY_OUTPUT = {
  Elu: (y) => tf.add(tf.minimum(y, 0), 1),
  Exp: (y) => y,
  Expm1: (y) => tf.add(y, 1),
  Reciprocal: (y) => tf.neg(tf.square(y)),
  Rsqrt: (y) => tf.mul(tf.mul(tf.square(y), y), -0.5),
  Selu: (y) => tf.where(tf.greater(y, 0), tf.fill(y.shape, SELU.scale), tf.add(y, SELU.scale * SELU.alpha)),
  Sigmoid: (y) => tf.mul(y, tf.sub(1, y)),
  Sqrt: (y) => tf.div(0.5, y),
  Tan: (y) => tf.add(tf.square(y), 1),
  Tanh: (y) => tf.sub(1, tf.square(y)),
};

const CONSTANT_BY_PIECES = ['Ceil', 'Floor', 'OnesLike', 'Round', 'Sign', 'Step', 'ZerosLike'];

/** @type {GradientFunction} */
function reluGradient(dy, [y]) {
  return { x: () => (served('ReluGrad') ? runKernel('ReluGrad', { y, dy }) : tf.mul(dy, tf.step(y))) };
}

/** @type {(derivative: (value: tf.Tensor, attrs: GradientAttributes) => tf.Tensor) => GradientFunction} */
const timesDerivative =
  (derivative) =>
  (dy, [value], attrs) => ({ x: () => tf.mul(dy, derivative(value, attrs)) });

/** @type {GradientFunction} */
const zero = (dy) => ({ x: () => tf.zerosLike(dy) });

/** @type {Record<string, GradientEntry>} */
export const unary = {
  ...entries(DERIVATIVES_BY_INPUT, (row) => ({ save: ['x'], gradient: timesDerivative(row) })),
  ...entries(DERIVATIVES_BY_OUTPUT, (row) => ({ saveOutputs: [true], gradient: timesDerivative(row) })),
  ...Object.fromEntries(CONSTANT_BY_PIECES.map((kernel) => [kernel, { gradient: zero }])),
  Relu: { saveOutputs: [true], gradient: reluGradient },
};
