import type { OnnxForm } from '../compiler/lower/onnx/forms/form.ts';
import type { Attributes } from '../compiler/ops/attributes.ts';
import type { Sample } from '../compiler/ops/op.ts';
import type { Runner } from '../runtime/training/runner.ts';
import { makeFormTrial, type FormTrial } from './form-trial.ts';

/** What ONNX Runtime makes of a form, all outputs in a row, and what the op is defined to be. */
export interface FormResult {
  readonly actual: readonly number[];
  readonly expected: readonly number[];
}

/** Runs a form on one of its samples, where the runner computes. Rejects where ONNX Runtime refuses it. */
export async function runForm(
  form: OnnxForm,
  sample: Sample<Attributes>,
  runner: Runner,
): Promise<FormResult> {
  const trial = await makeFormTrial(form.op, [{ form, sample }]);
  return { actual: await runFormTrial(trial, runner), expected: trial.expected };
}

/** What ONNX Runtime makes of the forms of a trial, all outputs in a row. Rejects where it refuses one of them. */
export async function runFormTrial(
  { file, inputs, outputs }: FormTrial,
  runner: Runner,
): Promise<readonly number[]> {
  const results = await runner.evaluate(await runner.open(file), inputs, [], outputs);
  return outputs.flatMap((name) => {
    const output = results[name];
    if (output === undefined) throw new Error(`the graph gave no ${name}`);
    return [...output.data];
  });
}
