// Trains the program of a file for some steps on images of noise, and prints what it holds: one JSON object a line.
import { pathToFileURL } from 'node:url';

const [file, steps] = process.argv.slice(2);
const program = await import(pathToFileURL(file).href);
const tf = await import('@tensorflow/tfjs-core');
const { uniforms } = await import('../../src/compiler/random/generator.mjs');

const size = 8;
const { channels, height, width } = program.pixels;

await program.chooseBackend();
const trainer = program.createTrainer(program.createWeights(0), { steps: Number(steps) });
for (let step = 1; step <= Number(steps); step++) {
  const batch = program.toTensors({
    size,
    images: uniforms(size * channels * height * width, 0, 'images', step),
    labels: uniforms(size * program.labels.length, 0, 'labels', step).map(Math.round),
    known: new Float32Array(size * program.labels.length).fill(1),
  });
  await program.trainStep(trainer, batch);
  tf.dispose(batch);
  if (step !== 2 && step % 50 !== 0) continue;
  globalThis.gc();
  const resident = Math.round(process.memoryUsage().rss / 1e6);
  console.log(JSON.stringify({ step, tensors: tf.memory().numTensors, resident }));
}
