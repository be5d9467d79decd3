import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileModel, type CompiledModel } from '../../cli/compile-model.ts';
import { loadProgram } from '../../cli/train/load-program.ts';
import { makeStepProgram } from '../../cli/train/step-program.ts';
import { imageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { uniforms } from '../../src/compiler/random/generator.mjs';
import type { Batch } from '../../src/runtime/batches.ts';
import { decodeSafetensors, type SafeTensor } from '../../src/runtime/safetensors.ts';
import type { Engine } from '../../src/runtime/training/engine.ts';
import { startOrtEngine } from '../../src/runtime/training/ort-engine.ts';
import { startTfjsEngine } from '../../src/runtime/training/tfjs-engine.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';

const root = await temporaryFolder();
const labels = ['Effusion', 'Cardiomegaly', 'Mass'];

/** Has weights, state, a random layer, and a weight that the loss does not depend on. */
const source = (optimizer: string): string => `language 1

labels Findings = ${JSON.stringify(labels)}

model Tiny(classes: labels = Findings) {
  input image: [N, C: 1, H: 16, W: 16] from pixels(mean: [0.5], std: [0.25])
  features = image |> conv(C -> C: 4, over: [H: 3, W: 3], bias: false) |> batch_norm(C) |> relu
  pooled = features |> max_pool(over: [H: 2, W: 2], stride: 2) |> mean(over: [H, W]) |> dropout(0.25)
  logits = pooled |> linear(C -> K: classes)
  aside = pooled |> linear(C -> K: 2)
  output logits
  output probability = sigmoid(logits) labels classes
  output aside
}

train Tiny {
  target findings: [N, K: classes]
  weight known: [N, K: classes]
  loss = mean(known * (softplus(logits) - findings * logits), over: [N, K])
  optimizer ${optimizer}
  schedule cosine(warmup: 3)
  batch 8
  epochs 3
}
`;

const options = { seed: 3, steps: 20, scores: 'logits' };

async function modelOf(optimizer: string): Promise<CompiledModel> {
  const file = join(root, `tiny-${optimizer.replace(/\W+/g, '-')}.net`);
  await writeFile(file, source(optimizer));
  const model = await compileModel(file, { set: {} }, () => undefined);
  if (model === undefined) throw new Error('the model does not compile');
  return model;
}

async function ortEngine(model: CompiledModel): Promise<Engine> {
  const recipe = imageRecipe(model.module);
  if (recipe === undefined) throw new Error('the model is no classifier of images');
  const { program } = await makeStepProgram(model.module, recipe, { sourceSha256: '', batch: 8 });
  if (program === undefined) throw new Error('the model has no step');
  return startOrtEngine(program, { ...options, threads: 1 });
}

async function tfjsEngine(model: CompiledModel): Promise<Engine> {
  return startTfjsEngine(await loadProgram(model, ''), options);
}

/** Reproducible images and labels. */
function batchOf(size: number, index: number): Batch {
  return {
    index,
    size,
    images: uniforms(size * 256, index, 'images').map((u) => 2 * u - 1),
    labels: uniforms(size * 3, index, 'labels').map((u) => (u < 0.5 ? 0 : 1)),
    known: uniforms(size * 3, index, 'known').map((u) => (u < 0.1 ? 0 : 1)),
    samples: [],
  };
}

function numbersOf(tensor: Pick<SafeTensor, 'data'> | undefined): readonly number[] {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('a tensor is missing or not of float32');
  return [...tensor.data];
}

/** The largest difference between the tensors of two states, as a share of the largest value in the tensor. */
function expectSameState(actual: Uint8Array, expected: Uint8Array, tolerance: number): void {
  const [a, b] = [decodeSafetensors(actual, 'a'), decodeSafetensors(expected, 'b')];
  expect([...a.tensors.keys()].sort()).toEqual([...b.tensors.keys()].sort());
  expect(a.metadata).toEqual(b.metadata);
  for (const [name, { shape, data }] of b.tensors) {
    const other = a.tensors.get(name);
    expect(other?.shape, name).toEqual(shape);
    const [values, wanted] = [numbersOf(other), numbersOf({ data })];
    const scale = Math.max(1e-6, ...wanted.map(Math.abs));
    wanted.forEach((value, i) => {
      const error = Math.abs((values[i] ?? NaN) - value) / scale;
      expect(error, `${name}[${i}]`).toBeLessThanOrEqual(tolerance);
    });
  }
}

/** Three steps of float32 on other kernels; what Adam makes of a gradient next to 0 is as large as of any other. */
const tolerance = 1e-4;

describe.each([
  'sgd(lr: 0.1, momentum: 0.9, nesterov: true)',
  'sgd(lr: 0.1, weight_decay: 1)\n  clip norm(0.1)',
  'rmsprop(lr: 0.01, eps: 1e-3, momentum: 0.9, centered: true)\n  clip value(0.01)',
  'adam(lr: 0.01)',
  'adamw(lr: 0.01, weight_decay: 10)',
  'lion(lr: 0.01, weight_decay: 1)',
  'sgd(lr: 0.1, momentum: 0.9)\n  average ema(0.5)',
  'sgd(lr: 0.1)\n  accumulate 2\n  clip norm(0.1)',
  'adam(lr: 0.01)\n  accumulate 3\n  average ema(0.9)',
])('the step graph with %s', (optimizer) => {
  let model: CompiledModel;
  beforeAll(async () => {
    model = await modelOf(optimizer);
  });

  test('computes what the TensorFlow.js program does, batches of all sizes', async () => {
    const [ours, theirs] = [await ortEngine(model), await tfjsEngine(model)];
    for (const [i, size] of [8, 8, 5].entries()) {
      expect(ours.rate).toBe(theirs.rate);
      const batch = batchOf(size, i);
      const [loss, expected] = [await ours.trainOn(batch), await theirs.trainOn(batch)];
      expect(Math.abs(loss - expected)).toBeLessThan(1e-5);
    }
    expectSameState(await ours.exportState(), await theirs.exportState(), tolerance);
    expectSameState(await ours.exportWeights(), await theirs.exportWeights(), tolerance);
    const [mine, other] = [await ours.evaluate(batchOf(7, 9)), await theirs.evaluate(batchOf(7, 9))];
    expect(Math.abs(mine.loss - other.loss)).toBeLessThan(1e-4);
    ours.close();
    theirs.close();
  });

  test('goes on bit for bit from a state', async () => {
    const whole = await ortEngine(model);
    for (const i of [0, 1, 2, 3]) await whole.trainOn(batchOf(8, i));
    const begun = await ortEngine(model);
    for (const i of [0, 1]) await begun.trainOn(batchOf(8, i));
    const resumed = await ortEngine(model);
    resumed.importState(await begun.exportState());
    expect(resumed.step).toBe(2);
    for (const i of [2, 3]) await resumed.trainOn(batchOf(8, i));
    expect(Buffer.from(await resumed.exportState()).equals(await whole.exportState())).toBe(true);
    for (const engine of [whole, begun, resumed]) engine.close();
  });

  test('takes over a state of the other engine, and refuses one of another model', async () => {
    const [ours, theirs] = [await ortEngine(model), await tfjsEngine(model)];
    await theirs.trainOn(batchOf(8, 0));
    const state = await theirs.exportState();
    ours.importState(state);
    expectSameState(await ours.exportState(), state, 0);
    const other = await ortEngine(await modelOf(optimizer.startsWith('adam') ? 'sgd(lr: 1)' : 'adam(lr: 1)'));
    expect(() => other.importState(state)).toThrow(/is missing|is not of this model/);
    for (const engine of [ours, theirs, other]) engine.close();
  });
});
