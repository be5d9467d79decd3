import { compileModel } from '../../cli/compile-model.ts';
import { startEngine } from '../../cli/train/start-engine.ts';
import { imageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { batches, batchRanges, type BatchOptions } from '../../src/runtime/batches.ts';
import { readChestXray14 } from '../../src/runtime/chestxray14.ts';
import { ImageCache } from '../../src/runtime/image-cache.ts';
import { evaluateSamples } from '../../src/runtime/training/evaluate-samples.ts';
import { tableOf } from '../../src/runtime/training/auc-measure.ts';

/** What a training by both engines came to: the mean AUC on the test list, and each epoch's milliseconds for an image. */
export interface Trained {
  readonly auc: { readonly ort: number; readonly tfjs: number };
  readonly times: { readonly ort: readonly number[]; readonly tfjs: readonly number[] };
}

/**
 * Trains a model by both engines on the same batches, an epoch at a time: `child.ts MODEL DATA EPOCHS SEED`. Writes a line of
 * JSON. Images are read ahead meanwhile, on the same processors, as `netc train` reads them.
 */
const [file = '', folder = '', epochs = '', seedText = ''] = process.argv.slice(2);
const seed = Number(seedText);
const model = await compileModel(file, { set: {} }, (diagnostics) => {
  for (const { message } of diagnostics) process.stderr.write(`${message}\n`);
});
const recipe = model && imageRecipe(model.module);
const batch = model?.module.training?.batch;
if (model === undefined || recipe === undefined || batch === undefined)
  throw new Error(`${file} cannot be trained`);
const { labels, pixels, augmentation } = recipe;
const data = await readChestXray14(folder, labels);
const steps = Number(epochs) * batchRanges(data.train.length, batch).length;
const request = {
  model,
  recipe,
  provider: 'cpu',
  seed,
  batch,
  steps,
  debugNan: false,
  memoryBudget: undefined,
} as const;
const engineOf = async (name: 'ort' | 'tfjs') => {
  const { engine, diagnostics } = await startEngine({ ...request, engine: name });
  if (engine === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return { engine, times: [] as number[] };
};
const engines = [await engineOf('ort'), await engineOf('tfjs')] as const;
const cache = new ImageCache(2 ** 29);
for (let epoch = 0; epoch < Number(epochs); epoch++) {
  const augment = augmentation && { augment: { seed, epoch, by: augmentation } };
  const reading: BatchOptions = { size: batch, pixels, shuffle: { seed, epoch }, cache, ...augment };
  for (const { engine, times } of engines) {
    const start = performance.now();
    for await (const read of batches(data.train, reading)) await engine.trainOn(read);
    // In the first epoch images are decoded, and sessions made.
    if (epoch > 0) times.push((performance.now() - start) / data.train.length);
  }
}
const aucOf = async ({ engine }: (typeof engines)[number]): Promise<number> => {
  const { scores } = await evaluateSamples(engine, data.test, { size: batch, pixels, cache });
  return tableOf(labels, data.test, scores).mean.auc ?? NaN;
};
const [ort, tfjs] = engines;
const trained: Trained = {
  auc: { ort: await aucOf(ort), tfjs: await aucOf(tfjs) },
  times: { ort: ort.times, tfjs: tfjs.times },
};
process.stdout.write(`${JSON.stringify(trained)}\n`);
for (const { engine } of engines) engine.close();
