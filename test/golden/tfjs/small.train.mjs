// Small: a training program for TensorFlow.js.
//
// Written by netc 0.0.0 from small.net
// (sha256 0000000000000000000000000000000000000000000000000000000000000000).
//
// Run it, from any folder:
//
//     node small.train.mjs --data DIR --steps 100
//
// (`--help` lists the options.)
// The packages it needs are in the package.json beside it: `npm install` there fetches them, unless they are
// installed already, as inside a checkout of netc. Model and training step also run in a browser.
//
// The program is yours to edit: nothing reads it back, and it does not need netc.
// It is not a medical device: nothing it computes may guide the treatment of a patient.

import * as tf from '@tensorflow/tfjs-core';
import { fillInitial } from './generator.mjs';
import { formatSafetensors, parseSafetensors } from './safetensors.mjs';
import { batchNormTrain as normaliseBatch, registerGradients, useWasm } from './wasm-kernels.mjs';

// Some gradients of TensorFlow.js are wrong or missing; these serve every backend.
registerGradients();

// How an image becomes an input: resized, then (value / 255 - mean) / std in each channel.
export const pixels = {
  channels: 3,
  height: 16,
  width: 16,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  layout: 'chw',
};

export const labels = ['Effusion', 'Mass', 'Nodule'];

// How images are varied in training: mirrored, moved, enlarged, anew in each epoch.
export const augmentation = { flip: true, shift: 0.05, scale: [1, 1] };

// What the runtime read, as the tensors that the model and the loss take; `tf.dispose` frees them.
export function toTensors(read) {
  return {
    image: tf.tensor(read.images, [read.size, 3, 16, 16]),
    findings: tf.tensor(read.labels, [read.size, 3]),
    known: tf.tensor(read.known, [read.size, 3]),
  };
}

// -------- Blocks --------------------------------------------------------------------------

// Convolution, batch norm, ReLU. H and W are divided by the stride.
function convBnRelu(x, w, { kernel, stride, training }) {
  return batchNorm(tf.conv2d(x, w.conv.weight, stride, (kernel - 1) / 2), w.batch_norm, {
    epsilon: 1e-5,
    momentum: 0.1,
    relu: true,
    training,
  });
}

// Paths that see one neighbourhood more each.
//
// The first group passes; each further one is joined by what the path before it made.
function pyramid(x, w, { paths, training }) {
  const groups = splitInto(x, paths, 3);
  let path = groups[0];
  const made = [path];
  for (const [i, group] of groups.slice(1).entries()) {
    path = convBnRelu(tf.add(group, path), w.path[i], { kernel: 3, stride: 1, training });
    made.push(path);
  }
  return tf.add(x, tf.concat(made, 3));
}

// The bottleneck of a gate, for descriptors of rows and of columns.
function squeeze(x, w) {
  return hSwish(tf.add(dot(x, w.linear.weight), w.linear.bias));
}

// Each layer sees the input and what all layers before it made.
function dense(x, w, { layers, training }) {
  let seen = x;
  for (let i = 0; i < layers; i++) {
    const layer = convBnRelu(seen, w.layer[i], { kernel: 1, stride: 1, training });
    seen = tf.concat([seen, layer], 3);
  }
  return seen;
}

// The mean over all findings that are known of the cross-entropy.
function crossEntropy(logits, target, weight) {
  const term = tf.sub(tf.softplus(logits), tf.mul(target, logits));
  return tf.div(tf.sum(tf.mul(weight, term), [0, 1]), tf.maximum(tf.sum(weight, [0, 1]), 1));
}

// -------- The model -----------------------------------------------------------------------

// A small network with one of everything.
//
// Takes image [N, C: 3, H: 16, W: 16]; gives logits, probability. Call it inside `tf.tidy`.
export function model({ image }, w, { training = false } = {}) {
  expectShape('image', image, [null, 3, 16, 16]);
  const stem = convBnRelu(tf.transpose(image, [0, 2, 3, 1]), w.stem, { kernel: 3, stride: 2, training });
  const mixed = pyramid(stem, w.mixed, { paths: 4, training });
  let by_row = dot(squeeze(tf.mean(mixed, [2]), w.squeeze), w.by_row.weight);
  by_row = tf.sigmoid(tf.add(by_row, w.by_row.bias));
  let by_col = dot(squeeze(tf.mean(mixed, [1]), w.squeeze), w.by_col.weight);
  by_col = tf.sigmoid(tf.add(by_col, w.by_col.bias));
  const features = dense(
    tf.mul(tf.mul(mixed, tf.expandDims(by_row, 2)), tf.expandDims(by_col, 1)),
    w.features,
    { layers: 4, training },
  );
  const logits = tf.add(tf.matMul(tf.mean(features, [1, 2]), w.logits.weight), w.logits.bias);
  return { logits, probability: tf.sigmoid(logits) };
}

function expectShape(name, { shape }, expected) {
  const fits = (size, axis) => size === null || size === shape[axis];
  if (shape.length === expected.length && expected.every(fits)) return;
  const sizes = expected.map((size) => size ?? 'any').join(', ');
  throw new RangeError(`${name} has the shape [${shape.join(', ')}], and should have [${sizes}]`);
}

// -------- The loss ------------------------------------------------------------------------

export function loss({ logits }, { findings, known }) {
  return crossEntropy(logits, findings, known);
}

// -------- Operations that TensorFlow.js lacks ---------------------------------------------

/**
 * Batch normalisation by the statistics of the batch, and the running statistics after it. As in PyTorch the variance
 * that normalises divides by the number of elements n, the one that is kept by max(n - 1, 1).
 */
function batchNormTrain(x, { weight, bias, running_mean, running_var }, { epsilon, momentum, relu }) {
  const batch = normaliseBatch(x, weight, bias, epsilon, relu ? 'relu' : 'linear');
  const count = x.size / x.shape[x.rank - 1];
  const unbiased = tf.mul(batch.variance, count / Math.max(count - 1, 1));
  return {
    y: batch.y,
    mean: tf.add(tf.mul(running_mean, 1 - momentum), tf.mul(batch.mean, momentum)),
    variance: tf.add(tf.mul(running_var, 1 - momentum), tf.mul(unbiased, momentum)),
  };
}

/**
 * Batch normalisation of x, whose channels are last. While training it goes by the statistics of the batch and updates
 * the variables `running_mean` and `running_var`; otherwise it goes by those. A ReLU that follows is cheaper here.
 */
function batchNorm(x, vectors, { epsilon, momentum, relu = false, training }) {
  const { weight, bias, running_mean, running_var } = vectors;
  if (!training) {
    // As a matrix, because tf.batchNorm has no gradient beyond four axes.
    const rows = tf.reshape(x, [-1, x.shape[x.rank - 1]]);
    const y = tf.reshape(tf.batchNorm(rows, running_mean, running_var, bias, weight, epsilon), x.shape);
    return relu ? tf.relu(y) : y;
  }
  const result = batchNormTrain(x, vectors, { epsilon, momentum, relu });
  running_mean.assign(result.mean);
  running_var.assign(result.variance);
  return result.y;
}

/** The last axis of x [..., k] summed with the first of a matrix [k, m]: [..., m]. */
function dot(x, matrix) {
  const [k, m] = matrix.shape;
  return tf.reshape(tf.matMul(tf.reshape(x, [-1, k]), matrix), [...x.shape.slice(0, -1), m]);
}

/** min(max(x / 6 + 1/2, 0), 1) */
function hSigmoid(x) {
  return tf.clipByValue(tf.add(tf.div(x, 6), 0.5), 0, 1);
}

/** x hSigmoid(x) */
function hSwish(x) {
  return tf.mul(x, hSigmoid(x));
}

/** Equal pieces along an axis. (The gradient of tf.split fails where there is only one.) */
function splitInto(x, pieces, axis) {
  return pieces === 1 ? [x] : tf.split(x, pieces, axis);
}

// -------- Weights -------------------------------------------------------------------------

// Every weight and piece of state: its path, its shape in a checkpoint, and which of those axes goes where here.

const heNormal = { kind: 'he_normal', fan: 'out' };
const ones = { kind: 'ones' };
const zeros = { kind: 'zeros' };
const torchDefault = { kind: 'torch_default' };

export const parameters = [
  { path: 'stem/conv/weight', shape: [8, 3, 3, 3], order: [2, 3, 1, 0], init: heNormal, fan: [27, 72] },
  { path: 'stem/batch_norm/weight', shape: [8], init: ones },
  { path: 'stem/batch_norm/bias', shape: [8], init: zeros },
  { path: 'stem/batch_norm/running_mean', shape: [8], init: zeros, role: 'state' },
  { path: 'stem/batch_norm/running_var', shape: [8], init: ones, role: 'state' },
  ...turns(3, (group) => [
    {
      path: `mixed/path/${group}/conv/weight`,
      shape: [2, 2, 3, 3],
      order: [2, 3, 1, 0],
      init: heNormal,
      fan: [18, 18],
    },
    { path: `mixed/path/${group}/batch_norm/weight`, shape: [2], init: ones },
    { path: `mixed/path/${group}/batch_norm/bias`, shape: [2], init: zeros },
    { path: `mixed/path/${group}/batch_norm/running_mean`, shape: [2], init: zeros, role: 'state' },
    { path: `mixed/path/${group}/batch_norm/running_var`, shape: [2], init: ones, role: 'state' },
  ]),
  { path: 'squeeze/linear/weight', shape: [4, 8], order: [1, 0], init: torchDefault, fan: [8, 4] },
  { path: 'squeeze/linear/bias', shape: [4], init: torchDefault, fan: [8, 4] },
  { path: 'by_row/weight', shape: [8, 4], order: [1, 0], init: torchDefault, fan: [4, 8] },
  { path: 'by_row/bias', shape: [8], init: torchDefault, fan: [4, 8] },
  { path: 'by_col/weight', shape: [8, 4], order: [1, 0], init: torchDefault, fan: [4, 8] },
  { path: 'by_col/bias', shape: [8], init: torchDefault, fan: [4, 8] },
  ...turns(4, (i) => [
    {
      path: `features/layer/${i}/conv/weight`,
      shape: [2, 8 + 2 * i, 1, 1],
      order: [2, 3, 1, 0],
      init: heNormal,
      fan: [8 + 2 * i, 2],
    },
    { path: `features/layer/${i}/batch_norm/weight`, shape: [2], init: ones },
    { path: `features/layer/${i}/batch_norm/bias`, shape: [2], init: zeros },
    { path: `features/layer/${i}/batch_norm/running_mean`, shape: [2], init: zeros, role: 'state' },
    { path: `features/layer/${i}/batch_norm/running_var`, shape: [2], init: ones, role: 'state' },
  ]),
  { path: 'logits/weight', shape: [3, 16], order: [1, 0], init: torchDefault, fan: [16, 3] },
  { path: 'logits/bias', shape: [3], init: torchDefault, fan: [16, 3] },
];

/** The rows of all turns of a loop. */
function turns(count, rows) {
  return Array.from({ length: count }, (_, turn) => rows(turn)).flat();
}

/**
 * Fresh weights and state: `w.a.b` is the tf.Variable of the parameter a/b. Equal seeds give equal bytes, here and in
 * every other program that netc writes of the model. `tf.dispose(w)` frees them.
 */
export function createWeights(seed = 1) {
  const w = Object.create(null);
  for (const { path, shape, order, init, fan = [0, 0], role } of parameters) {
    const values = tf.tidy(() => toProgram(fillInitial(init, shape, ...fan, seed, path), shape, order));
    const names = path.split('/');
    const last = names.pop();
    const owner = names.reduce((node, name) => (node[name] ??= Object.create(null)), w);
    owner[last] = tf.variable(values, role !== 'state');
    values.dispose();
  }
  return w;
}

/** The variable of a parameter. */
function variableAt(w, path) {
  return path.split('/').reduce((node, name) => node[name], w);
}

/** Values in the order of a checkpoint, which is PyTorch's, as a tensor in the order of this program. */
function toProgram(values, shape, order) {
  const tensor = tf.tensor(values, shape);
  return order === undefined ? tensor : tf.transpose(tensor, order);
}

/** The way back. */
function toCheckpoint(tensor, order) {
  if (order === undefined) return tensor.clone();
  const back = order.map((_, axis) => order.indexOf(axis));
  return tf.transpose(tensor, back);
}

/** What a file of weights holds: a name, a layout and a variable for each parameter. */
function weightEntries(w) {
  return parameters.map(({ path, shape, order }) => ({
    name: path,
    shape,
    order,
    variable: variableAt(w, path),
  }));
}

/** The values of variables as the bytes of a safetensors file: float32 by name, axes in PyTorch's order. */
async function exportVariables(entries, metadata) {
  const tensors = new Map();
  for (const { name, shape, order, variable } of entries) {
    const tensor = toCheckpoint(variable, order);
    tensors.set(name, { shape, data: await tensor.data() });
    tensor.dispose();
  }
  return formatSafetensors(tensors, { model: 'Small', ...metadata });
}

/** Gives variables the values of a file. Nothing changes unless names and shapes fit, all of them. */
function importVariables(entries, tensors) {
  const problems = entries.flatMap(({ name, shape }) => {
    const found = tensors.get(name)?.shape;
    if (found === undefined) return [`${name} is missing`];
    if (found.join() === shape.join()) return [];
    return [`${name} is [${found.join(', ')}], not [${shape.join(', ')}]`];
  });
  const known = new Set(entries.map(({ name }) => name));
  for (const name of tensors.keys()) if (!known.has(name)) problems.push(`${name} is not of this model`);
  if (problems.length > 0) {
    const more = problems.length > 10 ? `\n  and ${problems.length - 10} more` : '';
    throw new RangeError(`the file does not fit the model:\n  ${problems.slice(0, 10).join('\n  ')}${more}`);
  }
  tf.tidy(() => {
    for (const { name, shape, order, variable } of entries) {
      variable.assign(toProgram(tensors.get(name).data, shape, order));
    }
  });
}

/** Weights and state as the bytes of a safetensors file. */
export function exportWeights(w) {
  return exportVariables(weightEntries(w), { format: 'netc-1' });
}

/** Takes over what `exportWeights` gave. Nothing changes unless it fits. */
export function importWeights(w, bytes) {
  importVariables(weightEntries(w), parseSafetensors(bytes).tensors);
}

/** Writes the weights to a file, whole or not at all. Node only. */
export async function saveWeights(w, file) {
  const { rename, rm, writeFile } = await import('node:fs/promises');
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, await exportWeights(w));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Reads weights from a file. Node only. */
export async function loadWeights(w, file) {
  const { readFile } = await import('node:fs/promises');
  importWeights(w, await readFile(file));
}

// -------- Training ------------------------------------------------------------------------

const optimizer = { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 1e-4, decay_all: false };

// Adam with decay apart from the gradient, by torch's formulas: p shrinks by lr * weight_decay, then steps.
// One step for one parameter and the state kept for it.
function adamw(parameter, gradient, slots, { rate, step, weight_decay }) {
  const { beta1, beta2, eps } = optimizer;
  tf.tidy(() => {
    const decayed = tf.mul(parameter, 1 - rate * weight_decay);
    const sum = tf.add(tf.mul(slots.sum, beta1), gradient);
    const squares = tf.add(tf.mul(slots.squares, beta2), tf.square(gradient));
    const correction = Math.sqrt((1 - beta2 ** step) / (1 - beta2));
    const stepSize = (rate * correction) / ((1 - beta1 ** step) / (1 - beta1));
    const epsilon = eps * correction;
    const root = tf.add(tf.sqrt(squares), epsilon);
    parameter.assign(tf.sub(decayed, tf.mul(tf.div(sum, root), stepSize)));
    slots.sum.assign(sum);
    slots.squares.assign(squares);
  });
}

/** Whether weight decay acts on a weight: not on biases, scales of norms and other vectors. */
function isDecayed({ path, shape, init }) {
  return optimizer.decay_all || (shape.length >= 2 && !/(^|\/)bias$/.test(path) && init.kind !== 'ones');
}

const schedule = { warmup: 4, total: 0 };

/** The learning rate of a step, counted from 0, when there are `steps` in all. The rate rises over 4 steps, then falls along half a cosine to 0 at the end. */
export function learningRate(step, steps = Infinity) {
  return optimizer.lr * scheduleFactor(step, steps);
}

function scheduleFactor(step, steps) {
  const { warmup, total } = schedule;
  if (step < warmup) return (step + 1) / warmup;
  const end = total > 0 ? total : steps;
  const progress = Math.min(1, (step - warmup) / Math.max(1, end - warmup));
  return (1 + Math.cos(Math.PI * progress)) / 2;
}

/** What training keeps between steps: the weights, the optimiser's state for each, and how many steps were taken. */
export function createTrainer(w, { steps = Infinity } = {}) {
  const trained = parameters.filter(({ role }) => role !== 'state');
  const variables = trained.map(({ path }) => variableAt(w, path));
  const decays = trained.map((row) => (isDecayed(row) ? optimizer.weight_decay : 0));
  const slots = tf.tidy(() =>
    variables.map((variable) => ({
      sum: tf.variable(tf.zerosLike(variable), false),
      squares: tf.variable(tf.zerosLike(variable), false),
    })),
  );
  return { w, variables, decays, slots, step: 0, steps };
}

/** What a file of a trainer holds: the weights, and each slot of the optimiser as `optimizer.SLOT/PATH`. */
function trainerEntries({ w, slots }) {
  const trained = parameters.filter(({ role }) => role !== 'state');
  const slotEntries = trained.flatMap(({ path, shape, order }, i) =>
    Object.entries(slots[i]).map(([slot, variable]) => ({
      name: `optimizer.${slot}/${path}`,
      shape,
      order,
      variable,
    })),
  );
  return [...weightEntries(w), ...slotEntries];
}

/**
 * All that a trainer keeps, as the bytes of a safetensors file. On the same backend, training goes on from there bit for
 * bit as if it had never stopped. No step may be taken before the bytes are there.
 */
export function exportTrainer(trainer) {
  return exportVariables(trainerEntries(trainer), { format: 'netc-trainer-1', step: String(trainer.step) });
}

/** Takes over what `exportTrainer` gave. Nothing changes unless it fits. The number of steps in all is not part of it. */
export function importTrainer(trainer, bytes) {
  const { tensors, metadata } = parseSafetensors(bytes);
  if (!/^\d+$/.test(metadata.step)) {
    throw new RangeError('the file does not say how many steps were taken: it is not of a trainer');
  }
  importVariables(trainerEntries(trainer), tensors);
  trainer.step = Number(metadata.step);
}

/**
 * One step: the weights and the state of the trainer change in place. `batch` has the tensors that the model and the
 * loss take, by name, axes as declared. Returns the loss before the step.
 */
export async function trainStep(trainer, batch) {
  const { w, variables, decays, slots } = trainer;
  const rate = learningRate(trainer.step, trainer.steps);
  const step = (trainer.step += 1);
  const lossValue = tf.tidy(() => {
    // A loss may be a weight or a target itself: a clone, which shares the number, is ours to dispose of.
    const lossNow = () => tf.clone(loss(model(batch, w, { training: true }), batch));
    const { value, grads } = tf.variableGrads(lossNow, variables);
    variables.forEach((variable, i) => {
      const gradient = grads[variable.name];
      // A weight that the loss does not depend on has no gradient, and stays.
      if (gradient === undefined) return;
      adamw(variable, gradient, slots[i], { rate, step, weight_decay: decays[i] });
    });
    return value;
  });
  const [number] = await lossValue.data();
  lossValue.dispose();
  return number;
}

/**
 * The loss and its gradients by path, axes in PyTorch's order, zero where the loss does not depend on a weight. In
 * training mode the running statistics change as in a step.
 */
export async function gradients(w, batch, { training = true } = {}) {
  const trained = parameters.filter(({ role }) => role !== 'state');
  const variables = trained.map(({ path }) => variableAt(w, path));
  const [lossValue, ...tensors] = tf.tidy(() => {
    const lossNow = () => tf.clone(loss(model(batch, w, { training }), batch));
    const { value, grads } = tf.variableGrads(lossNow, variables);
    const found = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    return [value, ...found.map((gradient, i) => toCheckpoint(gradient, trained[i].order))];
  });
  const byPath = new Map();
  for (const [i, tensor] of tensors.entries()) byPath.set(trained[i].path, await tensor.data());
  const [number] = await lossValue.data();
  tf.dispose([lossValue, ...tensors]);
  return { loss: number, gradients: byPath };
}

/** The loss and the outputs in inference mode. The outputs are the caller's to dispose. */
export async function evaluate(w, batch) {
  const { value, outputs } = tf.tidy(() => {
    const results = model(batch, w, { training: false });
    // An output may be a weight or an input itself, which is not the caller's: a clone shares its numbers.
    const clones = Object.entries(results).map(([name, tensor]) => [name, tf.clone(tensor)]);
    return { value: tf.clone(loss(results, batch)), outputs: Object.fromEntries(clones) };
  });
  const [number] = await value.data();
  value.dispose();
  return { loss: number, outputs };
}

// -------- Start ---------------------------------------------------------------------------

/** Starts the fastest backend that is installed: tfjs-node-gpu, tfjs-node, WASM, CPU. Returns its name. */
export async function chooseBackend() {
  const isNode = typeof process !== 'undefined';
  for (const name of isNode ? ['tfjs-node-gpu', 'tfjs-node'] : []) {
    try {
      await import(`@tensorflow/${name}`);
      if (await tf.setBackend('tensorflow')) return name;
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') console.warn(`${name} does not start: ${error.message}`);
    }
  }
  if (await useWasm()) return 'WASM';
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return 'CPU';
}

const usage = `Trains on ChestX-ray14.

  node small.train.mjs --data DIR [options]

  --data DIR      the data set: images, labels and lists as they are downloaded
  --steps N       steps to take            (default: 2 epochs)
  --batch N       samples in a step        (default: 8)
  --seed N        of weights and order     (default: 1)
  --weights FILE  weights to start from, safetensors
  --out FILE      where the weights go at the end
  --help          this text`;

class UsageError extends Error {}

function readOptions(args, parseArgs) {
  const names = ['data', 'steps', 'batch', 'seed', 'weights', 'out'];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  let values;
  try {
    ({ values } = parseArgs({ args, options: { ...options, help: { type: 'boolean' } } }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const whole = (name, minimum) => {
    const text = values[name];
    if (text === undefined) return undefined;
    const number = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= minimum) return number;
    throw new UsageError(`--${name} takes a whole number from ${minimum} up, not "${text}"`);
  };
  if (values.data === undefined && !values.help) {
    throw new UsageError('--data is missing: the folder of the data set');
  }
  const numbers = { steps: whole('steps', 1), batch: whole('batch', 1) ?? 8, seed: whole('seed', 0) ?? 1 };
  return { ...values, ...numbers };
}

async function main(args) {
  const { parseArgs } = await import('node:util');
  const { batchRanges, batches, readChestXray14 } = await import('./netc-runtime.mjs');
  const options = readOptions(args, parseArgs);
  if (options.help) {
    console.log(usage);
    return;
  }
  const { train } = await readChestXray14(options.data, labels);
  console.log(`backend ${await chooseBackend()}`);
  const w = createWeights(options.seed);
  if (options.weights !== undefined) await loadWeights(w, options.weights);

  const steps = options.steps ?? 2 * batchRanges(train.length, options.batch).length;
  const trainer = createTrainer(w, { steps });
  for (let epoch = 0; trainer.step < steps; epoch++) {
    const shuffle = { seed: options.seed, epoch };
    const augment = { ...shuffle, by: augmentation };
    for await (const read of batches(train, { size: options.batch, pixels, shuffle, augment })) {
      const batch = toTensors(read);
      const start = performance.now();
      const value = await trainStep(trainer, batch);
      const rate = (1000 * read.size) / (performance.now() - start);
      tf.dispose(batch);
      console.log(`step ${trainer.step}/${steps}  loss ${value.toFixed(6)}  ${rate.toFixed(2)} images/s`);
      if (!Number.isFinite(value)) throw new Error('the loss is no number any more: lower the learning rate');
      if (trainer.step === steps) break;
    }
  }
  if (options.out !== undefined) {
    await saveWeights(w, options.out);
    console.log(`weights in ${options.out}`);
  }
}

/** Whether this file is what `node` was started with; not so when it is imported, or in a browser. */
async function isEntryPoint() {
  const file = typeof process === 'undefined' ? undefined : process.argv?.[1];
  if (file === undefined) return false;
  const { existsSync, realpathSync } = await import('node:fs');
  const { pathToFileURL } = await import('node:url');
  return existsSync(file) && import.meta.url === pathToFileURL(realpathSync(file)).href;
}

if (await isEntryPoint()) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    const { renderUserError, UserError } = await import('./netc-runtime.mjs');
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${usage}`);
      process.exitCode = 2;
    } else if (error instanceof UserError) {
      console.error(renderUserError(error));
      process.exitCode = error.code.startsWith('R1') ? 3 : 5;
    } else {
      console.error(error);
      process.exitCode = 1;
    }
  }
}
