import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { isDecayed } from '../../../../src/compiler/optimizers/weight-decay.ts';
import { graphOf } from '../../../support/model-graph.ts';
import { compiled } from './compiled.ts';
import { batchOf, programOf, recipeSource, valuesOf } from './recipe-source.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Each parameter after a step with the settings. */
async function afterStep(settings: string): Promise<ReadonlyMap<string, Float32Array>> {
  const program = await programOf(`optimizer sgd(lr: 0.5${settings})`);
  const trainer = program.createTrainer(program.createWeights());
  await program.trainStep(trainer, batchOf());
  return valuesOf(program, trainer.w);
}

describe.each([false, true])('weight decay with decay_all: %s', (all) => {
  it('acts on the parameters that the rule names', async () => {
    const settings = { weight_decay: 0.5, decay_all: all };
    const plain = await afterStep('');
    const decayed = await afterStep(`, weight_decay: 0.5, decay_all: ${all}`);
    const graph = graphOf(compiled(recipeSource('optimizer sgd(lr: 1)')), {
      mode: 'train',
      entry: 'training',
    });
    const named = graph.params
      .filter((param) => param.role === 'weight' && isDecayed(param, settings))
      .map(({ path }) => path);
    // At the start these are zero, and decay cannot be seen on them.
    const start = new Set(['features/batch_norm/bias', 'normed/bias']);
    const differ = [...plain].flatMap(([path, values]) =>
      decayed.get(path)?.every((value, i) => value === values[i]) === true ? [] : [path],
    );
    expect(differ.toSorted()).toEqual(
      named.filter((path) => !start.has(path) && !path.startsWith('unused/')).toSorted(),
    );
    expect(differ).toContain('heads/weight');
  });
});
