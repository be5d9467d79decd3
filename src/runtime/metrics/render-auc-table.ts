import type { AucTable } from './auc-table.ts';
import type { Interval } from './interval.ts';
import { bounds, decimals, tableLines } from './table-lines.ts';

/** One line of a table of results for JSON, where `null` stands for what is undefined. */
export interface AucRow {
  /** The label of the class; `null` in the last row, which is the mean. */
  readonly label: string | null;
  readonly auc: number | null;
  /** Bounds of the 95 % interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Of the class; in the row of the mean, `null`. */
  readonly positives: number | null;
  readonly negatives: number | null;
}

/** The classes in their order, then the mean. */
export function aucRows({ classes, mean }: AucTable): readonly AucRow[] {
  const ends = (interval: Interval | undefined) => ({
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  });
  return [
    ...classes.map(({ label, auc, interval, positives, negatives }) => ({
      label,
      auc: auc ?? null,
      ...ends(interval),
      positives,
      negatives,
    })),
    {
      label: null,
      auc: mean.auc ?? null,
      ...ends(mean.bootstrap?.interval),
      positives: null,
      negatives: null,
    },
  ];
}

/**
 * The table as lines of plain text, the same on a terminal and in a pipe: a dash where something is undefined, and
 * below the table what its columns mean and why a dash is there.
 */
export function renderAucTable(table: AucTable): string {
  const { samples, classes, mean } = table;
  const rows = aucRows(table).map(({ label, auc, low, high, positives, negatives }) => [
    label ?? `mean of ${mean.classes}`,
    decimals(auc),
    bounds(low, high),
    positives === null ? '' : String(positives),
    negatives === null ? '' : String(negatives),
  ]);
  const missing = classes.filter(({ auc }) => auc === undefined).length;
  return [
    ...tableLines(['', 'AUC', '95 % interval', 'positives', 'negatives'], rows),
    ...(missing === 0
      ? []
      : [`${missing} of ${classes.length} classes have no positive or no negative sample, and so no AUC.`]),
    `${samples} samples. Intervals of classes: DeLong, on the logit scale.${bootstrapNote(table)}`,
  ].join('\n');
}

function bootstrapNote({ mean: { bootstrap } }: AucTable): string {
  if (bootstrap === undefined) return '';
  const { seed, replicates, used, interval } = bootstrap;
  if (interval === undefined) {
    return ` No interval of the mean: only ${used} of ${replicates} draws of patients have each class.`;
  }
  const drawn = used === replicates ? `${used} draws` : `the ${used} of ${replicates} draws with each class`;
  return ` Of the mean: bootstrap over patients, ${drawn}, seed ${seed}.`;
}
