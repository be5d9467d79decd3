import type { Ranking } from './ranking.ts';

/** Told of the positives and negatives that have one score, and of how many have a lower one. */
type TieVisit = (
  positives: number,
  negatives: number,
  positivesBelow: number,
  negativesBelow: number,
) => void;

/**
 * The area under the ROC curve: the probability that a positive sample scores higher than a negative one, where equal
 * scores count one half (Mann and Whitney's U over the number of pairs). `undefined` without positives or without
 * negatives, for then there is no pair. `weights`, by sample, count a sample several times or not at all.
 *
 * Counted in halves of pairs, in whole numbers: exact up to 2^52 pairs, and rounded once, by the division.
 */
export function rocAuc(ranking: Ranking, weights?: ArrayLike<number>): number | undefined {
  let halves = 0;
  let positives = 0;
  let negatives = 0;
  eachTie(ranking, weights, (tiedPositives, tiedNegatives, positivesBelow, negativesBelow) => {
    halves += tiedPositives * (2 * negativesBelow + tiedNegatives);
    positives = positivesBelow + tiedPositives;
    negatives = negativesBelow + tiedNegatives;
  });
  return positives === 0 || negatives === 0 ? undefined : halves / (2 * positives * negatives);
}

/**
 * The variance of the area, by DeLong, DeLong and Clarke-Pearson, "Comparing the Areas under Two or More Correlated
 * Receiver Operating Characteristic Curves: A Nonparametric Approach", Biometrics 44 (1988): with V(i) the share of
 * negatives below positive i, and W(j) the share of positives above negative j (ties one half),
 * variance(V) / positives + variance(W) / negatives, both with divisor n - 1. Sorted, it takes one pass over the ties (Sun
 * and Xu, IEEE Signal Processing Letters 21, 2014). `undefined` with fewer than two positives or two negatives.
 */
export function aucVariance(ranking: Ranking): number | undefined {
  const { positives, negatives } = ranking;
  const auc = rocAuc(ranking);
  if (auc === undefined || positives < 2 || negatives < 2) return undefined;
  let overPositives = 0;
  let overNegatives = 0;
  eachTie(ranking, undefined, (tiedPositives, tiedNegatives, positivesBelow, negativesBelow) => {
    const below = (negativesBelow + tiedNegatives / 2) / negatives;
    const above = (positives - positivesBelow - tiedPositives / 2) / positives;
    overPositives += tiedPositives * (below - auc) ** 2;
    overNegatives += tiedNegatives * (above - auc) ** 2;
  });
  return overPositives / ((positives - 1) * positives) + overNegatives / ((negatives - 1) * negatives);
}

function eachTie(
  { order, positive, starts }: Ranking,
  weights: ArrayLike<number> | undefined,
  visit: TieVisit,
): void {
  let positivesBelow = 0;
  let negativesBelow = 0;
  let positives = 0;
  let negatives = 0;
  for (let place = 0; place < order.length; place++) {
    if (starts[place] === 1 && place > 0) {
      visit(positives, negatives, positivesBelow, negativesBelow);
      positivesBelow += positives;
      negativesBelow += negatives;
      positives = 0;
      negatives = 0;
    }
    const weight = weights === undefined ? 1 : (weights[order[place] ?? 0] ?? 0);
    if (positive[place] === 1) positives += weight;
    else negatives += weight;
  }
  visit(positives, negatives, positivesBelow, negativesBelow);
}
