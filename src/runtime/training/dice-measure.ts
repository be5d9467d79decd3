import { UserError } from '../errors.ts';
import { diceByImage, diceTable } from '../metrics/dice-table.ts';
import { maskOverlap } from '../metrics/mask-overlap.ts';
import { diceRows, renderDiceTable } from '../metrics/render-dice-table.ts';
import type { Measure } from './measure.ts';
import { resampling } from './resampling.ts';

export interface DiceMeasureOptions {
  readonly labels: readonly string[];
  /** How masks and scores lie in memory. */
  readonly layout: 'chw' | 'hwc';
  /** The output that is measured. */
  readonly output: string;
  /** The model's file. */
  readonly place: string;
}

/** Dice of each label's masks, from the probability of each pixel. Of an image only counts are kept, not its pixels. */
export function diceMeasure({ labels, layout, output, place }: DiceMeasureOptions): Measure {
  return {
    name: 'dice',
    title: 'Dice',
    labels,
    keep: ({ size, masks: truth }, probabilities) => {
      if (truth === undefined) throw new Error('there are no masks to measure by');
      try {
        return maskOverlap({ images: size, masks: labels.length, layout, probabilities, truth });
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new UserError(
          'R3004',
          `The output \`${output}\` is not the probability of each pixel: ${cause.message}.`,
          {
            place,
            remedy: `Give the labels to a probability, as in \`output probability = sigmoid(logits) labels ...\`.`,
            cause,
          },
        );
      }
    },
    over: (samples, counts, seed) => {
      const table = diceTable(labels, counts, resampling(samples, seed));
      return {
        mean: table.mean.dice,
        classes: table.mean.classes,
        values: table.classes.map(({ dice }) => dice),
        rows: diceRows(table),
        text: renderDiceTable(table),
      };
    },
    distance: (a, b) => {
      const [ours, theirs] = [diceByImage(labels, a), diceByImage(labels, b)];
      // Where one engine has nothing of a class and the other a pixel, they are as far apart as can be.
      let largest = 0;
      ours.forEach((row, i) =>
        row.forEach((dice, k) => {
          const other = theirs[i]?.[k];
          if (dice === undefined && other === undefined) return;
          largest = Math.max(largest, Math.abs((dice ?? 1) - (other ?? 1)));
        }),
      );
      return largest;
    },
    columns: (counts) => diceByImage(labels, counts),
  };
}
