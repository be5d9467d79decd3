import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { optimizers } from '../../../../src/compiler/optimizers/registry.ts';
import { completeSettings } from '../../../../src/compiler/optimizers/setting.ts';
import { runSteps } from '../../optimizers/number-algebra.ts';
import type { GeneratedProgram, Trainer } from './generated.ts';
import { batchOf, programOf, valuesOf } from './recipe-source.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function train(program: GeneratedProgram, trainer: Trainer, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const batch = batchOf(number);
    await program.trainStep(trainer, batch);
    tf.dispose(batch);
  }
}

describe('accumulation of gradients', () => {
  const recipe = 'optimizer adam(lr: 0.01)\n  schedule cosine(warmup: 4)\n  accumulate 3';

  it('makes a step after so many batches, by the mean of their gradients', async () => {
    const program = await programOf(recipe);
    const trainer = program.createTrainer(program.createWeights(), { steps: 20 });
    const adam = optimizers.get('adam');
    if (adam === undefined) throw new Error('there is no adam');
    const path = 'y/weight';
    const start = [...((await valuesOf(program, trainer.w)).get(path) ?? [])];
    const means: number[][] = [];
    const rates: number[] = [];
    for (const first of [0, 3]) {
      const before = await valuesOf(program, trainer.w);
      const sums = start.map(() => 0);
      for (const number of [first, first + 1, first + 2]) {
        const probe = program.createWeights();
        program.importWeights(probe, await program.exportWeights(trainer.w));
        const { gradients } = await program.gradients(probe, batchOf(number));
        gradients.get(path)?.forEach((value, i) => (sums[i] = (sums[i] ?? NaN) + value));
        expect((await valuesOf(program, trainer.w)).get(path)).toEqual(before.get(path));
        await train(program, trainer, [number]);
      }
      means.push(sums.map((sum) => sum / 3));
      // That of the batch in which the step is made.
      rates.push(program.learningRate(first + 2, 20));
    }
    const { settings } = completeSettings(adam.settings, { lr: 0.01 });
    const wanted = runSteps(adam, settings, start, means, rates).at(-1) ?? [];
    (await valuesOf(program, trainer.w))
      .get(path)
      ?.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 5));
    expect(trainer.step).toBe(6);
  });

  it('lets batch norms go by each batch', async () => {
    const program = await programOf(recipe);
    const trainer = program.createTrainer(program.createWeights());
    const before = await valuesOf(program, trainer.w);
    await train(program, trainer, [0]);
    const after = await valuesOf(program, trainer.w);
    const mean = 'features/batch_norm/running_mean';
    expect(after.get(mean)).not.toEqual(before.get(mean));
  });

  it('comes before clipping', async () => {
    const program = await programOf('optimizer sgd(1)\n  clip norm(0.001)\n  accumulate 2');
    const trainer = program.createTrainer(program.createWeights());
    const before = await valuesOf(program, trainer.w);
    await train(program, trainer, [0, 1]);
    const after = await valuesOf(program, trainer.w);
    const trained = program.parameters.filter(({ role }) => role !== 'state');
    const steps = trained.flatMap(({ path }) =>
      [...(before.get(path) ?? [])].map((value, i) => value - (after.get(path)?.[i] ?? NaN)),
    );
    expect(Math.hypot(...steps)).toBeCloseTo(0.001, 5);
  });

  it('goes on bit for bit from between two steps, and holds the number of tensors', async () => {
    const program = await programOf(recipe);
    const whole = program.createTrainer(program.createWeights(), { steps: 9 });
    const tensors = tf.memory().numTensors;
    await train(program, whole, [0, 1, 2, 3]);
    expect(tf.memory().numTensors).toBe(tensors);
    const resumed = program.createTrainer(program.createWeights(9), { steps: 9 });
    program.importTrainer(resumed, await program.exportTrainer(whole));
    await train(program, whole, [4, 5, 6]);
    await train(program, resumed, [4, 5, 6]);
    const [a, b] = [await program.exportTrainer(resumed), await program.exportTrainer(whole)];
    expect(Buffer.from(a).equals(b)).toBe(true);
  });
});
