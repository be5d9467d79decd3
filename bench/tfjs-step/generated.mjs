/** A training step of the program that netc generates from models/densenet121.net, as its user would take it. */
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';

const CLASSES = 1000;

/** A function that takes one step each time and returns the loss before it. `program` is the file of the program. */
export async function prepare({ batch, size, program }) {
  const { chooseBackend, createTrainer, createWeights, trainStep } = await import(
    pathToFileURL(program).href
  );
  const backend = await chooseBackend();
  if (backend !== 'WASM') throw new Error(`the program chose ${backend}, and WASM is to be measured`);
  const image = tf.randomNormal([batch, 3, size, size], 0, 1, 'float32', 1);
  const classes = tf.tensor1d(Array.from({ length: batch }, (_, i) => i), 'int32'); // prettier-ignore
  const kind = tf.cast(tf.oneHot(classes, CLASSES), 'float32');
  const trainer = createTrainer(createWeights(), { steps: 10_000 });
  return () => trainStep(trainer, { image, kind });
}
