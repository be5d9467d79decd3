import { availableParallelism } from 'node:os';
import type { OnnxForm } from '../../src/compiler/lower/onnx/forms/form.ts';
import { formSets, type FormSet } from '../../src/compiler/lower/onnx/forms/registry.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { ProcessRunner } from '../../src/runtime/training/process-runner.ts';
import { makeFormTrial, type FormTrial } from '../../src/verify/form-trial.ts';
import { runFormTrial } from '../../src/verify/run-form.ts';

/** From the fastest on. */
const wanted = ['blocked16', 'blocked8', 'fused'] as const satisfies readonly FormSet[];

/** Of sums of some hundred products of numbers below 1, in float32. */
const tolerance = 1e-4;

/**
 * The fastest forms that this machine's CPU has. They are tried: data in blocks of the wrong size give wrong numbers
 * and no error, and which size it is depends on the processor and on how ONNX Runtime was built for it. A process of its
 * own tries them, as steps are computed in one: a kernel that crashes ends that alone, and ONNX Runtime is not loaded here.
 * UserError R4009 where the system kills that process: a run that goes on by other forms would have other numbers.
 */
export async function availableForms(): Promise<FormSet> {
  let runner: ProcessRunner | undefined;
  try {
    for (const set of wanted) {
      const trial = await trialOf(set);
      if (runner === undefined || runner.isEnded) runner = await start();
      // Whoever trains will say why there is none.
      if (runner === undefined) return 'plain';
      if (await succeeds(trial, runner)) return set;
    }
    return 'plain';
  } finally {
    await runner?.close();
  }
}

function trialOf(set: FormSet): Promise<FormTrial> {
  const forms: readonly OnnxForm[] = formSets[set];
  const cases = forms.map((form) => {
    const [sample] = form.samples;
    if (sample === undefined) throw new Error(`${form.op} has no sample of ${form.name}`);
    return { form, sample };
  });
  return makeFormTrial(set, cases);
}

/** Undefined where ONNX Runtime cannot be loaded. */
async function start(): Promise<ProcessRunner | undefined> {
  // On as many threads as steps are.
  const started = ProcessRunner.start({ intraOpNumThreads: availableParallelism() });
  return started.then(({ runner }) => runner).catch(unlessKilled);
}

async function succeeds(trial: FormTrial, runner: ProcessRunner): Promise<boolean> {
  // An operator that is missing here is an answer, too, and so is a process that does not outlive the trial.
  const actual = await runFormTrial(trial, runner).catch(unlessKilled);
  return (
    actual !== undefined &&
    trial.expected.every((value, i) => Math.abs((actual[i] ?? NaN) - value) <= tolerance)
  );
}

/** Whoever is killed from outside has said nothing of the processor. */
function unlessKilled(error: unknown): undefined {
  if (error instanceof UserError && error.code === 'R4009') throw error;
  return undefined;
}
