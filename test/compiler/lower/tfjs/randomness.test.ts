import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../../../src/compiler/interpret/interpret-graph.ts';
import { concrete } from '../../../../src/compiler/ops/nd-array.ts';
import { uniforms } from '../../../../src/compiler/random/philox.ts';
import { initialWeights } from '../../../../src/compiler/targets/initial-weights.ts';
import { graphOf } from '../../../support/model-graph.ts';
import { relativeDifference } from '../../../support/random-values.ts';
import { compiled } from './compiled.ts';
import { loadProgram, programText, type GeneratedProgram, type Trainer } from './generated.ts';

const source = `language 1

block Layer(rate: float)(x: [N, C, T]) -> [N, C, T] {
  changed = x |> linear(C -> C: C) |> relu
  kept    = changed |> dropout(rate)
  return x + (kept |> stochastic_depth(N, rate: 0.25))
}

block Tower(depth: int)(x: [N, C, T]) -> [N, C, T] {
  y = x
  for i in 0..depth {
    y = Layer(0.4)(y)
  }
  return y
}

model Noisy() {
  input x: [N, C: 3, T: 4]
  tower = Tower(3)(x)
  first = tower |> dropout(0.5)
  again = tower |> dropout(0.5)
  y     = (first + again) |> mean(over: [T]) |> linear(C -> K: 2)
  output y
}

train Noisy {
  target goal: [N, K: 2]
  loss = mean((y - goal) * (y - goal), over: [N, K])
  optimizer adam(lr: 0.01)
}
`;

const module = compiled(source);
const samples = 8;
const x = concrete({ N: samples, C: 3, T: 4 });
const values = uniforms(samples * 12, 3, 'x').map((u) => 2 * u - 1);
const batch = () => ({
  x: tf.tensor(values, [samples, 3, 4]),
  goal: tf.tensor(uniforms(samples * 2, 3, 'goal'), [samples, 2]),
});

let program: GeneratedProgram;
beforeAll(async () => {
  await tf.setBackend('cpu');
  program = await loadProgram(module);
});

async function outputOf(options?: Parameters<GeneratedProgram['model']>[2]): Promise<readonly number[]> {
  const { y } = tf.tidy(() => program.model(batch(), program.createWeights(1), options));
  return [...((await y?.data()) ?? [])];
}

describe('random numbers of a program', () => {
  it('are those of the interpreter, by seed, step and path', async () => {
    const graph = graphOf(module, { mode: 'train' });
    const weights = initialWeights(graph.params, 1);
    const inputs = new Map([['x', { type: x, data: Float64Array.from(values) }]]);
    for (const random of [
      { seed: 1, step: 1 },
      { seed: 1, step: 2 },
      { seed: 7, step: 1 },
    ]) {
      const expected = interpretGraph(graph, inputs, weights, { random }).outputs.get('y')?.data ?? [];
      const got = await outputOf({ training: true, random: { ...random, path: '' } });
      expect(relativeDifference(got, expected)).toBeLessThan(1e-5);
    }
  });

  it('differ from step to step, and are not drawn in inference', async () => {
    const random = { seed: 1, step: 1, path: '' };
    const first = await outputOf({ training: true, random });
    expect(await outputOf({ training: true, random: { ...random, step: 2 } })).not.toEqual(first);
    expect(await outputOf({ training: true, random })).toEqual(first);
    expect(await outputOf()).not.toEqual(first);
    expect(await outputOf({ training: true })).toEqual(await outputOf());
  });

  it('go on bit for bit after an interruption', async () => {
    const train = async (trainer: Trainer, steps: number): Promise<number[]> => {
      const losses: number[] = [];
      for (let step = 0; step < steps; step++) losses.push(await program.trainStep(trainer, batch()));
      return losses;
    };
    const undisturbed = program.createTrainer(program.createWeights(), { seed: 4 });
    await train(undisturbed, 3);
    const resumed = program.createTrainer(program.createWeights(99), { seed: 5 });
    program.importTrainer(resumed, await program.exportTrainer(undisturbed));
    expect(await train(resumed, 3)).toEqual(await train(undisturbed, 3));
  });

  it('come by way of the instances', async () => {
    const text = await programText(module, { format: true });
    expect(text).toContain("import { fillInitial, uniforms } from './generator.mjs';");
    expect(text).toContain('random: inside(random, `y/${i}`)');
    expect(text).toContain("inside(random, 'kept')");
  });
});
