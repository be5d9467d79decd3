import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useWasm } from '../../../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';
import { optimizers } from '../../../../src/compiler/optimizers/registry.ts';
import { completeSettings } from '../../../../src/compiler/optimizers/setting.ts';
import { readSafetensors } from '../../../../src/runtime/safetensors.ts';
import { checkGradient } from '../../../../src/verify/check-gradient.ts';
import { array, graphOf } from '../../../support/model-graph.ts';
import { randomNumbers } from '../../../support/random-values.ts';
import { optimizerCases } from '../../optimizers/cases.ts';
import { runSteps } from '../../optimizers/number-algebra.ts';
import { compiled } from './compiled.ts';
import {
  inProgramFolder,
  loadProgram,
  type GeneratedProgram,
  type Tensors,
  type Trainer,
} from './generated.ts';

/** A small network with a convolution, a batch norm and a recipe. */
function source(recipe: string): string {
  return `language 1
loss SquaredError()(y: [N, K], target: [N, K]) -> [] {
  return mean((y - target) * (y - target), over: [N, K])
}
model Small() {
  input image: [N, C: 2, H: 5, W: 4]
  features = image |> conv(C -> C: 3, over: [H: 3, W: 3], bias: false) |> batch_norm(C) |> relu
  y = features |> mean(over: [H, W]) |> linear(C -> K: 2)
  unused = image |> mean(over: [H, W]) |> linear(C -> K: 2)
  output y
  output unused
}
train Small {
  target wanted: [N, K: 2]
  loss = SquaredError()(y, wanted)
  ${recipe}
  batch 4
  seed 5
}
`;
}

function batchOf(): Tensors {
  return {
    image: tf.tensor(randomNumbers(160, 1), [4, 2, 5, 4]),
    wanted: tf.tensor(randomNumbers(8, 2), [4, 2]),
  };
}

/** The values of all parameters by path, as a checkpoint has them. */
async function valuesOf(program: GeneratedProgram, w: ReturnType<GeneratedProgram['createWeights']>) {
  return inProgramFolder(async (folder) => {
    const file = join(folder, 'w.safetensors');
    await program.saveWeights(w, file);
    expect(await readdir(folder)).toEqual(['w.safetensors']);
    return (await readSafetensors(file)).tensors;
  });
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a training step', () => {
  let program: GeneratedProgram;
  beforeAll(async () => {
    program = await loadProgram(compiled(source('optimizer adamw(lr: 0.01)\n  schedule cosine(warmup: 2)')));
  });

  it('lowers the loss, and holds the number of tensors', async () => {
    const batch = batchOf();
    const trainer = program.createTrainer(program.createWeights(), { steps: 40 });
    const losses = [await program.trainStep(trainer, batch)];
    const tensors = tf.memory().numTensors;
    for (let step = 1; step < 30; step++) {
      losses.push(await program.trainStep(trainer, batch));
      expect(tf.memory().numTensors).toBe(tensors);
    }
    expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? NaN));
    expect(trainer.step).toBe(30);
  });

  it('depends on the seed alone', async () => {
    const run = async (seed?: number): Promise<number[]> => {
      const trainer = program.createTrainer(program.createWeights(seed));
      const batch = batchOf();
      return [await program.trainStep(trainer, batch), await program.trainStep(trainer, batch)];
    };
    expect(await run()).toEqual(await run(5));
    expect(await run()).not.toEqual(await run(6));
  });

  it('leaves weights that the loss does not depend on', async () => {
    const w = program.createWeights();
    const before = await valuesOf(program, w);
    await program.trainStep(program.createTrainer(w), batchOf());
    const after = await valuesOf(program, w);
    expect(after.get('unused/weight')).toEqual(before.get('unused/weight'));
    expect(after.get('y/weight')).not.toEqual(before.get('y/weight'));
    expect(after.get('features/batch_norm/running_mean')).not.toEqual(
      before.get('features/batch_norm/running_mean'),
    );
    const { gradients } = await program.gradients(w, batchOf());
    expect(gradients.get('unused/bias')).toEqual(new Float32Array(2));
  });

  it('is not what evaluation does', async () => {
    const w = program.createWeights();
    const before = await valuesOf(program, w);
    const tensors = tf.memory().numTensors;
    const batch = batchOf();
    const { loss, outputs } = await program.evaluate(w, batch);
    expect(loss).toBeGreaterThan(0);
    expect(Object.keys(outputs)).toEqual(['y', 'unused']);
    tf.dispose([outputs, batch]);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await valuesOf(program, w)).toEqual(before);
  });

  it('gives outputs away that are weights or inputs themselves, and keeps these', async () => {
    const given = await loadProgram(
      compiled(`language 1
model Given() {
  input x: [N, K: 2]
  param scale: [K: 2] = ones
  y = x * scale
  output y
  output weight = scale
  output input = x
}
train Given {
  target wanted: [N, K: 2]
  loss = mean((y - wanted) * (y - wanted), over: [N, K])
  optimizer sgd(lr: 0.1)
  batch 3
}
`),
    );
    const w = given.createWeights();
    const batch: Tensors = { x: tf.ones([3, 2]), wanted: tf.zeros([3, 2]) };
    const { outputs } = await given.evaluate(w, batch);
    tf.dispose(outputs);
    expect((await given.evaluate(w, batch)).loss).toBe(1);
  });

  it('takes a loss that is a weight itself, and keeps it', async () => {
    const itself = await loadProgram(
      compiled(`language 1
model Itself() {
  input x: [N, K: 2]
  param height: [] = ones
  output y = height
  output z = x
}
train Itself {
  loss = y
  optimizer sgd(lr: 0.25)
  batch 3
}
`),
    );
    const trainer = itself.createTrainer(itself.createWeights());
    const batch: Tensors = { x: tf.ones([3, 2]) };
    expect([await itself.trainStep(trainer, batch), await itself.trainStep(trainer, batch)]).toEqual([
      1, 0.75,
    ]);
    const { loss, gradients } = await itself.gradients(trainer.w, batch);
    expect([loss, gradients.get('height')]).toEqual([0.5, new Float32Array([1])]);
    const { loss: evaluated, outputs } = await itself.evaluate(trainer.w, batch);
    tf.dispose(outputs);
    expect(evaluated).toBe(0.5);
    expect((await itself.evaluate(trainer.w, batch)).loss).toBe(0.5);
  });

  it('refuses a batch of another shape', () => {
    const image = tf.zeros([4, 2, 5, 5]);
    expect(() => program.model({ image }, program.createWeights())).toThrow(
      'image has the shape [4, 2, 5, 5], and should have [any, 2, 5, 4]',
    );
  });
});

describe.each(['cpu', 'wasm'])('gradients on %s', (backend) => {
  const module = compiled(source('optimizer sgd(lr: 0.1)'));
  let program: GeneratedProgram;
  beforeAll(async () => {
    if (backend === 'wasm') await useWasm();
    else await tf.setBackend(backend);
    program = await loadProgram(module);
  });
  afterAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([true, false])('are those of the interpreter, training: %s', async (training) => {
    const graph = graphOf(module, { mode: training ? 'train' : 'infer', entry: 'training' });
    const w = program.createWeights();
    // Away from the initial statistics, on which half of a batch norm could be missing unseen.
    await program.gradients(w, batchOf());
    const values = await valuesOf(program, w);
    const tensors = tf.memory().numTensors;
    const batch = batchOf();
    const found = await program.gradients(w, batch, { training });
    if (!training) {
      const { loss, outputs } = await program.evaluate(w, batch);
      expect(loss).toBeCloseTo(found.loss, 6);
      tf.dispose(outputs);
      expect(await valuesOf(program, w)).toEqual(values);
    }
    tf.dispose(batch);
    expect(tf.memory().numTensors).toBe(tensors);
    const { relative } = await checkGradient({
      graph,
      inputs: new Map([
        ['image', array({ N: 4, C: 2, H: 5, W: 4 }, Float64Array.from(randomNumbers(160, 1), Math.fround))],
        ['wanted', array({ N: 4, K: 2 }, Float64Array.from(randomNumbers(8, 2), Math.fround))],
      ]),
      weights: new Map([...values].map(([path, { data }]) => [path, Float32Array.from(data, Number)])),
      reach: 100,
      gradientsAt: () => Promise.resolve(found.gradients),
    });
    expect(relative()).toBeLessThan(1e-5);
  });
});

describe('weights in files', () => {
  let program: GeneratedProgram;
  beforeAll(async () => {
    program = await loadProgram(compiled(source('optimizer sgd(lr: 0.1)')));
  });

  it('come back as they were, in the order of a checkpoint', async () => {
    const w = program.createWeights(1);
    const other = program.createWeights(2);
    const bytes = await program.exportWeights(w);
    program.importWeights(other, bytes);
    expect(Buffer.from(await program.exportWeights(other)).equals(Buffer.from(bytes))).toBe(true);
    const saved = await valuesOf(program, other);
    expect(saved.get('features/conv/weight')?.shape).toEqual([3, 2, 3, 3]);
    expect(saved.size).toBe(program.parameters.length);
  });

  it('are read from any place in a buffer', async () => {
    const w = program.createWeights(1);
    await inProgramFolder(async (folder) => {
      const file = join(folder, 'w.safetensors');
      await program.saveWeights(w, file);
      await program.loadWeights(program.createWeights(2), file);
      const shifted = Buffer.concat([Buffer.from('123'), await readFile(file)]).subarray(3);
      program.importWeights(program.createWeights(2), shifted);
      await writeFile(file, (await readFile(file)).subarray(0, -4));
      await expect(program.loadWeights(w, file)).rejects.toThrow('it was cut off');
    });
  });

  it('that do not fit are refused, and change nothing', async () => {
    const wide = await loadProgram(compiled(source('optimizer sgd(lr: 0.1)').replaceAll('C: 3', 'C: 4').replaceAll('unused', 'spare'))); // prettier-ignore
    const w = program.createWeights(1);
    const before = await valuesOf(program, w);
    const bytes = await wide.exportWeights(wide.createWeights());
    expect(() => program.importWeights(w, bytes)).toThrow(/unused\/weight is missing/);
    expect(() => program.importWeights(w, bytes)).toThrow(
      /features\/conv\/weight is \[4, 2, 3, 3\], not \[3, 2, 3, 3\]/,
    );
    expect(() => program.importWeights(w, bytes)).toThrow(/spare\/weight is not of this model/);
    expect(await valuesOf(program, w)).toEqual(before);
    expect(() => program.importWeights(w, new Uint8Array(5))).toThrow('too short');
  });
});

describe.each(['cpu', 'wasm'])('a trainer in a file, on %s', (backend) => {
  let program: GeneratedProgram;
  beforeAll(async () => {
    if (backend === 'wasm') await useWasm();
    else await tf.setBackend(backend);
    program = await loadProgram(compiled(source('optimizer adamw(lr: 0.01)\n  schedule cosine(warmup: 2)')));
  });
  afterAll(async () => {
    await tf.setBackend('cpu');
  });

  it('goes on bit for bit as if it had not stopped', async () => {
    const batch = batchOf();
    const train = async (trainer: Trainer, steps: number): Promise<number[]> => {
      const losses: number[] = [];
      for (let step = 0; step < steps; step++) losses.push(await program.trainStep(trainer, batch));
      return losses;
    };
    const undisturbed = program.createTrainer(program.createWeights(), { steps: 9 });
    await train(undisturbed, 4);
    const bytes = await program.exportTrainer(undisturbed);
    const resumed = program.createTrainer(program.createWeights(99), { steps: 9 });
    await train(resumed, 2);
    program.importTrainer(resumed, bytes);
    expect(resumed.step).toBe(4);
    expect(Buffer.from(await program.exportTrainer(resumed)).equals(bytes)).toBe(true);

    expect(await train(resumed, 5)).toEqual(await train(undisturbed, 5));
    const [a, b] = [await program.exportTrainer(resumed), await program.exportTrainer(undisturbed)];
    expect(Buffer.from(a).equals(b)).toBe(true);
    expect(Buffer.from(a).equals(bytes)).toBe(false);
  });

  it('leaves no tensors behind', async () => {
    const trainer = program.createTrainer(program.createWeights());
    const before = tf.memory().numTensors;
    program.importTrainer(trainer, await program.exportTrainer(trainer));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the file of a trainer', () => {
  const adamw = 'optimizer adamw(lr: 0.01)';
  const load = (recipe: string): Promise<GeneratedProgram> => loadProgram(compiled(source(recipe)));

  it('holds weights and slots in the layout of a checkpoint, and the step', async () => {
    const program = await load(adamw);
    const trainer = program.createTrainer(program.createWeights());
    await program.trainStep(trainer, batchOf());
    await inProgramFolder(async (folder) => {
      const file = join(folder, 'trainer.safetensors');
      await writeFile(file, await program.exportTrainer(trainer));
      const { tensors, metadata } = await readSafetensors(file);
      expect(metadata).toEqual({ format: 'netc-trainer-1', model: 'Small', step: '1' });
      const trained = program.parameters.filter(({ role }) => role !== 'state');
      expect([...tensors.keys()].sort()).toEqual(
        [
          ...program.parameters.map(({ path }) => path),
          ...trained.flatMap(({ path }) => [`optimizer.sum/${path}`, `optimizer.squares/${path}`]),
        ].sort(),
      );
      // After the first step the sum is the gradient.
      const { gradients } = await program.gradients(program.createWeights(), batchOf());
      const sum = tensors.get('optimizer.sum/features/conv/weight');
      expect(sum?.shape).toEqual([3, 2, 3, 3]);
      gradients
        .get('features/conv/weight')
        ?.forEach((value, i) => expect(Number(sum?.data[i])).toBeCloseTo(value, 6));
    });
  });

  it('that does not fit is refused, and changes nothing', async () => {
    const program = await load(adamw);
    const trainer = program.createTrainer(program.createWeights());
    await program.trainStep(trainer, batchOf());
    const before = await program.exportTrainer(trainer);
    const refused = (bytes: Uint8Array, message: string | RegExp): void =>
      expect(() => program.importTrainer(trainer, bytes)).toThrow(message);

    refused(await program.exportWeights(trainer.w), 'it is not of a trainer');
    const sgd = await load('optimizer sgd(lr: 0.1, momentum: 0.9)');
    const other = await sgd.exportTrainer(sgd.createTrainer(sgd.createWeights()));
    refused(other, 'optimizer.sum/features/conv/weight is missing');
    const wide = await loadProgram(compiled(source(adamw).replaceAll('C: 3', 'C: 4')));
    refused(
      await wide.exportTrainer(wide.createTrainer(wide.createWeights())),
      /optimizer\.sum\/features\/conv\/weight is \[4, 2, 3, 3\], not \[3, 2, 3, 3\]/,
    );
    refused(before.subarray(0, -4), 'it was cut off');
    expect(() => program.importWeights(trainer.w, before)).toThrow('is not of this model');
    expect(Buffer.from(await program.exportTrainer(trainer)).equals(before)).toBe(true);
    expect(trainer.step).toBe(1);
  });
});

describe.each(optimizerCases)('the step of %s with %o', (name, given) => {
  it('is that of its definition', async () => {
    const optimizer = optimizers.get(name);
    if (optimizer === undefined) throw new Error(`there is no optimiser ${name}`);
    const { settings } = completeSettings(optimizer.settings, given);
    const args = Object.entries(settings).map(([key, value]) => `${key}: ${value}`);
    const program = await loadProgram(compiled(source(`optimizer ${name}(${args.join(', ')})`)));
    const w = program.createWeights();
    const trainer = program.createTrainer(w);
    const path = 'y/weight';
    const [start, gradients, rates] = [(await valuesOf(program, w)).get(path)?.data ?? [], [] as number[][], [] as number[]]; // prettier-ignore
    for (let step = 0; step < 4; step++) {
      const probe = program.createWeights();
      program.importWeights(probe, await program.exportWeights(w));
      gradients.push([...((await program.gradients(probe, batchOf())).gradients.get(path) ?? [])]);
      rates.push(program.learningRate(step));
      await program.trainStep(trainer, batchOf());
    }
    const wanted = runSteps(optimizer, settings, [...start].map(Number), gradients, rates).at(-1) ?? [];
    const got = (await valuesOf(program, w)).get(path)?.data ?? [];
    [...got].forEach((value, i) => expect(Number(value)).toBeCloseTo(wanted[i] ?? NaN, 5));
  });
});

describe('the learning rate', () => {
  const rates = async (
    schedule: string,
    steps: number | undefined,
    at: readonly number[],
  ): Promise<number[]> => {
    const program = await loadProgram(compiled(source(`optimizer sgd(lr: 2)\n  schedule ${schedule}`)));
    return at.map((step) => program.learningRate(step, steps));
  };

  it('stays', async () => {
    expect(await rates('constant()', 10, [0, 5, 9])).toEqual([2, 2, 2]);
  });

  it('rises and falls along a cosine', async () => {
    const [first, last, top, middle, end] = await rates('cosine(warmup: 4)', 14, [0, 3, 4, 9, 14]);
    expect([first, last, top]).toEqual([0.5, 2, 2]);
    expect(middle).toBeCloseTo(1, 12);
    expect(end).toBeCloseTo(0, 12);
  });

  it('stays at the top where the end is not known, and ends where the recipe says', async () => {
    expect(await rates('cosine()', undefined, [0, 1000])).toEqual([2, 2]);
    expect((await rates('cosine(total: 10)', undefined, [10, 20])).map((rate) => Math.round(rate))).toEqual([
      0, 0,
    ]);
  });

  it('falls in steps', async () => {
    expect(await rates('step(every: 3, factor: 0.5)', 9, [0, 2, 3, 6])).toEqual([2, 2, 1, 0.5]);
  });
});
