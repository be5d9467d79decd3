import type { DiceTable } from './dice-table.ts';
import type { Interval } from './interval.ts';
import { bounds, decimals, tableLines } from './table-lines.ts';

/** One line of a table of results for JSON, where `null` stands for what is undefined. */
export interface DiceRow {
  /** The label of the class; `null` in the last row, which is the mean. */
  readonly label: string | null;
  readonly dice: number | null;
  /** Bounds of the 95 % interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Those that the mean of a class is over; in the row of the mean, `null`. */
  readonly images: number | null;
}

/** The classes in their order, then the mean. */
export function diceRows({ classes, mean }: DiceTable): readonly DiceRow[] {
  const row = (
    label: string | null,
    dice: number | undefined,
    interval: Interval | undefined,
    images: number | null,
  ): DiceRow => ({
    label,
    dice: dice ?? null,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    images,
  });
  return [
    ...classes.map(({ label, dice, interval, images }) => row(label, dice, interval, images)),
    row(null, mean.dice, mean.bootstrap?.interval, null),
  ];
}

/** The table as lines of plain text, and below it what its columns mean and why a dash is there. */
export function renderDiceTable(table: DiceTable): string {
  const { samples, classes, mean } = table;
  const rows = diceRows(table).map(({ label, dice, low, high, images }) => [
    label ?? `mean of ${mean.classes}`,
    decimals(dice),
    bounds(low, high),
    images === null ? '' : String(images),
  ]);
  const empty = classes.filter(({ images }) => images < samples).length;
  const { bootstrap } = mean;
  return [
    ...tableLines(['', 'Dice', '95 % interval', 'images'], rows),
    ...(empty === 0
      ? []
      : ['Images in which a class is neither masked nor predicted have no Dice and are not counted for it.']),
    `${samples} samples. Dice by image, at the size of the model; a pixel is predicted from a probability of 0.5 on.${
      bootstrap === undefined
        ? ''
        : ` Intervals: bootstrap over patients, ${bootstrap.replicates} draws, seed ${bootstrap.seed}.`
    }`,
  ].join('\n');
}
