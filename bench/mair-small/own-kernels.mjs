/**
 * A training step of the program that netc generates from models/mair-small.net on the kernels of TensorFlow.js alone: those of its
 * CPU backend, since its WebAssembly has none for the gradient of a convolution. `own-kernels.mjs PROGRAM` writes the milliseconds for
 * an image, of the second step: the first compiles.
 */
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

/** A step takes a quarter of a minute for each. */
const IMAGES = 1;

const { createTrainer, createWeights, pixels, labels, toTensors, trainStep } = await import(
  pathToFileURL(process.argv[2]).href
);
await tf.setBackend('cpu');
const { height, width, channels } = pixels;
const numbers = (length) => Float32Array.from({ length }, (_, i) => Math.sin(i));
const batch = {
  size: IMAGES,
  images: numbers(IMAGES * channels * height * width),
  labels: new Float32Array(IMAGES * labels.length),
  known: new Float32Array(IMAGES * labels.length).fill(1),
};
const trainer = createTrainer(createWeights(0), { steps: 2, seed: 0 });
let milliseconds;
for (let step = 0; step < 2; step++) {
  const start = performance.now();
  await trainStep(trainer, toTensors(batch));
  milliseconds = (performance.now() - start) / IMAGES;
}
process.stdout.write(`${milliseconds}\n`);
