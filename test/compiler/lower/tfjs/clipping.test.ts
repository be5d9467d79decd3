import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useWasm } from '../../../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';
import { batchOf, programOf, valuesOf } from './recipe-source.ts';

/** The gradients of the first step, and the steps that plain descent of rate 1 takes with them when they are clipped. */
async function stepWith(clip: string) {
  const program = await programOf(`optimizer sgd(lr: 1)\n  clip ${clip}`);
  const trainer = program.createTrainer(program.createWeights());
  const before = await valuesOf(program, trainer.w);
  const { gradients } = await program.gradients(program.createWeights(), batchOf());
  const tensors = tf.memory().numTensors;
  const batch = batchOf();
  await program.trainStep(trainer, batch);
  tf.dispose(batch);
  expect(tf.memory().numTensors).toBe(tensors);
  const after = await valuesOf(program, trainer.w);
  const flat: number[] = [];
  const steps: number[] = [];
  for (const [path, gradient] of gradients) {
    flat.push(...gradient);
    steps.push(...gradient.map((_, i) => (before.get(path)?.[i] ?? NaN) - (after.get(path)?.[i] ?? NaN)));
  }
  return { gradients: flat, steps };
}

function expectClose(found: readonly number[], wanted: readonly number[]): void {
  expect(Math.max(...found.map((value, i) => Math.abs(value - (wanted[i] ?? NaN))))).toBeLessThan(1e-6);
}

describe.each(['cpu', 'wasm'])('clipping on %s', (backend) => {
  beforeAll(async () => {
    if (backend === 'wasm') await useWasm();
    else await tf.setBackend(backend);
  });
  afterAll(async () => {
    await tf.setBackend('cpu');
  });

  it('makes all gradients together as long as the norm', async () => {
    const { gradients, steps } = await stepWith('norm(0.125)');
    const norm = Math.hypot(...gradients);
    expect(norm).toBeGreaterThan(0.25);
    expectClose(steps, gradients.map((g) => (g * 0.125) / (norm + 1e-6))); // prettier-ignore
    expect(Math.hypot(...steps)).toBeCloseTo(0.125, 5);
  });

  it('leaves what is shorter', async () => {
    const { gradients, steps } = await stepWith('norm(max: 1e3)');
    expectClose(steps, gradients);
  });

  it('holds each element in its range', async () => {
    const { gradients, steps } = await stepWith('value(0.03125)');
    expect(gradients.some((g) => g > 0.04) && gradients.some((g) => g < -0.04)).toBe(true);
    expectClose(steps, gradients.map((g) => Math.max(-0.03125, Math.min(0.03125, g)))); // prettier-ignore
  });
});
