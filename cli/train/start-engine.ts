import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import type { ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { scoreOutput } from '../../src/compiler/targets/score-output.ts';
import { sourceHash } from '../../src/compiler/targets/source-hash.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { Engine } from '../../src/runtime/training/engine.ts';
import type { CompiledModel } from '../compile-model.ts';

/** ONNX Runtime on the step graph, or TensorFlow.js on the generated program. */
export const engines = ['ort', 'tfjs'] as const;
export type EngineName = (typeof engines)[number];

/** What ONNX Runtime computes on. */
export const providers = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;
export type Provider = (typeof providers)[number];

export interface EngineRequest {
  readonly model: CompiledModel;
  readonly recipe: ImageRecipe;
  /** `auto` is ONNX Runtime wherever it can train the model. */
  readonly engine: EngineName | 'auto';
  readonly provider: Provider;
  readonly seed: number;
  readonly batch: number;
  /** The sizes of all batches that will come; `batch` where they are left out. */
  readonly batchSizes?: readonly number[];
  /** In all. */
  readonly steps: number;
  /** Whether each step is watched for numbers that are not finite, which ONNX Runtime alone can be. */
  readonly debugNan: boolean;
  /** Bytes that a step may hold, where ONNX Runtime trains; undefined where nobody limits it. */
  readonly memoryBudget: number | undefined;
}

export interface StartedEngine {
  /** Undefined after a diagnostic. */
  readonly engine: Engine | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Why it is not the one that `auto` would rather have taken. */
  readonly warning?: string;
}

/** UserError R4008 where the engine or the provider is not available. */
export async function startEngine(request: EngineRequest): Promise<StartedEngine> {
  if (request.engine === 'tfjs') return { engine: await startTfjs(request), diagnostics: [] };
  try {
    const started = await startOrt(request);
    // A budget that cannot be met is no reason to train by what has none.
    const mustTell = request.engine === 'ort' || request.memoryBudget !== undefined;
    if (started.engine !== undefined || mustTell) return started;
    const [problem] = started.diagnostics;
    return await fallBack(request, problem?.message ?? 'it cannot train this model');
  } catch (error) {
    const mayFallBack =
      request.engine === 'auto' && request.provider === 'cpu' && request.memoryBudget === undefined;
    if (!mayFallBack || !(error instanceof UserError) || error.code !== 'R4008') throw error;
    return fallBack(request, error.message);
  }
}

async function fallBack(request: EngineRequest, reason: string): Promise<StartedEngine> {
  const unwatched = request.debugNan ? '; --debug-nan has no effect' : '';
  const warning = `TensorFlow.js trains, not ONNX Runtime: ${reason}${unwatched}`;
  return { engine: await startTfjs(request), diagnostics: [], warning };
}

async function startOrt(request: EngineRequest): Promise<StartedEngine> {
  const { model, recipe, batch, batchSizes = [], seed, steps, provider, debugNan, memoryBudget } = request;
  const [{ availableForms }, { describeOrigin }, { makeStepProgram }, { startOrtEngine }] = await Promise.all(
    [
      import('./available-forms.ts'),
      import('./describe-origin.ts'),
      import('./step-program.ts'),
      import('../../src/runtime/training/ort-engine.ts'),
    ],
  );
  const sourceSha256 = await sourceHash(model.sources);
  const forms = provider === 'cpu' ? await availableForms() : 'plain';
  const { program, diagnostics } = await makeStepProgram(model.module, recipe, {
    sourceSha256,
    batch,
    batchSizes,
    forms,
    ...(memoryBudget !== undefined && { memoryBudget }),
    ...(debugNan && { describeOrigin: (node) => describeOrigin(node, model) }),
  });
  if (program === undefined) return { engine: undefined, diagnostics };
  const options = { seed, steps, scores: scoresOf(model, recipe), provider };
  return { engine: await startOrtEngine(program, options), diagnostics: [] };
}

async function startTfjs({ model, recipe, seed, steps }: EngineRequest): Promise<Engine> {
  const [{ loadProgram }, { startTfjsEngine }] = await Promise.all([
    import('./load-program.ts'),
    import('../../src/runtime/training/tfjs-engine.ts'),
  ]);
  const program = await loadProgram(model, await sourceHash(model.sources));
  return startTfjsEngine(program, { seed, steps, scores: scoresOf(model, recipe) });
}

/** The output that the model is measured by: for masks the probability itself, of which a half is the border. */
function scoresOf({ module, file }: CompiledModel, { learnsFrom, labelled }: ImageRecipe): string {
  if (learnsFrom === 'masks') return labelled;
  const scores = scoreOutput(module);
  if (scores === undefined) throw new Error(`${file} learns from labels and has no output with labels`);
  return scores;
}
