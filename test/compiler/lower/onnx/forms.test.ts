import { existsSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { availableForms } from '../../../../cli/train/available-forms.ts';
import { formSets, type FormSet } from '../../../../src/compiler/lower/onnx/forms/registry.ts';
import type { OnnxForm } from '../../../../src/compiler/lower/onnx/forms/form.ts';
import type { Attributes } from '../../../../src/compiler/ops/attributes.ts';
import type { Sample } from '../../../../src/compiler/ops/op.ts';
import { GraphRunner } from '../../../../src/runtime/training/graph-runner.mjs';
import { runForm, type FormResult } from '../../../../src/verify/run-form.ts';
import { expectClose } from '../../ops/expect-close.ts';

const found = await availableForms();
const forms: readonly OnnxForm[] = [...new Set(Object.values(formSets).flat())];
const here: readonly OnnxForm[] = formSets[found];

const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';

// One form that is wrong here would have all of them left out, and the cases below skipped.
test.runIf(/\bavx2\b/.test(flags))('a processor with AVX2 has forms in blocks', () => {
  expect(found).toBe(/\bavx512f\b/.test(flags) ? 'blocked16' : 'blocked8');
});

test('the set that is found is the first whose forms are right in this process, each by itself', async () => {
  const right: FormSet[] = [];
  for (const set of ['blocked16', 'blocked8', 'fused'] as const) {
    const results = await Promise.all(formSets[set].map(isRight));
    if (results.every(Boolean)) right.push(set);
  }
  expect(found).toBe(right[0] ?? 'plain');
});

test('every form has a name of its own among those of its op', () => {
  const names = forms.map(({ op, name }) => `${op}/${name}`);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(forms)('$name of $op', (form) => {
  // Blocks of another size than the processor's compute something else.
  describe.skipIf(!here.includes(form))(`on a machine with the forms "${found}"`, () => {
    test.each(form.samples.map((sample, i) => ({ sample, i })))('sample $i', async ({ sample }) => {
      const { actual, expected } = await runHere(form, sample);
      expectClose(actual, expected, 2e-5);
    });
  });
});

test.skipIf(!found.startsWith('blocked'))('blocks of the wrong size are wrong, or refused', async () => {
  const other: readonly OnnxForm[] = formSets[found === 'blocked16' ? 'blocked8' : 'blocked16'];
  const form = other.find(({ op, name }) => op === 'conv' && name.startsWith('in-blocks'));
  const sample = form?.samples[0];
  if (form === undefined || sample === undefined) throw new Error('there is no blocked convolution');
  const trial = runHere(form, sample).then(({ actual, expected }) => expectClose(actual, expected, 0.1));
  await expect(trial).rejects.toThrow();
});

async function runHere(form: OnnxForm, sample: Sample<Attributes>): Promise<FormResult> {
  const runner = new GraphRunner(ort);
  try {
    return await runForm(form, sample, runner);
  } finally {
    await runner.close();
  }
}

async function isRight(form: OnnxForm): Promise<boolean> {
  const [sample] = form.samples;
  if (sample === undefined) throw new Error(`${form.name} has no sample`);
  const result = await runHere(form, sample).catch(() => undefined);
  return result?.expected.every((value, i) => Math.abs(value - (result.actual[i] ?? NaN)) <= 1e-4) ?? false;
}
