import { basename } from 'node:path';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import type { ImageCache } from '../../src/runtime/image-cache.ts';
import { makeFolder } from '../../src/runtime/make-folder.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import type { RunConfiguration } from '../../src/runtime/training/configuration.ts';
import type { Engine } from '../../src/runtime/training/engine.ts';
import type { FolderLock } from '../../src/runtime/training/lock.ts';
import type { Measure } from '../../src/runtime/training/measure.ts';
import type { ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import type { TrainResult } from '../../src/runtime/training/train.ts';
import { UsageError } from '../command.ts';
import type { LiveLine } from '../live-line.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import type { ExportRequest, TestReport } from './export-and-test.ts';
import { measureOf } from './measure-of.ts';
import { openData } from './open-data.ts';
import { recipeOf } from './recipe-of.ts';
import { startEngine, type EngineName, type Provider } from './start-engine.ts';
import type { ConfigurationRequest, Samples } from './run-configuration.ts';
import { TrainingReporter } from './training-reporter.ts';

export interface TrainingRequest extends ConfigurationRequest {
  /** Undefined for the phantom. */
  readonly data: string | undefined;
  readonly resume: boolean;
  /** Undefined for that of the run, or the best there is. */
  readonly engine: EngineName | undefined;
  readonly provider: Provider;
  readonly debugNan: boolean;
  /** Bytes that a step may hold; undefined where nobody limits it. */
  readonly memoryBudget: number | undefined;
  /** Hears what keeps the engine from being made. */
  readonly complain: (diagnostics: readonly Diagnostic[]) => void;
  readonly verify: boolean;
  /** In milliseconds. */
  readonly checkpointEvery: number;
  readonly cacheBytes: number;
  readonly terminal: Terminal;
  readonly line: LiveLine;
  readonly signal: AbortSignal;
}

export interface RunReport {
  readonly folder: string;
  readonly synthetic: boolean;
  readonly step: number;
  readonly steps: number;
  /** Null where the run was stopped. */
  readonly test: TestReport | null;
}

/**
 * Trains a model to its end, or until the signal, and then exports and tests its best weights. Undefined where the
 * targets do not agree, which has been said. The signal's reason is thrown where it comes before training.
 */
export async function runTraining(request: TrainingRequest): Promise<RunReport | undefined> {
  const { model, folder } = request;
  const recipe = recipeOf(model);
  const { lockFolder } = await import('../../src/runtime/training/lock.ts');
  await makeFolder(folder).catch((error: unknown) => {
    throw fromSystem(error, folder, 'write');
  });
  const lock = await lockFolder(folder);
  try {
    return await runInFolder(request, recipe, lock);
  } finally {
    await lock.release();
  }
}

/** The run in a folder that is ours. */
async function runInFolder(
  request: TrainingRequest,
  recipe: ImageRecipe,
  lock: FolderLock,
): Promise<RunReport | undefined> {
  const { folder, resume, wishes, terminal, line, signal } = request;
  const [configuring, { dataWarnings }, { totalSteps }, { ImageCache }, { batchSizes }] = await Promise.all([
    import('./run-configuration.ts'),
    import('../../src/runtime/render-data-report.ts'),
    import('../../src/runtime/training/train.ts'),
    import('../../src/runtime/image-cache.ts'),
    import('../../src/runtime/batches.ts'),
  ]);
  const stored = await configuring.storedConfiguration(folder, resume);
  if (stored !== undefined) configuring.refuseOtherWishes(wishes, stored);
  if (request.verify && stored === undefined && !(await verified(request))) return undefined;
  signal.throwIfAborted();
  const data = await openData(request.data, recipe, { terminal, line, signal });
  const { samples, configuration } = await configuring.configureRun(request, recipe, stored, data);
  for (const warning of dataWarnings(data.report)) terminal.err(`warning: ${warning}`);
  if (data.validation !== undefined && wishes.validation !== undefined)
    terminal.err('warning: --validation changes nothing, since the data set has a validation list');

  const steps = totalSteps(configuration, samples.train.length);
  const wanted = request.engine ?? engineOf(stored) ?? 'auto';
  if (request.debugNan && wanted === 'tfjs')
    throw new UsageError('--debug-nan is for ONNX Runtime: add --engine ort');
  if (request.memoryBudget !== undefined && wanted === 'tfjs')
    throw new UsageError('--memory-budget is for ONNX Runtime: add --engine ort');
  const started = await startEngine({
    model: request.model,
    recipe,
    engine: wanted,
    debugNan: request.debugNan,
    memoryBudget: request.memoryBudget,
    provider: request.provider,
    seed: configuration.seed,
    batch: configuration.batch,
    batchSizes: batchSizes(samples.train.length, configuration.batch),
    steps,
  });
  const { engine, warning } = started;
  if (engine === undefined) {
    request.complain(started.diagnostics);
    return undefined;
  }
  if (warning !== undefined) terminal.err(`warning: ${warning}`);
  try {
    const cache = new ImageCache(request.cacheBytes);
    const measure = measureOf(recipe, request.model.file);
    const setup: RunSetup = {
      engine,
      recipe,
      measure,
      configuration: { ...configuration, engine: engine.identity.engine },
      samples,
      steps,
      cache,
      confirmFolder: () => lock.confirm(),
    };
    if (recipe.learnsFrom === 'masks') await requireProbability(setup);
    const { outcome, progress } = await trainModel(request, setup);
    const test =
      outcome === 'interrupted'
        ? null
        : await testUnlessStopped({ ...request, ...setup, samples: data.test });
    return { folder, synthetic: data.isSynthetic, step: progress.step, steps, test };
  } finally {
    engine.close();
  }
}

interface RunSetup {
  readonly engine: Engine;
  readonly recipe: ImageRecipe;
  readonly measure: Measure;
  readonly configuration: RunConfiguration;
  readonly samples: Samples;
  /** In all. */
  readonly steps: number;
  readonly cache: ImageCache;
  /** Throws where the folder is not this run's any more. */
  readonly confirmFolder: () => Promise<void>;
}

/** Masks are measured by a probability. UserError R3004 where the output is none, before an epoch is spent on it. */
async function requireProbability({ engine, recipe, measure, samples }: RunSetup): Promise<void> {
  const { evaluateSamples } = await import('../../src/runtime/training/evaluate-samples.ts');
  const few = samples.validation.slice(0, 2);
  await evaluateSamples(engine, few, { size: 2, pixels: recipe.pixels }, undefined, measure.keep);
}

const engineTitles: Readonly<Record<string, string>> = { ort: 'ONNX Runtime', tfjs: 'TensorFlow.js' };

/** The engine that a run was begun with; runs from before there was a choice say nothing, and were begun with this one. */
function engineOf(stored: RunConfiguration | undefined): EngineName | undefined {
  if (stored === undefined) return undefined;
  return stored.engine === 'ort' ? 'ort' : 'tfjs';
}

async function trainModel(
  { folder, resume, checkpointEvery, terminal, line, signal }: TrainingRequest,
  { engine, recipe, measure, configuration, samples, steps, cache, confirmFolder }: RunSetup,
): Promise<TrainResult> {
  const { train } = await import('../../src/runtime/training/train.ts');
  const { engine: name, provider, version: library } = engine.identity;
  terminal.err(
    `Training ${configuration.model} on ${samples.train.length} images, validating with ${samples.validation.length}: ${steps} steps of ${configuration.batch}, ${engineTitles[name] ?? name} ${library} on ${provider}.`,
  );
  const result = await train({
    folder,
    engine,
    configuration,
    ...samples,
    measure,
    pixels: recipe.pixels,
    confirmFolder,
    netc: version,
    resume,
    checkpointEvery,
    cache,
    signal,
    report: new TrainingReporter(terminal, line, configuration.epochs, measure.title),
  });
  line.clear();
  return result;
}

/** Null where the signal came first: resumed, a run that is finished is tested. */
async function testUnlessStopped(request: ExportRequest): Promise<TestReport | null> {
  const { exportAndTest } = await import('./export-and-test.ts');
  const { signal } = request;
  return exportAndTest(request).catch((error: unknown) => {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  });
}

/** Whether the targets agree; where they do not, what differs has been said. */
async function verified({ model, choice, terminal, signal }: TrainingRequest): Promise<boolean> {
  const { verifyApart } = await import('./verify-apart.ts');
  const { ok, report, problems } = await verifyApart(model, choice, signal);
  if (ok) terminal.err(`${basename(model.file)}: ${report.split('\n').at(-1)}`);
  else for (const text of [problems, report]) if (text !== '') terminal.err(text);
  return ok;
}
