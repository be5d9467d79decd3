import { basename, join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { UserError } from '../../src/runtime/errors.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import type { ChestXray14 } from '../../src/runtime/chestxray14.ts';
import type { RunConfiguration } from '../../src/runtime/training/configuration.ts';
import type { TrainingProgram } from '../../src/runtime/training/tfjs-engine.ts';
import { UsageError } from '../command.ts';
import type { CompiledModel } from '../compile-model.ts';
import type { LiveLine } from '../live-line.ts';
import type { ModelChoice } from '../source-options.ts';
import type { Terminal } from '../terminal.ts';
import { renderChecks, verifyModel } from '../verify-model.ts';
import { version } from '../version.ts';
import { exportAndTest, type TestReport } from './export-and-test.ts';
import { loadProgram } from './load-program.ts';
import { openData } from './open-data.ts';
import { TrainingReporter } from './training-reporter.ts';

export interface TrainingRequest {
  readonly model: CompiledModel;
  readonly choice: ModelChoice;
  /** What the command line asks for; the run's own configuration or the source has the rest. */
  readonly wishes: {
    readonly [K in 'seed' | 'batch' | 'epochs' | 'maxSteps' | 'validation']: number | undefined;
  };
  readonly folder: string;
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
 * targets do not agree, which has been said.
 */
export async function runTraining(request: TrainingRequest): Promise<RunReport | undefined> {
  const { model, folder, resume, terminal, line, signal } = request;
  const [{ lockFolder }, { readConfiguration, differences }, training] = await Promise.all([
    import('../../src/runtime/training/lock.ts'),
    import('../../src/runtime/training/configuration.ts'),
    import('../../src/runtime/training/train.ts'),
  ]);
  const { dataWarnings } = await import('../../src/runtime/render-data-report.ts');
  const { sourceHash } = await import('../../src/compiler/targets/source-hash.ts');
  const program = await loadProgram(model, await sourceHash(model.sources));
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fromSystem(error, folder, 'write');
  });
  const unlock = await lockFolder(folder);
  try {
    const path = join(folder, training.runFiles.configuration);
    const stored = await readConfiguration(path);
    if (stored !== undefined && !resume) throw occupied(folder);
    if (request.verify && stored === undefined && !(await verified(request))) return undefined;
    const data = await openData(request.data, program.labels, { terminal, line, signal });
    const { samples, configuration } = await configure(request, program, stored, data);
    if (stored !== undefined) refuseOtherData(stored, configuration, path);
    for (const warning of dataWarnings(data.report)) terminal.err(`warning: ${warning}`);

    const steps = training.totalSteps(configuration, samples.train.length);
    const { startTfjsEngine } = await import('../../src/runtime/training/tfjs-engine.ts');
    const { scoreOutput } = await import('../../src/compiler/targets/score-output.ts');
    const scores = scoreOutput(model.module) ?? '';
    const engine = await startTfjsEngine(program, { seed: configuration.seed, steps, scores });
    try {
      const { provider, version: library } = engine.identity;
      terminal.err(
        `Training ${configuration.model} on ${samples.train.length} images, validating with ${samples.validation.length}: ${steps} steps of ${configuration.batch}, TensorFlow.js ${library} on ${provider}.`,
      );
      const { ImageCache } = await import('../../src/runtime/image-cache.ts');
      const cache = new ImageCache(request.cacheBytes);
      const result = await training.train({
        folder,
        engine,
        configuration,
        ...samples,
        labels: program.labels,
        pixels: program.pixels,
        netc: version,
        resume,
        checkpointEvery: request.checkpointEvery,
        cache,
        signal,
        changes: stored === undefined ? [] : differences(stored, configuration),
        report: new TrainingReporter(terminal, line, configuration.epochs),
      });
      line.clear();
      const report = { folder, synthetic: data.isSynthetic, step: result.progress.step, steps };
      if (result.outcome === 'interrupted') return { ...report, test: null };
      const test = await exportAndTest({
        ...request,
        engine,
        program,
        configuration,
        samples: data.test,
        cache,
      });
      return { ...report, test };
    } finally {
      engine.close();
    }
  } finally {
    await unlock();
  }
}

async function verified({ model, choice, terminal }: TrainingRequest): Promise<boolean> {
  const targets = ['onnx', 'tfjs'] as const;
  const verification = await verifyModel(model, { targets, choice, batch: undefined });
  if (verification.ok) terminal.err(`${basename(model.file)}: the targets agree.`);
  else terminal.err(renderChecks(verification));
  return verification.ok;
}

/** The configuration of the run, and its samples: the training list without those who are held out, and these. */
async function configure(
  { model, choice, wishes }: TrainingRequest,
  { augmentation }: TrainingProgram,
  stored: RunConfiguration | undefined,
  data: ChestXray14,
) {
  const { module, sources } = model;
  const { training } = module;
  if (training === undefined) throw new Error(`${model.file} was loaded without a \`train\``);
  for (const name of ['seed', 'batch', 'validation'] as const) {
    const wish = wishes[name];
    if (stored === undefined || wish === undefined || wish === stored[name]) continue;
    throw new UsageError(
      `--${name} ${wish} is not the run's, which is ${stored[name]}: leave it out, or start another run`,
    );
  }
  const [{ splitValidation }, { dataFingerprint }, { sourceHash }] = await Promise.all([
    import('../../src/runtime/split-validation.ts'),
    import('../../src/runtime/training/configuration.ts'),
    import('../../src/compiler/targets/source-hash.ts'),
  ]);
  const seed = wishes.seed ?? stored?.seed ?? training.seed;
  const validation = wishes.validation ?? stored?.validation ?? 0.1;
  const samples =
    data.validation === undefined
      ? splitValidation(data.train, { fraction: validation, seed })
      : { train: data.train, validation: data.validation };
  const set = JSON.stringify(Object.entries(choice.set).sort(([a], [b]) => (a < b ? -1 : 1)));
  const configuration: RunConfiguration = {
    model: module.model.name,
    source: `${await sourceHash(sources)} ${set}`,
    data: dataFingerprint([samples.train, samples.validation]),
    seed,
    batch: wishes.batch ?? stored?.batch ?? training.batch,
    epochs: wishes.epochs ?? stored?.epochs ?? training.epochs,
    maxSteps: wishes.maxSteps ?? stored?.maxSteps,
    validation,
    augmentation,
  };
  return { samples, configuration };
}

function occupied(folder: string): UserError {
  return new UserError('R4006', 'There is a run in this folder already.', {
    place: folder,
    remedy: 'Go on with it by --resume, or give another --out.',
  });
}

function refuseOtherData(stored: RunConfiguration, now: RunConfiguration, path: string): void {
  if (stored.data === now.data) return;
  throw new UserError('R4006', 'The run was begun with other images or labels than this data set has.', {
    place: path,
    remedy: 'Resume with the --data of the run, or start another run in another --out.',
  });
}
