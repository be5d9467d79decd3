/**
 * A training step of DenseNet-121 on WebAssembly, written by hand on tfjs and the training kernels that `netc build`
 * copies beside a program: forward pass, loss, backward pass, Adam. What a generated program is measured against.
 */
import * as tf from '@tensorflow/tfjs-core';
import { batchNormTrain, useWasm } from '../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';

const CLASSES = 14;
const GROWTH = 32;
const BLOCKS = [6, 12, 24, 16];
const ADAM = { rate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** @type {Map<string, tf.Variable>} */
const parameters = new Map();

/** The parameter of that name, made when it is first asked for. */
function parameter(name, make) {
  let variable = parameters.get(name);
  if (!variable) {
    // In an optimiser's life variables are made outside the tape; here the first pass makes them.
    variable = tf.variable(make(), true, name);
    parameters.set(name, variable);
  }
  return variable;
}

const explicit = (pad) => [
  [0, 0],
  [pad, pad],
  [pad, pad],
  [0, 0],
];

function conv(name, x, channels, kernel, stride = 1) {
  const inputs = x.shape[3];
  const deviation = Math.sqrt(2 / (inputs * kernel * kernel));
  const weight = parameter(name, () =>
    tf.randomNormal([kernel, kernel, inputs, channels], 0, deviation, 'float32', 1),
  );
  return tf.conv2d(x, weight, stride, explicit((kernel - 1) / 2));
}

function normRelu(name, x) {
  const channels = x.shape[3];
  const gamma = parameter(`${name}/gamma`, () => tf.ones([channels]));
  const beta = parameter(`${name}/beta`, () => tf.zeros([channels]));
  return batchNormTrain(x, gamma, beta, 1e-5, 'relu').y;
}

function denseLayer(name, x) {
  const narrow = conv(`${name}/1`, normRelu(`${name}/n1`, x), 4 * GROWTH, 1);
  const grown = conv(`${name}/2`, normRelu(`${name}/n2`, narrow), GROWTH, 3);
  return tf.concat([x, grown], 3);
}

function denseNet(images) {
  let x = normRelu('stem/n', conv('stem', images, 64, 7, 2));
  x = tf.maxPool(x, 3, 2, explicit(1), 'floor');
  BLOCKS.forEach((layers, block) => {
    for (let layer = 0; layer < layers; layer++) x = denseLayer(`${block}/${layer}`, x);
    if (block === BLOCKS.length - 1) return;
    const narrow = conv(`${block}/transition`, normRelu(`${block}/transition/n`, x), x.shape[3] / 2, 1);
    x = tf.avgPool(narrow, 2, 2, 'valid');
  });
  const features = tf.mean(normRelu('last/n', x), [1, 2]);
  const weight = parameter('head/weight', () =>
    tf.randomNormal([features.shape[1], CLASSES], 0, 0.03, 'float32', 1),
  );
  const bias = parameter('head/bias', () => tf.zeros([CLASSES]));
  return tf.add(tf.matMul(features, weight), bias);
}

/** Binary cross-entropy from logits: softplus(x) - x y. */
const loss = (logits, targets) => tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, targets)));

/** A function that takes one step each time and returns the loss before it. */
export async function prepare({ batch, size }) {
  if (!(await useWasm())) throw new Error('WebAssembly does not start');
  const images = tf.randomNormal([batch, size, size, 3], 0, 1, 'float32', 1);
  const chances = tf.randomUniform([batch, CLASSES], 0, 1, 'float32', 1);
  const targets = tf.cast(tf.greater(chances, 0.5), 'float32');
  tf.tidy(() => denseNet(images));
  const moments = new Map(
    [...parameters].map(([name, { shape }]) => [
      name,
      { first: tf.variable(tf.zeros(shape), false), second: tf.variable(tf.zeros(shape), false) },
    ]),
  );
  let count = 0;
  return () => adamStep(images, targets, moments, ++count);
}

function adamStep(images, targets, moments, count) {
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(
      () => loss(denseNet(images), targets),
      [...parameters.values()],
    );
    const rate = (ADAM.rate * Math.sqrt(1 - ADAM.beta2 ** count)) / (1 - ADAM.beta1 ** count);
    for (const [name, variable] of parameters) {
      tf.tidy(() => {
        const { first, second } = moments.get(name);
        const gradient = grads[name];
        first.assign(tf.add(tf.mul(first, ADAM.beta1), tf.mul(gradient, 1 - ADAM.beta1)));
        second.assign(tf.add(tf.mul(second, ADAM.beta2), tf.mul(tf.square(gradient), 1 - ADAM.beta2)));
        variable.assign(tf.sub(variable, tf.mul(tf.div(first, tf.add(tf.sqrt(second), ADAM.epsilon)), rate)));
      });
    }
    return value.dataSync()[0];
  });
}
