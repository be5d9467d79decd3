import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GeneratedProgram, Trainer, WeightTree } from './generated.ts';
import { batchOf, programOf, valuesOf } from './recipe-source.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function step(program: GeneratedProgram, trainer: Trainer, number: number): Promise<void> {
  const batch = batchOf(number);
  await program.trainStep(trainer, batch);
  tf.dispose(batch);
}

function averagedOf({ averaged }: Trainer): WeightTree {
  if (averaged === undefined) throw new Error('the trainer has no average');
  return averaged;
}

describe('the average of weights', () => {
  const recipe = 'optimizer adam(lr: 0.01)\n  average ema(decay: 0.75)';

  it('follows weights and running statistics', async () => {
    const program = await programOf(recipe);
    const trainer = program.createTrainer(program.createWeights());
    const wanted = new Map([...(await valuesOf(program, trainer.w))].map(([path, v]) => [path, [...v]]));
    const tensors = tf.memory().numTensors;
    for (const number of [0, 1, 2, 3]) {
      await step(program, trainer, number);
      for (const [path, values] of await valuesOf(program, trainer.w)) {
        const before = wanted.get(path) ?? [];
        wanted.set(path, [...values].map((value, i) => 0.75 * (before[i] ?? NaN) + 0.25 * value)); // prettier-ignore
      }
    }
    expect(tf.memory().numTensors).toBe(tensors);
    const found = await valuesOf(program, averagedOf(trainer));
    expect(found.size).toBe(wanted.size);
    for (const [path, values] of found)
      values.forEach((value, i) => expect(value, path).toBeCloseTo(wanted.get(path)?.[i] ?? NaN, 6));
    // It follows the weights, and does not move them.
    const plain = await programOf('optimizer adam(lr: 0.01)');
    const other = plain.createTrainer(plain.createWeights());
    for (const number of [0, 1, 2, 3]) await step(plain, other, number);
    expect(await valuesOf(program, trainer.w)).toEqual(await valuesOf(plain, other.w));
  });

  it('follows the steps of the optimiser, not the batches', async () => {
    const program = await programOf(`${recipe}\n  accumulate 2`);
    const trainer = program.createTrainer(program.createWeights());
    const before = await valuesOf(program, averagedOf(trainer));
    await step(program, trainer, 0);
    expect(await valuesOf(program, averagedOf(trainer))).toEqual(before);
    await step(program, trainer, 1);
    expect(await valuesOf(program, averagedOf(trainer))).not.toEqual(before);
  });

  it('is in the file of a trainer, which goes on bit for bit', async () => {
    const program = await programOf(recipe);
    const whole = program.createTrainer(program.createWeights());
    for (const number of [0, 1]) await step(program, whole, number);
    const resumed = program.createTrainer(program.createWeights(9));
    program.importTrainer(resumed, await program.exportTrainer(whole));
    for (const trainer of [whole, resumed]) await step(program, trainer, 2);
    const [a, b] = [await program.exportTrainer(resumed), await program.exportTrainer(whole)];
    expect(Buffer.from(a).equals(b)).toBe(true);
    expect(await valuesOf(program, averagedOf(resumed))).toEqual(await valuesOf(program, averagedOf(whole)));
  });
});
