import type { Sample } from './sample.ts';

/** What a data set on the disk holds, in counts: no name of a patient or an image. */
export interface DataReport {
  readonly labelFile: string;
  /** Images on the disk. */
  readonly images: number;
  /** Rows of the label file whose image is not on the disk. */
  readonly missing: number;
  /** Images on the disk that the label file does not know. */
  readonly unlabelled: number;
  readonly train: SplitReport;
  readonly test: SplitReport;
  /** Patients with images in both splits: above 0, the test result is too good. */
  readonly sharedPatients: number;
}

export interface SplitReport {
  /** Images that the list names. */
  readonly listed: number;
  /** Of these, images that are on the disk and labelled. */
  readonly samples: number;
  readonly patients: number;
  /** Samples with each label. */
  readonly positives: Readonly<Record<string, number>>;
  /** Samples without any of the labels. */
  readonly negatives: number;
}

interface Split {
  readonly listed: number;
  readonly samples: readonly Sample[];
}

export function buildReport(data: {
  readonly labels: readonly string[];
  readonly labelFile: string;
  /** File names in the label file. */
  readonly labelled: Iterable<string>;
  /** Paths on the disk by file name. */
  readonly images: ReadonlyMap<string, string>;
  readonly train: Split;
  readonly test: Split;
}): DataReport {
  let missing = 0;
  let labelledHere = 0;
  for (const name of data.labelled) {
    if (data.images.has(name)) labelledHere++;
    else missing++;
  }
  const testPatients = patientsOf(data.test);
  return {
    labelFile: data.labelFile,
    images: data.images.size,
    missing,
    unlabelled: data.images.size - labelledHere,
    train: reportSplit(data.train, data.labels),
    test: reportSplit(data.test, data.labels),
    sharedPatients: [...patientsOf(data.train)].filter((patient) => testPatients.has(patient)).length,
  };
}

function patientsOf({ samples }: Split): ReadonlySet<string> {
  return new Set(samples.map(({ patient }) => patient));
}

function reportSplit(split: Split, names: readonly string[]): SplitReport {
  const { listed, samples } = split;
  const counts = names.map(
    (name, k) => [name, samples.filter(({ labels }) => labels[k] === 1).length] as const,
  );
  return {
    listed,
    samples: samples.length,
    patients: patientsOf(split).size,
    positives: Object.fromEntries(counts),
    negatives: samples.filter(({ labels }) => labels.every((label) => label === 0)).length,
  };
}

/** The report as lines for a terminal. */
export function renderDataReport(report: DataReport): string {
  const { train, test } = report;
  const width = Math.max(...Object.keys(train.positives).map((name) => name.length), 'patients'.length);
  const line = (name: string, a: string | number, b: string | number) =>
    `  ${name.padEnd(width)} ${String(a).padStart(8)} ${String(b).padStart(8)}`;
  const warning =
    report.sharedPatients === 0 ? [] : [`warning: ${report.sharedPatients} patients are in both splits`];
  return [
    `${report.images} images on the disk; ${report.missing} more are labelled, ${report.unlabelled} here are not`,
    line('', 'train', 'test'),
    line('listed', train.listed, test.listed),
    line('samples', train.samples, test.samples),
    line('patients', train.patients, test.patients),
    ...Object.entries(train.positives).map(([name, positives]) =>
      line(name, positives, test.positives[name] ?? 0),
    ),
    line('none', train.negatives, test.negatives),
    ...warning,
  ].join('\n');
}
