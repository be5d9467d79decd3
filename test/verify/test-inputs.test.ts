import { describe, expect, test } from 'vitest';
import { deviationOf } from '../../src/verify/difference.ts';
import { testInputs } from '../../src/verify/test-inputs.ts';
import { GraphBuilder } from '../support/graph-builder.ts';

function inputs(batch: number) {
  const b = new GraphBuilder();
  const N = b.dynamic('N');
  b.output('x', b.input('x', { N, C: 3, H: 16, W: 16 }, { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] }));
  return testInputs(b.build(), batch).get('x') ?? { type: { axes: [] }, data: new Float64Array(0) };
}

describe('testInputs', () => {
  test('has the batch that was asked for', () => {
    expect(inputs(7).type.axes.map(({ size }) => size)).toEqual([7, 3, 16, 16]);
  });

  test('is the same every time, and a larger batch begins with the smaller one', () => {
    expect(inputs(2).data).toEqual(inputs(2).data);
    expect(inputs(7).data.slice(0, 2 * 3 * 16 * 16)).toEqual(inputs(2).data);
  });

  test('has samples that differ in brightness and contrast', () => {
    const { data } = inputs(7);
    const samples = Array.from({ length: 7 }, (_, i) => data.slice(i * 768, (i + 1) * 768));
    const levels = samples.map((sample) => sample.reduce((sum, value) => sum + value, 0) / sample.length);
    expect(deviationOf(levels)).toBeGreaterThan(0.1);
    expect(deviationOf(samples.map((sample) => deviationOf(sample)))).toBeGreaterThan(0.01);
  });

  test('counts only what is there', () => {
    const b = new GraphBuilder();
    const tokens = b.indices('tokens', { N: b.dynamic('N'), T: 40 });
    const table = b.weight('table', { V: 5, D: 3 });
    const turned = b.op('rename', [tokens], { from: ['T'], to: ['S'] });
    b.output('y', b.op('gather', [table, turned], { axis: 'V' }));
    const { data } = testInputs(b.build(), 3).get('tokens') ?? { data: new Float64Array(0) };
    expect([...new Set(data)].toSorted()).toEqual([0, 1, 2, 3, 4]);
  });
});
