import { beforeAll, describe, expect, test } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import type { SafeTensor, Safetensors } from '../../../src/runtime/safetensors.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';
import { expectClose } from '../ops/expect-close.ts';
import { generatedRuns } from '../ops/generated-samples.ts';
import { sampleRuns, type SampleRun } from '../ops/sample-runs.ts';
import { askedOf, exchanged } from '../ops/torch-request.ts';
import { gradientRun, isDifferentiable, isDifferentiated } from './gradient-runs.ts';

const missing = oracleMissing('torch');

/** Both are in float64 and at the same point, so that it may lie as near to a kink as it likes. */
const tolerance = 1e-9;
/** Where torch's own is less exact: its 1 / 6 is a float32 here. */
const tolerances: Readonly<Record<string, number>> = { h_sigmoid: 5e-8 };

const cases = [...ops.values()]
  .filter(isDifferentiated)
  .flatMap((op) => [...sampleRuns((other) => other === op), ...generatedRuns(op)])
  .filter(isDifferentiable)
  .map((run) => ({ run, gradient: gradientRun(run) }));

/** torch has no gradient by what a batch norm has measured, and no training needs one. */
function isMeasured({ op }: SampleRun, input: number): boolean {
  const training = [...ops.values()].flatMap(({ name, training: t }) =>
    t !== undefined && [name, t.op].includes(op.name) ? t.state : [],
  );
  return training.some(([at]) => at === input);
}

function wantedOf(run: SampleRun): readonly number[] {
  return run.inputs.flatMap(({ type }, i) => (type.dtype === 'f32' && !isMeasured(run, i) ? [i] : []));
}

describe.skipIf(missing !== undefined)(
  `gradients are those of PyTorch${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let answered: Safetensors;
    beforeAll(async () => {
      const tensors = cases.flatMap(({ run, gradient }, i) => [
        ...run.inputs.map((x, k): [string, SafeTensor] => [`${i}/${k}`, exchanged(x)]),
        ...[...gradient.inputs]
          .filter(([name]) => name.startsWith('g'))
          .map(([name, g]): [string, SafeTensor] => [`${i}/${name}`, exchanged(g)]),
      ]);
      const asked = cases.map(({ run }) => ({ ...askedOf(run), gradients: wantedOf(run) }));
      answered = await askOracle('ops', { cases: asked }, new Map(tensors));
    });

    test.each([...new Set(cases.map(({ run }) => run.op.name))])('for %s', (name) => {
      expect(answered.metadata[name]).toBeUndefined();
      cases.forEach(({ run, gradient }, i) => {
        if (run.op.name !== name) return;
        const { outputs } = interpretGraph(gradient.graph, gradient.inputs, new Map());
        for (const k of wantedOf(run)) {
          const label = `${run.label}, input ${k}`;
          const [own, torchs] = [outputs.get(`d${k}`)?.data ?? [], numbersOf(answered, `${i}/d${k}`)];
          expectClose(own, torchs, tolerances[name] ?? tolerance, label);
        }
      });
    });
  },
);
