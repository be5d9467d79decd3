import type { OnnxForm } from '../../src/compiler/lower/onnx/forms/form.ts';
import { formSets, type FormSet } from '../../src/compiler/lower/onnx/forms/registry.ts';
import { runForm } from '../../src/verify/run-form.ts';

/** From the fastest on. */
const wanted = ['blocked16', 'blocked8', 'fused'] as const satisfies readonly FormSet[];

/** Of sums of some hundred products of numbers below 1, in float32. */
const tolerance = 1e-4;

/**
 * The fastest forms that this machine's CPU has. They are tried: data in blocks of the wrong size give wrong numbers
 * and no error, and which size it is depends on the processor and on how ONNX Runtime was built for it.
 */
export async function availableForms(): Promise<FormSet> {
  for (const set of wanted) {
    const forms: readonly OnnxForm[] = formSets[set];
    const works = await Promise.all(forms.map(isRight));
    if (works.every(Boolean)) return set;
  }
  return 'plain';
}

async function isRight(form: OnnxForm): Promise<boolean> {
  const [sample] = form.samples;
  if (sample === undefined) throw new Error(`${form.op} has no sample of ${form.name}`);
  // An operator that is missing here is an answer, too.
  const result = await runForm(form, sample).catch(() => undefined);
  if (result === undefined) return false;
  const { actual, expected } = result;
  return Array.from(expected).every((value, i) => Math.abs((actual[i] ?? NaN) - value) <= tolerance);
}
