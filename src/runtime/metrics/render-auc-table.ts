import type { AucTable } from './auc-table.ts';
import type { Interval } from './interval.ts';

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
  const bounds = (interval: Interval | undefined) => ({
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  });
  return [
    ...classes.map(({ label, auc, interval, positives, negatives }) => ({
      label,
      auc: auc ?? null,
      ...bounds(interval),
      positives,
      negatives,
    })),
    {
      label: null,
      auc: mean.auc ?? null,
      ...bounds(mean.bootstrap?.interval),
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
    low === null || high === null ? '-' : `${decimals(low)}-${decimals(high)}`,
    positives === null ? '' : String(positives),
    negatives === null ? '' : String(negatives),
  ]);
  const head = ['', 'AUC', '95 % interval', 'positives', 'negatives'];
  const widths = head.map((title, i) => Math.max(...[head, ...rows].map((row) => (row[i] ?? title).length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const missing = classes.filter(({ auc }) => auc === undefined).length;
  return [
    line(head),
    rule,
    ...rows.slice(0, -1).map(line),
    rule,
    ...rows.slice(-1).map(line),
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

/** Three decimals: the fourth is far inside any interval. */
function decimals(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
