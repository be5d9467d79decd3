import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Augmentation } from '../augmentation.ts';
import { UserError } from '../errors.ts';
import type { Sample } from '../sample.ts';
import { fromSystem } from '../system-errors.ts';
import { canonicalJson } from './canonical-json.ts';

/** Raised when what is written would not be understood by earlier versions. */
const formatVersion = 1;

/** All that a run's numbers depend on beside what its engine says of itself: written when it begins, compared when it is resumed. */
export interface RunConfiguration {
  readonly model: string;
  /** SHA-256 of the sources and of the hyper-parameters set for them. */
  readonly source: string;
  /** SHA-256 over names and labels, or masks, of the samples that are trained on and validated with. */
  readonly data: string;
  readonly seed: number;
  readonly batch: number;
  readonly epochs: number;
  /** Where the training ends, in the midst of an epoch if need be; undefined for the end of the last epoch. */
  readonly maxSteps: number | undefined;
  /** The share of the training images that are held out for validation. */
  readonly validation: number;
  readonly augmentation: Augmentation | undefined;
  /** What the run was begun with, `ort` or `tfjs`; undefined before it has begun. */
  readonly engine: string | undefined;
}

/** In words, for messages. */
const fieldNames: { readonly [K in keyof RunConfiguration]: string } = {
  model: 'the model',
  source: 'the source or its hyper-parameters (--set)',
  data: 'the data set',
  seed: 'the seed',
  batch: 'the batch size',
  epochs: 'the number of epochs',
  maxSteps: 'the number of steps',
  validation: 'the share for validation',
  augmentation: 'the augmentation',
  engine: 'the engine',
};

/** What stays the same from the beginning of a run to its end, whoever resumes it. */
export const lastingFields = ['data', 'seed', 'batch', 'validation'] as const;

const allFields = Object.keys(fieldNames) as readonly (keyof RunConfiguration)[];

/** The fields in which two configurations differ, in words. */
export function differences(
  a: RunConfiguration,
  b: RunConfiguration,
  fields: readonly (keyof RunConfiguration)[] = allFields,
): readonly string[] {
  return fields
    .filter((key) => canonicalJson(a[key]) !== canonicalJson(b[key]))
    .map((key) => fieldNames[key]);
}

/** Undefined where the folder has none. UserError R4001 where it cannot be understood, R4002 for another version. */
export async function readConfiguration(path: string): Promise<RunConfiguration | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fromSystem(error, path, 'read');
  }
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'It is not JSON.', cause);
  }
  if (typeof file !== 'object' || file === null || !('format' in file) || !('configuration' in file))
    throw damaged(path, 'It has no `format` and no `configuration`.');
  if (file.format !== formatVersion) throw otherVersion(path, file.format, formatVersion);
  if (!isConfiguration(file.configuration))
    throw damaged(path, 'Its `configuration` lacks a value, or has one of another type.');
  return file.configuration;
}

/** Damage that nobody makes by accident, such as an augmentation of strings, is not looked for. */
function isConfiguration(value: unknown): value is RunConfiguration {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const isCount = (name: string): boolean => Number.isSafeInteger(fields.get(name));
  return (
    ['model', 'source', 'data'].every((name) => typeof fields.get(name) === 'string') &&
    ['seed', 'batch', 'epochs'].every(isCount) &&
    (!fields.has('maxSteps') || isCount('maxSteps')) &&
    typeof fields.get('validation') === 'number'
  );
}

function damaged(path: string, message: string, cause?: unknown): UserError {
  return new UserError('R4001', message, {
    place: path,
    remedy: 'Put back a copy of it, or remove it: the last checkpoint, where there is one, has the same.',
    cause,
  });
}

/** UserError R4002, for every file of a run. */
export function otherVersion(path: string, found: unknown, read: number): UserError {
  return new UserError(
    'R4002',
    `It has version ${JSON.stringify(found)} of the format; this netc reads version ${read}.`,
    {
      place: path,
      remedy: 'Go on with the version of netc that wrote it, or start anew in another folder.',
    },
  );
}

export async function writeConfiguration(
  path: string,
  configuration: RunConfiguration,
  netc: string,
): Promise<void> {
  const file = { format: formatVersion, netc, configuration };
  await writeFileAtomic(path, `${JSON.stringify(file, null, 2)}\n`);
}

/** Tells data sets apart by what is learned from them; where the files lie does not matter, nor whose images they are. */
export function dataFingerprint(parts: readonly (readonly Sample[])[]): string {
  const hash = createHash('sha256');
  for (const samples of parts) {
    hash.update(`${samples.length}\n`);
    for (const { name, labels, known, masks } of samples) {
      const learned = masks === undefined ? `${labels.join()}\t${known.join()}` : masks.sha256;
      hash.update(`${name}\t${learned}\n`);
    }
  }
  return hash.digest('hex');
}
