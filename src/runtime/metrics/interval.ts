import type { Ranking } from './ranking.ts';
import { aucVariance, rocAuc } from './roc-auc.ts';

/** Covers the true value in 95 of 100 repetitions of the study. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The quantile of the standard normal distribution that leaves 2.5 % above it. */
const z = 1.959963984540054;

/**
 * The 95 % confidence interval of an AUC: DeLong's variance, taken to the logit scale (the delta method), where the
 * estimate is closer to normal and from where no bound comes back outside of [0, 1] (Pepe, "The Statistical Evaluation of
 * Medical Tests for Classification and Prediction", 2003, section 5.2).
 *
 * Where positives and negatives are separated completely, DeLong's variance is 0, which says nothing. Then the bound is the
 * one that holds for any distribution: of m = min(positives, negatives) disjoint pairs, all are in order with
 * probability AUC^m, so an AUC below 0.025^(1/m) is refuted. `undefined` where only one positive or one negative is
 * there and the variance among them cannot be known.
 */
export function aucInterval(ranking: Ranking): Interval | undefined {
  const auc = rocAuc(ranking);
  if (auc === undefined) return undefined;
  if (auc === 0 || auc === 1) {
    const bound = 0.025 ** (1 / Math.min(ranking.positives, ranking.negatives));
    return auc === 1 ? { low: bound, high: 1 } : { low: 0, high: 1 - bound };
  }
  const variance = aucVariance(ranking);
  if (variance === undefined || variance === 0) return undefined;
  const centre = Math.log(auc / (1 - auc));
  const reach = (z * Math.sqrt(variance)) / (auc * (1 - auc));
  return { low: sigmoid(centre - reach), high: sigmoid(centre + reach) };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
