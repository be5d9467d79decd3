import { join } from 'node:path';
import { sourceHash } from '../../src/compiler/targets/source-hash.ts';
import type { ChestXray14 } from '../../src/runtime/chestxray14.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { splitValidation } from '../../src/runtime/split-validation.ts';
import { readCheckpoint } from '../../src/runtime/training/checkpoint.ts';
import {
  dataFingerprint,
  readConfiguration,
  type RunConfiguration,
} from '../../src/runtime/training/configuration.ts';
import type { ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { runFiles } from '../../src/runtime/training/train.ts';
import { UsageError } from '../command.ts';
import type { CompiledModel } from '../compile-model.ts';
import type { ModelChoice } from '../source-options.ts';

/** What the command line asks for; the run's own configuration or the source has the rest. */
export type Wishes = {
  readonly [K in 'seed' | 'batch' | 'epochs' | 'maxSteps' | 'validation']: number | undefined;
};

export interface Samples {
  /** The training list without those who are held out. */
  readonly train: readonly Sample[];
  readonly validation: readonly Sample[];
}

/**
 * How the run in a folder was begun: as its `run.json` says or, where that was lost, its last checkpoint. Undefined where
 * there is none. UserError R4006 for a run that is not to be resumed, R4001 and R4002 for files that cannot be read.
 */
export async function storedConfiguration(
  folder: string,
  resume: boolean,
): Promise<RunConfiguration | undefined> {
  const stored =
    (await readConfiguration(join(folder, runFiles.configuration))) ??
    (await readCheckpoint(join(folder, runFiles.last)))?.configuration;
  if (stored === undefined || resume) return stored;
  throw new UserError('R4006', 'There is a run in this folder already.', {
    place: folder,
    remedy: 'Go on with it by --resume, or give another --out.',
  });
}

/** UsageError for a wish that the run in the folder does not grant. */
export function refuseOtherWishes(wishes: Wishes, stored: RunConfiguration): void {
  for (const name of ['seed', 'batch', 'validation'] as const) {
    const wish = wishes[name];
    if (wish === undefined || wish === stored[name]) continue;
    throw new UsageError(
      `--${name} ${wish} is not the run's, which is ${stored[name]}: leave it out, or start another run`,
    );
  }
}

/**
 * The configuration of a run, and its samples. UserError R2011 where no patient can be held out, R4006 where the run in
 * the folder was begun with other samples.
 */
export async function configureRun(
  { model, choice, wishes, folder }: ConfigurationRequest,
  { augmentation }: ImageRecipe,
  stored: RunConfiguration | undefined,
  data: ChestXray14,
): Promise<{ readonly samples: Samples; readonly configuration: RunConfiguration }> {
  const { module, sources } = model;
  const { training } = module;
  if (training === undefined) throw new Error(`${model.file} was loaded without a \`train\``);
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
    engine: stored?.engine,
  };
  if (stored !== undefined && stored.data !== configuration.data) {
    throw new UserError('R4006', 'The run was begun with other images or labels than this data set has.', {
      place: folder,
      remedy: 'Resume with the --data of the run, or start another run in another --out.',
    });
  }
  return { samples, configuration };
}

export interface ConfigurationRequest {
  readonly model: CompiledModel;
  readonly choice: ModelChoice;
  readonly wishes: Wishes;
  readonly folder: string;
}
