import { basename } from 'node:path';
import type { DataReport, NamedImages, SplitReport } from './data-report.ts';

/** The report as lines for a terminal: its numbers, then its warnings. */
export function renderDataReport(report: DataReport): string {
  const { train, validation, test } = report;
  const parts = validation === undefined ? [train, test] : [train, validation, test];
  const titles = validation === undefined ? ['train', 'test'] : ['train', 'validation', 'test'];
  const labels = Object.keys(train.positives);
  const width = Math.max(...labels.map((name) => name.length), 'not on the disk'.length);
  const line = (name: string, cells: readonly (string | number)[]) =>
    `  ${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(10)).join(' ')}`.trimEnd();
  const row = (name: string, value: (part: SplitReport) => number) => line(name, parts.map(value));
  return [
    `${report.images} images on the disk; ${report.missing} more are in ${basename(report.labelFile)}`,
    `split: ${report.split.description}`,
    line('', titles),
    row('listed', ({ listed }) => listed),
    row('not on the disk', ({ missing }) => missing),
    row('usable', ({ samples }) => samples),
    row('patients', ({ patients }) => patients),
    ...labels.map((label) => row(label, ({ positives }) => positives[label] ?? 0)),
    row('none of these', ({ negatives }) => negatives),
    ...dataWarnings(report).map((warning) => `warning: ${warning}`),
  ].join('\n');
}

/** What whoever trains on the data or reads results on it ought to know; each a sentence without its full stop. */
export function dataWarnings(report: DataReport): readonly string[] {
  const { split, duplicates, unlabelled, unlisted, sharedPatients, sharedImages, disagreements } = report;
  const { train, validation, test, otherFindings } = report;
  const never = (part: SplitReport) =>
    Object.keys(part.positives)
      .filter((label) => part.positives[label] === 0)
      .join(', ');
  const untestable = never(test);
  const warnings: readonly (readonly [applies: boolean, text: string])[] = [
    [split.kind === 'synthetic', `${split.description}: results on them say nothing about real ones`],
    ...[train, ...(validation === undefined ? [] : [validation]), test].map(
      ({ list, listed, missing }) =>
        [missing > 0, `${missing} of the ${listed} images of ${basename(list)} are not on the disk`] as const,
    ),
    [
      sharedPatients > 0,
      `${count(sharedPatients, 'patient')} on more than one side of the split, so that results are too good${examples(sharedImages)}`,
    ],
    [
      split.kind === 'other',
      `results on ${split.description}, cannot be compared with results on the official one`,
    ],
    [never(train) !== '', `never positive in training, so that nothing can be learnt of it: ${never(train)}`],
    [untestable !== '', `never positive in the test images, so that its AUC is undefined: ${untestable}`],
    [
      validation !== undefined && never(validation) !== '',
      `never positive in validation: ${validation === undefined ? '' : never(validation)}`,
    ],
    [
      otherFindings.length > 0,
      `${basename(report.labelFile)} has findings that the data set does not know: ${otherFindings.slice(0, 5).join(', ')}${otherFindings.length > 5 ? ', ...' : ''}`,
    ],
    [
      disagreements.count > 0,
      `${count(disagreements.count, 'image')} with other labels in the list than in ${basename(report.labelFile)}, which counts${examples(disagreements)}`,
    ],
    [
      unlisted.count > 0,
      `${count(unlisted.count, 'image')} on the disk that no list names${examples(unlisted)}`,
    ],
    [unlabelled > 0, `${count(unlabelled, 'image')} on the disk that the label file does not know`],
    [duplicates > 0, `${count(duplicates, 'file')} with the name of another one, not read`],
  ];
  return warnings.filter(([applies]) => applies).map(([, text]) => text);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function examples({ count: all, first }: NamedImages): string {
  return ` (${first.join(', ')}${all > first.length ? ', ...' : ''})`;
}
