import { beforeAll, describe, expect, test } from 'vitest';
import type { AttributeValue } from '../../../src/compiler/ops/attributes.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import { Size } from '../../../src/compiler/shapes/polynomial.ts';
import type { SafeTensor, Safetensors } from '../../../src/runtime/safetensors.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';
import { expectClose } from './expect-close.ts';
import { generatedRuns } from './generated-samples.ts';
import { sampleRuns, type SampleRun } from './sample-runs.ts';

const missing = oracleMissing('torch');

/** What PyTorch has no counterpart of, and why. */
const withoutCounterpart: Readonly<Record<string, string>> = {
  constant: 'a number is not computed',
  dropout: 'random numbers are our own; without them it is the identity',
};

const runs = [...ops.values()]
  .filter(({ name }) => !(name in withoutCounterpart))
  .flatMap((op) => [...sampleRuns((other) => other === op), ...generatedRuns(op)]);

/** Attributes as JSON: sizes are numbers. */
function plain(value: AttributeValue): unknown {
  if (value instanceof Size) return value.value;
  if (typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

function asked({ op, sample, inputs, outputs }: SampleRun) {
  return {
    op: op.name,
    attributes: plain(sample.attributes),
    inputs: inputs.map(({ type }) => ({ dtype: type.dtype, axes: type.axes.map(({ name }) => name) })),
    outputs: outputs.map(({ axes }) => axes.map(({ name }) => name)),
  };
}

/** Both are in float64, and the definition is tested, not a target. */
const tolerance = 1e-9;

describe.skipIf(missing !== undefined)(
  `the interpreter computes what PyTorch does${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let answered: Safetensors;
    beforeAll(async () => {
      const tensors = runs.flatMap(({ inputs }, i) =>
        inputs.map(({ type, data }, k): [string, SafeTensor] => [
          `${i}/${k}`,
          { dtype: 'F64', shape: type.axes.map(({ size }) => size), data: new Float64Array(data) },
        ]),
      );
      answered = await askOracle('ops', { cases: runs.map(asked) }, new Map(tensors));
    });

    test.each([...new Set(runs.map(({ op }) => op.name))])('for %s', (name) => {
      expect(answered.metadata[name]).toBeUndefined();
      runs.forEach(({ label, op, sample, inputs, outputs }, i) => {
        if (op.name !== name) return;
        op.evaluate(inputs, sample.attributes, outputs).forEach(({ type, data }, k) => {
          const shape = type.axes.map(({ size }) => size);
          expect(answered.tensors.get(`${i}/${k}`)?.shape, label).toEqual(shape);
          expectClose(data, numbersOf(answered, `${i}/${k}`), tolerance, label);
        });
      });
    });
  },
);
