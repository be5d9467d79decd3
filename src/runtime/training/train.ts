import { join } from 'node:path';
import { batches, batchRanges } from '../batches.ts';
import { UserError } from '../errors.ts';
import type { ImageCache } from '../image-cache.ts';
import type { PixelSpec } from '../prepare.ts';
import type { Sample } from '../sample.ts';
import {
  readCheckpoint,
  writeCheckpoint,
  isFiniteState,
  type BestEpoch,
  type Checkpoint,
  type Progress,
} from './checkpoint.ts';
import { differences, lastingFields, writeConfiguration, type RunConfiguration } from './configuration.ts';
import type { Engine, EngineIdentity } from './engine.ts';
import { evaluateSamples } from './evaluate-samples.ts';
import type { Measure, Measurement } from './measure.ts';
import { RunLog } from './run-log.ts';

/** The files of a run, by what they hold. */
export const runFiles = {
  configuration: 'run.json',
  last: 'last.safetensors',
  best: 'best.safetensors',
  steps: 'steps.csv',
  epochs: 'epochs.csv',
} as const;

export interface TrainOptions {
  readonly folder: string;
  readonly engine: Engine;
  readonly configuration: RunConfiguration;
  readonly train: readonly Sample[];
  readonly validation: readonly Sample[];
  /** What the epochs are compared by. */
  readonly measure: Measure;
  readonly pixels: PixelSpec;
  /** Throws where the folder is not this run's any more; asked before a checkpoint is put there. */
  readonly confirmFolder?: () => Promise<void>;
  /** Version of netc, for the checkpoints. */
  readonly netc: string;
  /** Goes on from the last checkpoint in the folder, where there is one. */
  readonly resume: boolean;
  /** A checkpoint is written whenever this many milliseconds have passed, and after each epoch. */
  readonly checkpointEvery: number;
  /** Keeps images in memory between epochs. */
  readonly cache: ImageCache;
  /** Asks for the end: the step under way is finished, and a checkpoint written. */
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/** Hears what happens. Nothing that it does changes a number. */
export interface Reporter {
  /** A run is resumed that has no checkpoint yet: it starts at its beginning. */
  begun(): void;
  /**
   * `changes`: in what the run is not the one that was begun, in words; its numbers are then others, too. `lostLogs`:
   * files of which rows are missing from before the checkpoint; no number depends on them.
   */
  resumed(progress: Progress, changes: readonly string[], lostLogs: readonly string[]): void;
  step(event: StepEvent): void;
  validating(done: number, samples: number): void;
  epoch(event: EpochEvent): void;
}

export interface StepEvent {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly loss: number;
  /** Mean loss of the epoch so far. */
  readonly meanLoss: number;
  readonly samples: number;
}

export interface EpochEvent {
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly validation: Measurement;
  readonly isBest: boolean;
}

export interface TrainResult {
  /** `interrupted` where the signal came first; a checkpoint is there then. */
  readonly outcome: 'finished' | 'interrupted';
  readonly progress: Progress;
}

/** How many steps a configuration takes. */
export function totalSteps({ batch, epochs, maxSteps }: RunConfiguration, samples: number): number {
  return Math.min(epochs * batchRanges(samples, batch).length, maxSteps ?? Infinity);
}

/**
 * Trains to the end of the configuration, or until the signal. Every number is a function of configuration and engine:
 * a run that is killed at any moment and resumed ends with the same bits in weights and logs as one that is not.
 *
 * UserError R4001 and R4002 for a checkpoint that cannot be read, R4004 for one of another architecture, R4006 for one of
 * another run, R4005 when the loss is no number any more, and what reading images and writing files throw.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const run = await Run.open(options);
  try {
    return await run.toItsEnd();
  } finally {
    await run.close();
  }
}

const fresh = (seed: number): Progress => ({
  step: 0,
  epoch: 0,
  batch: 0,
  lossSum: 0,
  lossCount: 0,
  best: undefined,
  logs: {},
  seed,
});

/** Rows of the log are written at least this often, for those who follow it. */
const rowsAtOnce = 20;

class Run {
  readonly #options: TrainOptions;
  readonly #stepLog: RunLog;
  readonly #epochLog: RunLog;
  readonly #steps: number;
  #progress: Progress;
  #checkpointAt = performance.now();

  private constructor(options: TrainOptions, progress: Progress, stepLog: RunLog, epochLog: RunLog) {
    this.#options = options;
    this.#progress = progress;
    this.#stepLog = stepLog;
    this.#epochLog = epochLog;
    this.#steps = totalSteps(options.configuration, options.train.length);
  }

  static async open(options: TrainOptions): Promise<Run> {
    const { folder, resume, configuration, measure, report } = options;
    const path = join(folder, runFiles.last);
    const checkpoint = resume ? await readCheckpoint(path) : undefined;
    if (checkpoint !== undefined) {
      requireSameRun(checkpoint, configuration, path);
      // Now, and not at the end, which may be a day away.
      if (checkpoint.progress.best !== undefined) await readBest(folder, configuration);
      restore(options.engine, checkpoint.state, path);
    }
    const progress = checkpoint?.progress ?? fresh(configuration.seed);
    // Not before the checkpoints have been found to fit: a resumed run that is refused stays what it was.
    await writeConfiguration(join(folder, runFiles.configuration), configuration, options.netc);
    const { steps = 0, epochs = 0 } = progress.logs;
    const stepLog = await RunLog.open(join(folder, runFiles.steps), ['step', 'epoch', 'rate', 'loss'], steps);
    try {
      const columns = [
        'epoch',
        'step',
        'train_loss',
        'validation_loss',
        `validation_${measure.name}`,
        ...measure.labels,
      ];
      const epochLog = await RunLog.open(join(folder, runFiles.epochs), columns, epochs);
      if (checkpoint !== undefined) {
        const lost = [
          ...(stepLog.isWhole ? [] : [runFiles.steps]),
          ...(epochLog.isWhole ? [] : [runFiles.epochs]),
        ];
        report.resumed(progress, changesSince(checkpoint, options), lost);
      } else if (resume) report.begun();
      return new Run(options, progress, stepLog, epochLog);
    } catch (error) {
      await stepLog.close();
      throw error;
    }
  }

  async toItsEnd(): Promise<TrainResult> {
    while (!this.#isDone()) {
      const isWhole = await this.#finishEpoch();
      if (!isWhole) await this.#checkpoint();
      if (this.#options.signal.aborted && !this.#isDone()) {
        return { outcome: 'interrupted', progress: this.#progress };
      }
    }
    return { outcome: 'finished', progress: this.#progress };
  }

  /** Whether all steps are taken and the last epoch, which need not be whole, has been validated. */
  #isDone(): boolean {
    return this.#progress.step >= this.#steps && this.#progress.batch === 0;
  }

  async close(): Promise<void> {
    await this.#stepLog.close();
    await this.#epochLog.close();
  }

  /** Trains on what is left of the epoch and validates; false where the signal came before. */
  async #finishEpoch(): Promise<boolean> {
    const { engine, configuration, train, pixels, cache, signal, report } = this.#options;
    const { seed, augmentation } = configuration;
    const { epoch, batch: from } = this.#progress;
    const view = augmentation === undefined ? {} : { augment: { seed, epoch, by: augmentation } };
    const reading = {
      size: configuration.batch,
      pixels,
      shuffle: { seed, epoch },
      from,
      cache,
      ...view,
    };
    for await (const batch of this.#progress.step < this.#steps ? batches(train, reading) : []) {
      const rate = engine.rate;
      const loss = await engine.trainOn(batch);
      const step = engine.step;
      if (!Number.isFinite(loss)) throw await this.#diverged(step, 'the loss', loss);
      if (engine.origin !== undefined) throw await this.#diverged(step, 'a weight', NaN);
      this.#stepLog.add([step, epoch, rate, loss]);
      this.#progress = {
        ...this.#progress,
        step,
        batch: batch.index + 1,
        lossSum: this.#progress.lossSum + loss * batch.size,
        lossCount: this.#progress.lossCount + batch.size,
      };
      const meanLoss = this.#progress.lossSum / this.#progress.lossCount;
      report.step({ step, steps: this.#steps, epoch, loss, meanLoss, samples: batch.size });
      if (signal.aborted) return false;
      if (step === this.#steps) break;
      if (step % rowsAtOnce === 0) await this.#stepLog.flush({ durable: false });
      if (performance.now() - this.#checkpointAt >= this.#options.checkpointEvery) await this.#checkpoint();
    }
    return this.#validate();
  }

  /** Ends the epoch; false where the signal came first: then it is validated when the run is resumed. */
  async #validate(): Promise<boolean> {
    const { engine, configuration, validation, measure, pixels, cache, signal, report } = this.#options;
    const { epoch, step, lossSum, lossCount, best } = this.#progress;
    const reading = { size: configuration.batch, pixels, cache, signal };
    const result = await evaluateSamples(
      engine,
      validation,
      reading,
      (done) => report.validating(done, validation.length),
      measure.keep,
    ).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (result === undefined) return false;
    if (!Number.isFinite(result.loss)) throw await this.#diverged(step, 'the validation loss', result.loss);
    if (result.scores.some((score) => Number.isNaN(score)))
      throw await this.#diverged(step, 'a score of the validation', NaN);
    const measurement = measure.over(validation, result.scores);
    const trainLoss = lossSum / lossCount;
    const { mean, values } = measurement;
    this.#epochLog.add([epoch, step, trainLoss, result.loss, mean, ...values]);

    const measured: BestEpoch =
      mean === undefined
        ? { epoch, step, measure: 'loss', value: -result.loss }
        : { epoch, step, measure: measure.name, value: mean };
    const isBest = best === undefined || best.measure !== measured.measure || measured.value > best.value;
    this.#progress = {
      ...this.#progress,
      epoch: epoch + 1,
      batch: 0,
      lossSum: 0,
      lossCount: 0,
      best: isBest ? measured : best,
    };
    // The best first: a crash between the two repeats the epoch, and so writes the best again.
    if (isBest) await this.#checkpoint(runFiles.best);
    await this.#checkpoint();
    report.epoch({ epoch, step, trainLoss, validationLoss: result.loss, validation: measurement, isBest });
    return true;
  }

  async #checkpoint(file: string = runFiles.last): Promise<void> {
    const { engine, folder, configuration, netc, confirmFolder } = this.#options;
    const state = await engine.exportState();
    if (!isFiniteState(state)) throw await this.#diverged(this.#progress.step, 'a weight', NaN);
    await confirmFolder?.();
    // On the disk before the checkpoint that counts their bytes.
    await this.#stepLog.flush({ durable: true });
    await this.#epochLog.flush({ durable: true });
    this.#progress = {
      ...this.#progress,
      logs: { steps: this.#stepLog.length, epochs: this.#epochLog.length },
    };
    await writeCheckpoint(join(folder, file), {
      progress: this.#progress,
      identity: engine.identity,
      netc,
      configuration,
      state,
    });
    this.#checkpointAt = performance.now();
  }

  async #diverged(step: number, what: string, value: number): Promise<UserError> {
    // For whoever wants to see how it came about.
    await this.#stepLog.flush({ durable: false });
    const path = join(this.#options.folder, runFiles.last);
    const last = await readCheckpoint(path);
    const become = Number.isNaN(value) ? 'no number any more' : 'infinite';
    const kept =
      last === undefined
        ? 'There is no checkpoint from before.'
        : `The last good checkpoint, of step ${last.progress.step}, is kept.`;
    const { origin } = this.#options.engine;
    const begins = origin === undefined ? '' : ` It begins with ${origin}`;
    return new UserError('R4005', `At step ${step} ${what} is ${become}. ${kept}${begins}`, {
      place: last === undefined ? this.#options.folder : path,
      remedy: `Lower the learning rate or lengthen the warm-up in the \`train\` of the source, and start anew in another folder.${origin === undefined ? ' With --debug-nan a run tells which operation it begins with.' : ''}`,
    });
  }
}

/** The checkpoint of the best epoch. UserError R4001 where it is missing or damaged, R4006 for that of another run. */
export async function readBest(folder: string, configuration: RunConfiguration): Promise<Checkpoint> {
  const path = join(folder, runFiles.best);
  const best = await readCheckpoint(path);
  if (best === undefined) {
    throw new UserError('R4001', 'The checkpoint of the best epoch is missing.', {
      place: path,
      remedy: 'Put back a copy of it, or start anew in another folder.',
    });
  }
  requireSameRun(best, configuration, path);
  return best;
}

/** A file that was copied to the wrong place would be gone on with. */
function requireSameRun(checkpoint: Checkpoint, configuration: RunConfiguration, path: string): void {
  const others = differences(checkpoint.configuration, configuration, lastingFields);
  if (others.length === 0) return;
  throw new UserError('R4006', `The checkpoint is of another run, by ${others.join(' and ')}.`, {
    place: path,
    remedy: 'Put back the checkpoint of this run, or start anew in another folder.',
  });
}

/** Gives a state to an engine. UserError R4004 that names the parameters where it is of another architecture. */
export function restore(engine: Engine, state: Uint8Array, path: string): void {
  try {
    engine.importState(state);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // One fault a line; a message is one line.
    const [said = '', ...faults] = error.message.split('\n').map((line) => line.trim());
    const all = faults.length === 0 ? said : `${said} ${faults.join('; ')}`;
    throw new UserError('R4004', `The checkpoint is of another architecture: ${all.replace(/\.$/, '')}.`, {
      place: path,
      remedy:
        'Resume with the source and the hyper-parameters (--set) of the run, or start anew in another folder.',
      cause: error,
    });
  }
}

/** In what a run that goes on from a checkpoint is another one than that which wrote it. */
function changesSince(before: Checkpoint, { configuration, engine, netc }: TrainOptions): readonly string[] {
  return [
    ...differences(before.configuration, configuration),
    ...identityChanges(before.identity, engine.identity),
    ...(before.netc === netc ? [] : [`netc ${before.netc} -> ${netc}`]),
  ];
}

function identityChanges(before: EngineIdentity, now: EngineIdentity): string[] {
  const keys = ['engine', 'version', 'provider', 'instructionSet', 'threads'] as const;
  return keys
    .filter((key) => before[key] !== now[key])
    .map((key) => `${key === 'instructionSet' ? 'instruction set' : key} ${before[key]} -> ${now[key]}`);
}
