import { readdir } from 'node:fs/promises';
import { findImages } from './chestxray14/find-images.ts';
import type { FoundImages } from './chestxray14/find-images.ts';
import { checkLabels, readLabelFile } from './chestxray14/label-file.ts';
import type { LabelFile } from './chestxray14/label-file.ts';
import { source } from './chestxray14/publication.ts';
import { readSplitLists } from './chestxray14/split-lists.ts';
import type { SplitList } from './chestxray14/split-lists.ts';
import { isSynthetic, syntheticSplit } from './chestxray14/synthetic.ts';
import { buildReport } from './data-report.ts';
import type { DataReport } from './data-report.ts';
import { UserError } from './errors.ts';
import type { Sample } from './sample.ts';

export { chestXray14Labels } from './chestxray14/publication.ts';

export interface ChestXray14 {
  /** The images of the training list that are on the disk, in its order. */
  readonly train: readonly Sample[];
  /** Those of the validation list. The official split has none: see `splitValidation`. */
  readonly validation?: readonly Sample[];
  readonly test: readonly Sample[];
  readonly report: DataReport;
}

/**
 * Reads the ChestX-ray14 data set (Wang et al., CVPR 2017) from a folder in any layout in circulation: the images in
 * `images`, `images_001`, `images_001/images` or `images-224/images-224`; the labels in `Data_Entry_2017_v2020.csv` or
 * `Data_Entry_2017.csv`; the official split in `train_val_list.txt` and `test_list.txt`, or with `_NIH` in their names,
 * or else one in three parts in `train_list.txt`, `val_list.txt` and `test_list.txt`, or `train_1.txt` and so on. Part
 * of the images is enough: the lists are joined with what is on the disk, and the report says what is missing.
 *
 * `labels` are the names of the model, matched exactly. UserError R2001 to R2008 or R2010 for what does not fit.
 */
export async function readChestXray14(folder: string, labels: readonly string[]): Promise<ChestXray14> {
  const entries = await listDataFolder(folder);
  const labelFile = await readLabelFile(folder, entries);
  checkLabels(labels, labelFile);
  const lists = await readSplitLists(folder, entries);
  const images = await findImages(folder, entries);

  const join = (list: SplitList) => {
    const samples = joinSamples(list, labelFile, images.paths, labels);
    if (samples.length > 0) return { list, samples };
    if (list.names.length === 0) {
      throw new UserError('R2008', 'The list names no image.', {
        place: list.path,
        remedy: `Fetch it again from ${source}: one file name a line.`,
      });
    }
    throw new UserError(
      'R2008',
      `None of the ${list.names.length} images of this list is both on the disk and in the label file: ${overlap(list, labelFile, images)}.`,
      {
        place: list.path,
        remedy: `Check that the images below ${folder} are those of the list, or fetch more of them from ${source}.`,
      },
    );
  };
  const train = join(lists.train);
  const validation = lists.validation && join(lists.validation);
  const test = join(lists.test);
  const split = (await isSynthetic(folder, entries)) ? syntheticSplit : lists.split;
  const report = buildReport({ labels, labelFile, images, split, train, validation, test });
  return {
    train: train.samples,
    ...(validation === undefined ? {} : { validation: validation.samples }),
    test: test.samples,
    report,
  };
}

async function listDataFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new UserError('R2001', 'There is no folder here that can be read.', {
      place: folder,
      remedy: `Give the folder that has the images and the label file; both are published at ${source}.`,
      cause: error,
    });
  }
}

/** How much of a list there is, and how names are written in each place: they may differ in their ends alone. */
function overlap({ names }: SplitList, { rows }: LabelFile, { paths }: FoundImages): string {
  const onDisk = names.filter((name) => paths.has(name)).length;
  const labelled = names.filter((name) => rows.has(name)).length;
  const first = (all: Iterable<string>) => [...all][0] ?? 'nothing';
  return (
    `${onDisk} are on the disk, ${labelled} in the label file; ` +
    `the list begins with ${first(names)}, the label file with ${first(rows.keys())}, the disk with ${first(paths.keys())}`
  );
}

function joinSamples(
  { names }: SplitList,
  { rows }: LabelFile,
  images: ReadonlyMap<string, string>,
  labels: readonly string[],
): readonly Sample[] {
  const known = new Float32Array(labels.length).fill(1);
  const samples: Sample[] = [];
  for (const name of names) {
    const row = rows.get(name);
    const path = images.get(name);
    if (row === undefined || path === undefined) continue;
    const present = Float32Array.from(labels, (label) => (row.findings.includes(label) ? 1 : 0));
    samples.push({ name, path, patient: row.patient, labels: present, known });
  }
  return samples;
}
