/**
 * Runs a generated training program in a process of its own, where TensorFlow.js cannot meet another copy of itself:
 *
 *     node tfjs-runner.mjs FOLDER PROGRAM.mjs TASK INPUT.safetensors OUTPUT.safetensors
 *
 * The task `network` takes the weights under `weight/PATH` beside the batch's tensors and gives `infer/OUTPUT` and
 * `train/OUTPUT` for each output of the model, `updated/PATH`, and, where the program has a loss, `train/loss` and
 * `gradient/PATH`. The task `loss` takes the loss' own tensors, of which `logits` is one and whole numbers are called
 * `int32/NAME`, and gives `loss`, `gradient` by the logits, and `rows`: the loss of each row alone.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, name, task, inputPath, outputPath] = process.argv.slice(2);
const inFolder = (file) => pathToFileURL(join(folder, file)).href;
const program = await import(inFolder(name));
const { formatSafetensors, parseSafetensors } = await import(inFolder('safetensors.mjs'));
const tf = createRequire(inFolder(name))('@tensorflow/tfjs-core');

console.log(await program.chooseBackend());
const { tensors: given } = parseSafetensors(new Uint8Array(await readFile(inputPath)));
const answer = new Map();

async function keep(key, tensor) {
  answer.set(key, { shape: tensor.shape, data: await tensor.data() });
}

async function runNetwork() {
  const weights = new Map();
  const batch = {};
  for (const [key, { shape, data }] of given) {
    if (key.startsWith('weight/')) weights.set(key.slice('weight/'.length), { shape, data });
    else batch[key] = tf.tensor(data, shape);
  }
  const w = program.createWeights();
  const bytes = formatSafetensors(weights);
  for (const training of [false, true]) {
    program.importWeights(w, bytes);
    const outputs = tf.tidy(() => program.model(batch, w, { training }));
    for (const [key, tensor] of Object.entries(outputs))
      await keep(`${training ? 'train' : 'infer'}/${key}`, tensor);
  }
  const shapes = new Map(program.parameters.map(({ path, shape }) => [path, shape]));
  const states = program.parameters.filter(({ role }) => role === 'state').map(({ path }) => path);
  const { tensors: updated } = parseSafetensors(await program.exportWeights(w));
  for (const path of states) answer.set(`updated/${path}`, updated.get(path));
  if (batch.known === undefined) return;
  program.importWeights(w, bytes);
  const { loss, gradients } = await program.gradients(w, batch);
  answer.set('train/loss', { shape: [1], data: Float32Array.of(loss) });
  for (const [path, data] of gradients) answer.set(`gradient/${path}`, { shape: shapes.get(path), data });
}

async function runLoss() {
  const tensors = Object.fromEntries(
    [...given].map(([key, { shape, data }]) => {
      const name = key.replace(/^int32\//, '');
      return [name, tf.tensor(data, shape, name === key ? 'float32' : 'int32')];
    }),
  );
  const { logits, ...labels } = tensors;
  const lossOf = (x, y) => program.loss({ logits: x }, y);
  const { value, grad } = tf.valueAndGrad((x) => lossOf(x, labels))(logits);
  await keep('loss', value);
  await keep('gradient', grad);
  // What has no row for each of the logits', such as the weights of classes, is the same for all.
  const row = (tensor, i) => (tensor.shape[0] === logits.shape[0] ? tf.slice(tensor, [i], [1]) : tensor);
  const rows = Array.from({ length: logits.shape[0] }, (_, i) =>
    tf.tidy(() => {
      const own = Object.entries(labels).map(([key, tensor]) => [key, row(tensor, i)]);
      return tf.reshape(lossOf(row(logits, i), Object.fromEntries(own)), [1]);
    }),
  );
  await keep('rows', tf.concat(rows));
}

await (task === 'loss' ? runLoss() : runNetwork());
await writeFile(outputPath, formatSafetensors(answer));
