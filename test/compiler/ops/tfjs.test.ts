import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { expectClose } from './expect-close.ts';
import { physical, programOrders } from './physical.ts';
import { ConcreteContext, concreteType, isOfPrograms, sampleRuns } from './sample-runs.ts';
import { tfjsFunction, toTensor } from './tfjs-functions.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(programOrders)('TensorFlow.js computes what the interpreter says, axes $name', (order) => {
  test.each(sampleRuns(isOfPrograms))('$label', (run) => {
    const { arranged, expected, ...rest } = physical(run, 'channels-last', order);
    const results = tf.tidy(() => {
      const inputs = arranged.map(toTensor);
      const outputs = tfjsFunction({ arranged, expected, ...rest })(inputs, false);
      // A constant stays a number in a program.
      return outputs.map((output) => (output instanceof tf.Tensor ? output : tf.scalar(output)));
    });
    expect(results.map(({ shape }) => shape)).toEqual(
      expected.map(({ type }) => type.axes.map(({ size }) => size)),
    );
    results.forEach((result, i) => expectClose(result.dataSync(), expected[i]?.data ?? [], 1e-5));
    tf.dispose(results);
  });
});

/** While training, one expression computes the outputs and assigns the new state to its variables. */
describe.each(programOrders)('TensorFlow.js trains as the interpreter says, axes $name', (order) => {
  test.each(sampleRuns(({ training }) => training !== undefined))('$label', (run) => {
    const placed = physical(run, 'channels-last', order);
    const { op: name, state } = run.op.training ?? { op: '', state: [] };
    const training = ops.get(name);
    const outputs = training?.infer(placed.inputTypes, run.sample.attributes, new ConcreteContext()) ?? [];
    const expected = training?.evaluate(placed.arranged, run.sample.attributes, outputs.map(concreteType)) ?? []; // prettier-ignore
    const variables = new Map(state.map(([input, output]) => [input, output]));
    const inputs = placed.arranged.map((x, i) => (variables.has(i) ? tf.variable(toTensor(x)) : toTensor(x)));
    const [y] = tf.tidy(() => tfjsFunction(placed)(inputs, true));
    expectClose(y?.dataSync() ?? [], expected[0]?.data ?? [], 1e-5);
    for (const [input, output] of variables) {
      expectClose(inputs[input]?.dataSync() ?? [], expected[output]?.data ?? [], 1e-5);
    }
    tf.dispose([inputs, y ?? []]);
  });
});
