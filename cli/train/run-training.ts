import { basename } from 'node:path';
import type { ImageCache } from '../../src/runtime/image-cache.ts';
import { makeFolder } from '../../src/runtime/make-folder.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import type { RunConfiguration } from '../../src/runtime/training/configuration.ts';
import type { Engine } from '../../src/runtime/training/engine.ts';
import type { TrainingProgram } from '../../src/runtime/training/tfjs-engine.ts';
import type { TrainResult } from '../../src/runtime/training/train.ts';
import type { LiveLine } from '../live-line.ts';
import type { Terminal } from '../terminal.ts';
import { renderChecks, verifyModel } from '../verify-model.ts';
import { version } from '../version.ts';
import type { ExportRequest, TestReport } from './export-and-test.ts';
import { loadProgram } from './load-program.ts';
import { openData } from './open-data.ts';
import type { ConfigurationRequest, Samples } from './run-configuration.ts';
import { TrainingReporter } from './training-reporter.ts';

export interface TrainingRequest extends ConfigurationRequest {
  /** Undefined for the phantom. */
  readonly data: string | undefined;
  readonly resume: boolean;
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
  const [{ lockFolder }, { sourceHash }] = await Promise.all([
    import('../../src/runtime/training/lock.ts'),
    import('../../src/compiler/targets/source-hash.ts'),
  ]);
  const program = await loadProgram(model, await sourceHash(model.sources));
  await makeFolder(folder).catch((error: unknown) => {
    throw fromSystem(error, folder, 'write');
  });
  const unlock = await lockFolder(folder);
  try {
    return await runInFolder(request, program);
  } finally {
    await unlock();
  }
}

/** The run in a folder that is ours. */
async function runInFolder(
  request: TrainingRequest,
  program: TrainingProgram,
): Promise<RunReport | undefined> {
  const { folder, resume, wishes, terminal, line, signal } = request;
  const [configuring, { dataWarnings }, { totalSteps }, { ImageCache }] = await Promise.all([
    import('./run-configuration.ts'),
    import('../../src/runtime/render-data-report.ts'),
    import('../../src/runtime/training/train.ts'),
    import('../../src/runtime/image-cache.ts'),
  ]);
  const stored = await configuring.storedConfiguration(folder, resume);
  if (stored !== undefined) configuring.refuseOtherWishes(wishes, stored);
  if (request.verify && stored === undefined && !(await verified(request))) return undefined;
  signal.throwIfAborted();
  const data = await openData(request.data, program.labels, { terminal, line, signal });
  const { samples, configuration } = await configuring.configureRun(request, program, stored, data);
  for (const warning of dataWarnings(data.report)) terminal.err(`warning: ${warning}`);
  if (data.validation !== undefined && wishes.validation !== undefined)
    terminal.err('warning: --validation changes nothing, since the data set has a validation list');

  const steps = totalSteps(configuration, samples.train.length);
  const engine = await startEngine(request, program, configuration.seed, steps);
  try {
    const cache = new ImageCache(request.cacheBytes);
    const setup: RunSetup = { engine, program, configuration, samples, steps, cache };
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
  readonly program: TrainingProgram;
  readonly configuration: RunConfiguration;
  readonly samples: Samples;
  /** In all. */
  readonly steps: number;
  readonly cache: ImageCache;
}

async function startEngine(
  { model }: TrainingRequest,
  program: TrainingProgram,
  seed: number,
  steps: number,
): Promise<Engine> {
  const [{ startTfjsEngine }, { scoreOutput }] = await Promise.all([
    import('../../src/runtime/training/tfjs-engine.ts'),
    import('../../src/compiler/targets/score-output.ts'),
  ]);
  const scores = scoreOutput(model.module);
  if (scores === undefined) throw new Error(`${model.file} was loaded without an output with labels`);
  return startTfjsEngine(program, { seed, steps, scores });
}

async function trainModel(
  { folder, resume, checkpointEvery, terminal, line, signal }: TrainingRequest,
  { engine, program, configuration, samples, steps, cache }: RunSetup,
): Promise<TrainResult> {
  const { train } = await import('../../src/runtime/training/train.ts');
  const { provider, version: library } = engine.identity;
  terminal.err(
    `Training ${configuration.model} on ${samples.train.length} images, validating with ${samples.validation.length}: ${steps} steps of ${configuration.batch}, TensorFlow.js ${library} on ${provider}.`,
  );
  const result = await train({
    folder,
    engine,
    configuration,
    ...samples,
    labels: program.labels,
    pixels: program.pixels,
    netc: version,
    resume,
    checkpointEvery,
    cache,
    signal,
    report: new TrainingReporter(terminal, line, configuration.epochs),
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

async function verified({ model, choice, terminal }: TrainingRequest): Promise<boolean> {
  const targets = ['onnx', 'tfjs'] as const;
  const verification = await verifyModel(model, { targets, choice, batch: undefined });
  if (verification.ok) terminal.err(`${basename(model.file)}: the targets agree.`);
  else terminal.err(renderChecks(verification));
  return verification.ok;
}
