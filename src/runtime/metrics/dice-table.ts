import { bootstrapMean } from './bootstrap.ts';
import type { Bootstrap, BootstrapOptions } from './bootstrap.ts';
import type { Interval } from './interval.ts';
import { overlapCounts } from './mask-overlap.ts';

export interface ClassDice {
  readonly label: string;
  /** Images that have a Dice: those in which the mask or the prediction has a pixel. */
  readonly images: number;
  /** The mean over these images; `undefined` where there are none. */
  readonly dice: number | undefined;
  /** 95 %, by a bootstrap over patients; `undefined` where it was not asked for or cannot be estimated. */
  readonly interval: Interval | undefined;
}

/** The unweighted mean over the classes whose Dice is defined. */
export interface MeanDice {
  readonly dice: number | undefined;
  /** How many classes it is over. */
  readonly classes: number;
  readonly bootstrap?: Bootstrap;
}

export interface DiceTable {
  readonly samples: number;
  readonly classes: readonly ClassDice[];
  readonly mean: MeanDice;
}

export interface DiceOptions {
  /** For the intervals. */
  readonly bootstrap?: BootstrapOptions & {
    /** Whose image each sample is. */
    readonly patients: readonly string[];
  };
}

/**
 * Dice's coefficient (Dice, "Measures of the Amount of Ecologic Association Between Species", 1945) of one image and class,
 * 2 |P and T| / (|P| + |T|), of what `maskOverlap` counted. 0 where only one of them is empty. `undefined` where both are: there
 * is nothing to be found, and a 1 would lift the mean of a class by every image that does not have it.
 */
export function diceOf(both: number, predicted: number, inside: number): number | undefined {
  return predicted + inside === 0 ? undefined : (2 * both) / (predicted + inside);
}

/** Dice of each image and class, [samples][labels], from the counts of `maskOverlap`. */
export function diceByImage(labels: readonly string[], counts: Float32Array): (number | undefined)[][] {
  const width = labels.length * overlapCounts;
  if (width === 0 || counts.length % width !== 0)
    throw new RangeError(`${counts.length} counts are no whole number of rows of ${labels.length} masks`);
  return Array.from({ length: counts.length / width }, (_, sample) =>
    labels.map((_label, k) => {
      const at = sample * width + k * overlapCounts;
      return diceOf(counts[at] ?? NaN, counts[at + 1] ?? NaN, counts[at + 2] ?? NaN);
    }),
  );
}

/** The mean Dice of each class over the images, and the mean of these. `counts` are those of `maskOverlap`. */
export function diceTable(
  labels: readonly string[],
  counts: Float32Array,
  { bootstrap }: DiceOptions = {},
): DiceTable {
  const images = diceByImage(labels, counts);
  if (bootstrap !== undefined && bootstrap.patients.length !== images.length)
    throw new RangeError(`there are ${bootstrap.patients.length} patients of ${images.length} images`);
  const columns = labels.map((label, k) => ({ label, values: images.map((row) => row[k]) }));
  const classes = columns.map(({ label, values }): ClassDice => {
    const dice = meanOf(values);
    const again =
      bootstrap && dice !== undefined
        ? bootstrapMean(bootstrap.patients, bootstrap, (times) => meanOf(values, times))
        : undefined;
    const count = values.filter((value) => value !== undefined).length;
    return { label, images: count, dice, interval: again?.interval };
  });
  const defined = columns.filter(({ values }) => meanOf(values) !== undefined);
  const meanBy = (times?: Uint32Array): number | undefined => {
    const means = defined.map(({ values }) => meanOf(values, times));
    return means.includes(undefined) ? undefined : meanOf(means);
  };
  const mean = {
    dice: meanBy(),
    classes: defined.length,
    ...(bootstrap === undefined || defined.length === 0
      ? {}
      : { bootstrap: bootstrapMean(bootstrap.patients, bootstrap, meanBy) }),
  };
  return { samples: images.length, classes, mean };
}

/** Of the values that are there, each as often as `times` says. */
function meanOf(values: readonly (number | undefined)[], times?: Uint32Array): number | undefined {
  let [sum, count] = [0, 0];
  values.forEach((value, i) => {
    if (value === undefined) return;
    const weight = times === undefined ? 1 : (times[i] ?? 0);
    sum += weight * value;
    count += weight;
  });
  return count === 0 ? undefined : sum / count;
}
