import { describe, expect, test } from 'vitest';
import { arrange, elementCount, type ConcreteType } from '../../../src/compiler/ops/nd-array.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { expectClose } from './expect-close.ts';
import { sampleRuns } from './sample-runs.ts';

describe('samples', () => {
  test.each([...ops.values()])('$name has at least six', (op) => {
    expect(op.samples.length).toBeGreaterThanOrEqual(6);
  });

  test.each(sampleRuns())(
    '$label evaluates to what its shape rule says',
    ({ op, sample, inputs, outputs }) => {
      const results = op.evaluate(inputs, sample.attributes, outputs);
      expect(results.map(({ type }) => type)).toEqual(outputs);
      for (const { type, data } of results) {
        expect(data.length).toBe(elementCount(type));
        expect(data.every(Number.isFinite)).toBe(true);
      }
    },
  );

  test.each(sampleRuns())(
    '$label does not depend on the order of axes',
    ({ op, sample, inputs, outputs }) => {
      const turned = inputs.map((x) => arrange(x, reversed(x.type)));
      const straight = op.evaluate(inputs, sample.attributes, outputs);
      const results = op.evaluate(turned, sample.attributes, outputs.map(reversed));
      results.forEach((result, i) => {
        const back = arrange(result, outputs[i] ?? result.type);
        expectClose(back.data, straight[i]?.data ?? [], 1e-12);
      });
    },
  );
});

function reversed(type: ConcreteType): ConcreteType {
  return { ...type, axes: type.axes.toReversed() };
}
