/**
 * One training step of DenseNet-121 on WebAssembly: forward pass, loss, backward pass, Adam, written by hand on
 * tfjs and the training kernels that `netc build --target tfjs` copies beside a program.
 *
 *   node bench/wasm-densenet-step.mjs [--steps 5] [--batch 4] [--size 224] [--profile] [--json]
 *
 * Prints the median of the steps after the first, in images/s. `--profile` adds the time of each kernel. `--json`
 * prints the claim alone, against the 0.86 images/s (N = 4, 224 px) of the same step in public operations; it is
 * measured in processor time, which is what one thread takes on a machine that has nothing else to do.
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { batchNormTrain, useWasm } from '../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '5' },
    batch: { type: 'string', default: '4' },
    size: { type: 'string', default: '224' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [steps, batch, size] = [options.steps, options.batch, options.size].map(Number);

const CLASSES = 14;
const GROWTH = 32;
const BLOCKS = [6, 12, 24, 16];
/** Images/s of the step in public operations, and what ours has to reach. */
const CLAIM = { peer: 0.86, limit: 0.8 };
const report = options.json ? () => {} : console.log;
const ADAM = { rate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

await useWasm();

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

const images = tf.randomNormal([batch, size, size, 3], 0, 1, 'float32', 1);
const targets = tf.cast(tf.greater(tf.randomUniform([batch, CLASSES], 0, 1, 'float32', 1), 0.5), 'float32');

tf.tidy(() => denseNet(images));
/** @type {Map<string, { first: tf.Variable, second: tf.Variable }>} */
const moments = new Map(
  [...parameters].map(([name, { shape }]) => [
    name,
    { first: tf.variable(tf.zeros(shape), false), second: tf.variable(tf.zeros(shape), false) },
  ]),
);

function step(count) {
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

/** Seconds by the clock, and of one processor: the second does not count what other programs take. */
const times = { wall: [], processor: [] };
for (let count = 1; count <= steps + 1; count++) {
  const start = { wall: performance.now(), processor: process.cpuUsage() };
  const value = step(count);
  const wall = (performance.now() - start.wall) / 1e3;
  const { user, system } = process.cpuUsage(start.processor);
  if (count > 1) {
    times.wall.push(wall);
    times.processor.push((user + system) / 1e6);
  }
  report(`step ${count}: loss ${value.toFixed(4)}, ${wall.toFixed(2)} s, ${tf.memory().numTensors} tensors`);
}
const rate = (seconds) => batch / seconds.sort((a, b) => a - b)[seconds.length >> 1];
const heap = tf.backend().wasm.HEAPU8.length / 2 ** 30;
report(
  `DenseNet-121, ${size} px, N = ${batch}, 1 thread, median of ${steps} steps: ${rate(times.wall).toFixed(2)} images/s ` +
    `(${rate(times.processor).toFixed(2)} per second of processor time), heap ${heap.toFixed(2)} GiB`,
);

if (options.json) {
  const ours = rate(times.processor);
  const ratio = ours / CLAIM.peer;
  const limit = CLAIM.limit / CLAIM.peer;
  console.log(
    JSON.stringify([
      { name: 'wasm-densenet-step', ours, peer: CLAIM.peer, ratio, limit, holds: ratio >= limit },
    ]),
  );
}

if (options.profile) {
  const { kernels } = await tf.profile(() => step(steps + 2));
  const totals = new Map();
  for (const { name, kernelTimeMs } of kernels) {
    const total = totals.get(name) ?? { name, calls: 0, ms: 0 };
    totals.set(name, { name, calls: total.calls + 1, ms: total.ms + Number(await kernelTimeMs) });
  }
  console.table([...totals.values()].sort((a, b) => b.ms - a.ms).slice(0, 20));
}
