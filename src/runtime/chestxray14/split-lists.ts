import { basename, join } from 'node:path';
import { textLines } from '../csv.ts';
import { UserError } from '../errors.ts';
import { chestXray14Labels, officialImages, source, threefoldImages } from './publication.ts';
import { readText } from './read-text.ts';

const trainAndValidation = ['train_val_list.txt', 'train_val_list_NIH.txt'] as const;
const test = ['test_list.txt', 'test_list_NIH.txt'] as const;

/** Splits in three that go round, under the names of the repositories that they come from; none is the official one. */
const threefold = [
  { train: 'train_list.txt', validation: 'val_list.txt', test: 'test_list.txt' },
  { train: 'train_1.txt', validation: 'val_1.txt', test: 'test_1.txt' },
] as const;

export interface SplitLists {
  readonly train: SplitList;
  /** Only where the split has one of its own. */
  readonly validation?: SplitList;
  readonly test: SplitList;
  readonly split: SplitIdentity;
}

/** Which split it is: results on another one than the official cannot be compared with those on it. */
export interface SplitIdentity {
  /** `part` has the official names and other lengths, as when somebody took a part of the data. */
  readonly kind: 'official' | 'part' | 'other' | 'synthetic';
  /** In words, for reports. */
  readonly description: string;
}

export interface SplitList {
  readonly path: string;
  /** File names of images, each once. */
  readonly names: readonly string[];
  /** Where the list brings labels of its own: the findings of each image. */
  readonly findings?: ReadonlyMap<string, readonly string[]>;
}

/** UserError R2005 where lists are missing, R2006 for what is none. */
export async function readSplitLists(folder: string, entries: readonly string[]): Promise<SplitLists> {
  const present = (name: string) => entries.includes(name);
  const trainName = trainAndValidation.find(present);
  if (trainName !== undefined) {
    const testName = test.find(present);
    if (testName === undefined) throw missing(folder, test);
    return readOfficial(join(folder, trainName), join(folder, testName));
  }
  const names = threefold.find((one) => present(one.train));
  if (names === undefined) throw missing(folder, trainAndValidation);
  const absent = [names.validation, names.test].find((name) => !present(name));
  if (absent !== undefined) throw missing(folder, [absent]);
  const [train, validation, tested] = await Promise.all([
    readList(join(folder, names.train)),
    readList(join(folder, names.validation)),
    readList(join(folder, names.test)),
  ]);
  const isWhole =
    train.names.length === threefoldImages.train &&
    validation.names.length === threefoldImages.validation &&
    tested.names.length === threefoldImages.test;
  const which = `${isWhole ? '70/10/20 ' : ''}lists ${Object.values(names).join(', ')}`;
  const description = `the ${which}, which are not the official split`;
  return { train, validation, test: tested, split: { kind: 'other', description } };
}

async function readOfficial(trainPath: string, testPath: string): Promise<SplitLists> {
  const [train, tested] = await Promise.all([readList(trainPath), readList(testPath)]);
  for (const { path, findings } of [train, tested]) {
    if (findings === undefined) continue;
    throw new UserError(
      'R2006',
      'The list has labels behind the names, as the 70/10/20 lists have, which do not belong with an official list.',
      {
        place: path,
        remedy: `Fetch ${basename(path)} from ${source}, or take ${basename(trainPath)} away to use the 70/10/20 lists.`,
      },
    );
  }
  const isWhole = train.names.length === officialImages.train && tested.names.length === officialImages.test;
  const counts = `${train.names.length} of ${officialImages.train} and ${tested.names.length} of ${officialImages.test} images`;
  const split: SplitIdentity = isWhole
    ? { kind: 'official', description: 'the official split' }
    : { kind: 'part', description: `lists with the official names and ${counts}` };
  return { train, test: tested, split };
}

function missing(folder: string, names: readonly string[]): UserError {
  return new UserError('R2005', `The folder has no ${names.join(' and no ')}.`, {
    place: folder,
    remedy: `Put ${names[0] ?? 'it'} into this folder; the official lists are published with the images at ${source}.`,
  });
}

/** The path of an image; or that and a 0 or 1 for each of the 14 findings. */
const listLine = new RegExp(
  `^(?<path>[^,]+\\.(?:png|jpe?g))(?<marks>(?:\\s+[01]){${chestXray14Labels.length}})?$`,
  'i',
);

/** Two paths look like one that has a blank inside. */
const severalPaths = /\.(?:png|jpe?g)\s/i;

/** One image a line, by its file name, with or without a folder before it as any system writes it. */
async function readList(path: string): Promise<SplitList> {
  const names = new Set<string>();
  const findings = new Map<string, readonly string[]>();
  for (const [index, line] of textLines(await readText(path)).entries()) {
    const entry = line.trim();
    if (entry === '') continue;
    const { path: image, marks } = listLine.exec(entry)?.groups ?? {};
    if (image === undefined || severalPaths.test(image)) {
      throw new UserError('R2006', `The line "${entry.slice(0, 60)}" is not one file name of an image.`, {
        place: `${path}:${index + 1}`,
        remedy: 'Use the official list: one file name a line, with its .png, and nothing else.',
      });
    }
    const name = image.replace(/^.*[/\\]/, '');
    names.add(name);
    if (marks === undefined) continue;
    const values = marks.trim().split(/\s+/);
    findings.set(
      name,
      chestXray14Labels.filter((_, k) => values[k] === '1'),
    );
  }
  return { path, names: [...names], ...(findings.size === 0 ? {} : { findings }) };
}
