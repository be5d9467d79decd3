import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectClose } from './expect-close.ts';
import { physical, programOrders } from './physical.ts';
import { sampleRuns } from './sample-runs.ts';
import { tfjsFunction, toTensor } from './tfjs-functions.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(programOrders)('TensorFlow.js computes what the interpreter says, axes $name', (order) => {
  test.each(sampleRuns())('$label', (run) => {
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
