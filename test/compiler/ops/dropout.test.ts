import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { dropOut } from '../../../src/compiler/ops/dropout.ts';
import { concrete } from '../../../src/compiler/ops/nd-array.ts';
import { uniforms } from '../../../src/compiler/random/philox.ts';
import { expectClose } from './expect-close.ts';
import { physical, programOrders } from './physical.ts';
import { sampleRuns } from './sample-runs.ts';
import { tfjsFunction, toTensor } from './tfjs-functions.ts';

const random = { seed: 5, step: 12, path: '/block/dropout' };
const draws = (count: number) => uniforms(count, random.seed, random.path, random.step);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(programOrders)('TensorFlow.js drops what the interpreter drops, axes $name', (order) => {
  test.each(sampleRuns((op) => op.random !== undefined))('$label', (run) => {
    const placed = physical(run, 'channels-last', order);
    const outputs = placed.expected.map(({ type }) => type);
    const [expected] = run.op.evaluate(run.inputs, run.sample.attributes, outputs, draws);
    const [y] = tf.tidy(() => tfjsFunction(placed)(placed.arranged.map(toTensor), true, random));
    expectClose(y?.dataSync() ?? [], expected?.data ?? [], 1e-6);
    tf.dispose(y ?? []);
  });
});

describe('dropout', () => {
  const type = concrete({ N: 100, C: 100 });
  const x = { type, data: new Float64Array(10_000).fill(1) };
  const dropped = (over: readonly string[]): readonly number[] => [
    ...(dropOut.evaluate([x], { rate: 0.2, over }, [type], draws)[0]?.data ?? []),
  ];

  test('drops its share, and keeps the mean', () => {
    const y = dropped(['N', 'C']);
    expect(new Set(y)).toEqual(new Set([0, 1.25]));
    // Four standard deviations of the share: sqrt(0.2 * 0.8 / 10^4) = 0.004.
    expect(Math.abs(y.filter((value) => value === 0).length / y.length - 0.2)).toBeLessThan(0.016);
  });

  test('drops whole samples where it draws for these alone', () => {
    const y = dropped(['N']);
    const rows = Array.from({ length: 100 }, (_, n) => new Set(y.slice(100 * n, 100 * n + 100)));
    expect(rows.every((row) => row.size === 1)).toBe(true);
    expect(new Set(y).size).toBe(2);
  });

  test('changes nothing without random numbers', () => {
    expect(dropOut.evaluate([x], { rate: 0.2, over: ['N'] }, [type])[0]?.data).toEqual(x.data);
  });
});
