import { beforeAll, describe, expect, test } from 'vitest';
import { ops } from '../../../src/compiler/ops/registry.ts';
import type { SafeTensor, Safetensors } from '../../../src/runtime/safetensors.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';
import { expectClose } from './expect-close.ts';
import { generatedRuns } from './generated-samples.ts';
import { sampleRuns } from './sample-runs.ts';
import { askedOf, exchanged } from './torch-request.ts';

const missing = oracleMissing('torch');

/** What PyTorch has no counterpart of, and why. */
const withoutCounterpart: Readonly<Record<string, string>> = {
  constant: 'a number is not computed',
  dropout: 'random numbers are our own; without them it is the identity',
};

const runs = [...ops.values()]
  .filter(({ name }) => !(name in withoutCounterpart))
  .flatMap((op) => [...sampleRuns((other) => other === op), ...generatedRuns(op)]);

/** Both are in float64, and the definition is tested, not a target. */
const tolerance = 1e-9;

describe.skipIf(missing !== undefined)(
  `the interpreter computes what PyTorch does${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let answered: Safetensors;
    beforeAll(async () => {
      const tensors = runs.flatMap(({ inputs }, i) =>
        inputs.map((x, k): [string, SafeTensor] => [`${i}/${k}`, exchanged(x)]),
      );
      answered = await askOracle('ops', { cases: runs.map(askedOf) }, new Map(tensors));
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
