import { bootstrapMean } from './bootstrap.ts';
import type { Bootstrap, BootstrapOptions } from './bootstrap.ts';
import { aucInterval } from './interval.ts';
import type { Interval } from './interval.ts';
import { rank } from './ranking.ts';
import type { Ranking } from './ranking.ts';
import { rocAuc } from './roc-auc.ts';

export interface ClassAuc {
  readonly label: string;
  readonly positives: number;
  readonly negatives: number;
  /** `undefined` without positives or without negatives: such a class has no AUC, not one of 0 or 0.5. */
  readonly auc: number | undefined;
  /** 95 %, see `aucInterval`; `undefined` where it cannot be estimated. */
  readonly interval: Interval | undefined;
}

/** The unweighted mean over the classes whose AUC is defined. */
export interface MeanAuc {
  readonly auc: number | undefined;
  /** How many classes it is over. */
  readonly classes: number;
  /** 95 %, by a bootstrap over patients; absent where it was not asked for or no class is defined. */
  readonly bootstrap?: Bootstrap;
}

export interface AucTable {
  readonly samples: number;
  readonly classes: readonly ClassAuc[];
  readonly mean: MeanAuc;
}

/** Matrices are row-major, [samples, labels]. */
export interface Predictions {
  readonly labels: readonly string[];
  /** The higher, the more likely present. Logits rather than probabilities, which saturate to ties. */
  readonly scores: ArrayLike<number>;
  /** 1 where present, 0 where not. */
  readonly truth: ArrayLike<number>;
  /** 1 where the truth is known and counts, 0 where not. Left out: all are. */
  readonly known?: ArrayLike<number>;
}

export interface AucOptions {
  /** For the interval of the mean, which takes longer than all the rest. */
  readonly bootstrap?: BootstrapOptions & {
    /** Whose image each sample is. */
    readonly patients: readonly string[];
  };
}

/**
 * The AUC of each class and their mean. RangeError for matrices whose sizes do not fit together, for scores that are
 * NaN, and for truths and weights that are neither 0 nor 1.
 */
export function aucTable(predictions: Predictions, { bootstrap }: AucOptions = {}): AucTable {
  const { labels, scores, truth } = predictions;
  const columns = labels.length;
  if (columns === 0 || scores.length % columns !== 0) {
    throw new RangeError(`${scores.length} scores are no whole number of rows of ${columns} labels`);
  }
  const samples = scores.length / columns;
  const known = predictions.known ?? new Uint8Array(scores.length).fill(1);
  requireLength(truth.length, scores.length, 'labels');
  requireLength(known.length, scores.length, 'weights');
  if (bootstrap !== undefined) requireLength(bootstrap.patients.length, samples, 'patients');

  const ranked = labels.map((label, column) => {
    const of = (data: ArrayLike<number>) => ({ data, columns, column });
    return { label, ranking: rank(samples, of(scores), of(truth), of(known), label) };
  });
  const classes = ranked.map(({ label, ranking }) => describeClass(label, ranking));
  const defined = ranked
    .map(({ ranking }) => ranking)
    .filter(({ positives, negatives }) => positives > 0 && negatives > 0);
  const sum = classes.reduce((total, { auc = 0 }) => total + auc, 0);
  const mean = {
    auc: defined.length === 0 ? undefined : sum / defined.length,
    classes: defined.length,
    ...(bootstrap === undefined || defined.length === 0
      ? {}
      : { bootstrap: bootstrapMean(bootstrap.patients, bootstrap, (times) => meanAuc(defined, times)) }),
  };
  return { samples, classes, mean };
}

function meanAuc(rankings: readonly Ranking[], times: Uint32Array): number | undefined {
  let sum = 0;
  for (const ranking of rankings) {
    const auc = rocAuc(ranking, times);
    if (auc === undefined) return undefined;
    sum += auc;
  }
  return sum / rankings.length;
}

function describeClass(label: string, ranking: Ranking): ClassAuc {
  const { positives, negatives } = ranking;
  return { label, positives, negatives, auc: rocAuc(ranking), interval: aucInterval(ranking) };
}

function requireLength(found: number, wanted: number, what: string): void {
  if (found !== wanted) throw new RangeError(`there are ${found} ${what}, and ${wanted} are needed`);
}
