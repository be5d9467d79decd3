import { join } from 'node:path';
import type { Opset } from '../../src/compiler/lower/onnx/opset.ts';
import type { LayOut } from '../../src/compiler/lower/tfjs/lay-out.ts';
import type { FileToWrite } from '../../src/runtime/atomic-file.ts';
import type { Verification } from '../../src/verify/verify-targets.ts';
import type { CompiledModel } from '../compile-model.ts';
import { emitTargets } from '../emit-targets.ts';
import type { ProblemReport } from '../problem-report.ts';
import type { Target } from '../separate-targets.ts';
import type { ModelChoice } from '../source-options.ts';
import { verifyModel } from '../verify-model.ts';
import { writeOutputs } from '../write-outputs.ts';

/** What `netc build` is asked for. */
export interface BuildRequest {
  readonly file: string;
  readonly choice: ModelChoice;
  readonly targets: readonly Target[];
  /** The folder of the outputs. */
  readonly out: string;
  readonly batch: number | undefined;
  /** Bytes that a step of training may hold; undefined where nobody limits it. */
  readonly memoryBudget: number | undefined;
  readonly preprocess: boolean;
  readonly functions: boolean;
  readonly opset: Opset | undefined;
  readonly externalData: boolean;
  readonly verify: boolean;
}

export interface WrittenFile extends FileToWrite {
  readonly target: Target;
}

/** What came of a build. */
export type BuildResult =
  | { readonly kind: 'failed' }
  | {
      readonly kind: 'built';
      readonly model: CompiledModel;
      readonly verification: Verification | undefined;
      /** False where the targets disagree: then nothing is written. */
      readonly isGood: boolean;
      readonly outputs: readonly WrittenFile[];
    };

/** Means that one build shares with the next, where there is one. */
export interface BuildMeans {
  readonly problems: ProblemReport;
  readonly layOut: LayOut;
  /** Runs the targets against each other; `verifyModel`, or what stands for it where the outcome is known. */
  readonly verifyWith?: typeof verifyModel;
}

/** Makes the targets of a compiled model (undefined: it has errors), runs them against each other, and writes them. */
export async function buildOnce(
  model: CompiledModel | undefined,
  request: BuildRequest,
  { problems, layOut, verifyWith = verifyModel }: BuildMeans,
): Promise<BuildResult> {
  if (model === undefined) return { kind: 'failed' };
  const { choice, targets, batch, memoryBudget, preprocess, functions, opset, externalData } = request;
  const emitted = await emitTargets(model, targets, {
    batch,
    memoryBudget,
    prepareImages: preprocess,
    functions,
    opset,
    externalData,
    layOut,
  });
  problems.report(emitted.diagnostics, model);
  const { files } = emitted;
  if (files === undefined) return { kind: 'failed' };
  let verification: Verification | undefined;
  if (request.verify) {
    verification = await verifyWith(model, { targets, choice, batch, emitted, prepareImages: preprocess });
    problems.report(verification.diagnostics, model);
  }
  const isGood = verification?.ok !== false;
  const outputs = isGood ? files.map((file) => ({ ...file, path: join(request.out, file.path) })) : [];
  await writeOutputs(outputs);
  return { kind: 'built', model, verification, isGood, outputs };
}
