import type { FoundImages } from './chestxray14/find-images.ts';
import { chestXray14Labels, noFinding } from './chestxray14/publication.ts';
import type { LabelFile } from './chestxray14/label-file.ts';
import type { SplitIdentity, SplitList } from './chestxray14/split-lists.ts';
import type { Sample } from './sample.ts';

/** What a data set on the disk holds. It names no patient, and images only where something is wrong with them. */
export interface DataReport {
  readonly labelFile: string;
  readonly split: SplitIdentity;
  /** Images on the disk. */
  readonly images: number;
  /** Files on the disk with the name of another one, which are not read. */
  readonly duplicates: number;
  /** Rows of the label file whose image is not on the disk. */
  readonly missing: number;
  /** Images on the disk that the label file does not know. */
  readonly unlabelled: number;
  /** Images on the disk that no list names. */
  readonly unlisted: NamedImages;
  readonly train: SplitReport;
  /** Where the split has a list of it. */
  readonly validation?: SplitReport;
  readonly test: SplitReport;
  /** Patients with images in more than one part of the split: above 0, results are too good. */
  readonly sharedPatients: number;
  /** Their images, each once. */
  readonly sharedImages: NamedImages;
  /** What the label file calls findings and is none of the 14, as after a change by hand. */
  readonly otherFindings: readonly string[];
  /** Images to which a list gives other labels than the label file, which counts. */
  readonly disagreements: NamedImages;
}

/** Images with something in common: how many, and the first few of them. */
export interface NamedImages {
  readonly count: number;
  readonly first: readonly string[];
}

export interface SplitReport {
  readonly list: string;
  /** Images that the list names. */
  readonly listed: number;
  /** Of these, images that are not on the disk. */
  readonly missing: number;
  /** Of these, images that are on the disk and not in the label file. */
  readonly unlabelled: number;
  /** The rest: what can be used. */
  readonly samples: number;
  readonly patients: number;
  /** Samples with each label. */
  readonly positives: Readonly<Record<string, number>>;
  /** Samples without any of the labels. */
  readonly negatives: number;
}

interface Split {
  readonly list: SplitList;
  readonly samples: readonly Sample[];
}

interface Data {
  readonly labels: readonly string[];
  readonly labelFile: LabelFile;
  readonly images: FoundImages;
  readonly split: SplitIdentity;
  readonly train: Split;
  readonly validation: Split | undefined;
  readonly test: Split;
}

export function buildReport(data: Data): DataReport {
  const { labelFile, images, train, validation, test } = data;
  const splits = [train, ...(validation === undefined ? [] : [validation]), test];
  const names = [...images.paths.keys()];
  const labelled = names.filter((name) => labelFile.rows.has(name)).length;
  const listed = new Set(splits.flatMap(({ list }) => list.names));
  const shared = sharedPatients(splits);
  const disagreeing = splits.flatMap(({ list, samples }) =>
    samples.filter(({ name }) => disagrees(list.findings?.get(name), labelFile.rows.get(name)?.findings)),
  );
  return {
    labelFile: labelFile.path,
    split: data.split,
    images: names.length,
    duplicates: images.duplicates,
    missing: labelFile.rows.size - labelled,
    unlabelled: names.length - labelled,
    unlisted: named(names.filter((name) => !listed.has(name))),
    train: reportSplit(train, data),
    ...(validation === undefined ? {} : { validation: reportSplit(validation, data) }),
    test: reportSplit(test, data),
    sharedPatients: shared.size,
    sharedImages: named([
      ...new Set(
        splits.flatMap(({ samples }) =>
          samples.filter(({ patient }) => shared.has(patient)).map(({ name }) => name),
        ),
      ),
    ]),
    otherFindings: otherFindings(labelFile),
    disagreements: named(disagreeing.map(({ name }) => name)),
  };
}

function named(names: readonly string[]): NamedImages {
  return { count: names.length, first: names.slice(0, 5) };
}

function sharedPatients(splits: readonly Split[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const split of splits) {
    const here = patientsOf(split);
    for (const patient of here) if (seen.has(patient)) shared.add(patient);
    for (const patient of here) seen.add(patient);
  }
  return shared;
}

function patientsOf({ samples }: Split): ReadonlySet<string> {
  return new Set(samples.map(({ patient }) => patient));
}

function otherFindings({ rows }: LabelFile): readonly string[] {
  const known: ReadonlySet<string> = new Set([...chestXray14Labels, noFinding]);
  const others = new Set<string>();
  for (const { findings } of rows.values())
    for (const finding of findings) if (!known.has(finding)) others.add(finding);
  return [...others];
}

/** Of the label file's findings, only those that a list can have count: it has none for `No Finding`. */
function disagrees(ofList: readonly string[] | undefined, ofFile: readonly string[] = []): boolean {
  if (ofList === undefined) return false;
  const found = ofFile.filter((finding) => finding !== noFinding);
  return found.length !== ofList.length || found.some((finding) => !ofList.includes(finding));
}

function reportSplit(split: Split, { labels, images, labelFile }: Data): SplitReport {
  const { list, samples } = split;
  const counts = labels.map(
    (name, k) => [name, samples.filter((sample) => sample.labels[k] === 1).length] as const,
  );
  const onDisk = list.names.filter((name) => images.paths.has(name));
  return {
    list: list.path,
    listed: list.names.length,
    missing: list.names.length - onDisk.length,
    unlabelled: onDisk.filter((name) => !labelFile.rows.has(name)).length,
    samples: samples.length,
    patients: patientsOf(split).size,
    positives: Object.fromEntries(counts),
    negatives: samples.filter((sample) => sample.labels.every((label) => label === 0)).length,
  };
}
