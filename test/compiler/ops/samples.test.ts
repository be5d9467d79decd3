import { describe, expect, test } from 'vitest';
import {
  arrange,
  elementCount,
  type ConcreteType,
  type NdArray,
} from '../../../src/compiler/ops/nd-array.ts';
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

/** What lies in memory otherwise, the same for all, comes out so: blocks of channels rely on it. */
test.each(sampleRuns().filter(({ op }) => op.isElementwise === true))(
  '$label makes each element of those at its place',
  ({ op, sample, inputs, outputs }) => {
    const [type] = outputs;
    if (type === undefined) throw new Error(`${op.name} has no output`);
    expect(outputs).toEqual([{ ...type, dtype: 'f32' }]);
    const run = (given: readonly NdArray[]): readonly number[] =>
      op.evaluate(given, sample.attributes, outputs).flatMap(({ data }) => [...data]);
    const whole = inputs.map((x) => arrange(x, { ...type, dtype: x.type.dtype }));
    const straight = run(whole);
    expect(run(inputs)).toEqual(straight);
    expect(run(whole.map((x) => ({ ...x, data: x.data.toReversed() })))).toEqual(straight.toReversed());
    const changed = run(whole.map((x) => ({ ...x, data: x.data.with(0, x.data.at(-1) ?? NaN) })));
    expect(changed.slice(1)).toEqual(straight.slice(1));
  },
);

function reversed(type: ConcreteType): ConcreteType {
  return { ...type, axes: type.axes.toReversed() };
}
