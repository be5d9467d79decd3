import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniforms } from '../../../src/compiler/random/generator.mjs';
import { aucTable } from '../../../src/runtime/metrics/auc-table.ts';
import { askOracle, numbersOf, oracleMissing } from '../../support/oracle.ts';

const labels = ['Mass'];

/** Counts pairs as the definition says. */
function byPairs(scores: readonly number[], truth: readonly number[]): number | undefined {
  let [sum, pairs] = [0, 0];
  scores.forEach((positive, i) => {
    scores.forEach((negative, j) => {
      if (truth[i] !== 1 || truth[j] !== 0) return;
      pairs++;
      sum += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    });
  });
  return pairs === 0 ? undefined : sum / pairs;
}

const score = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(-0, 0, Infinity, -Infinity),
);
const entry = fc.record({ score, truth: fc.constantFrom(0, 1), known: fc.constantFrom(0, 1, 1) });

describe('aucTable', () => {
  it('is the share of pairs in order, over what is known', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const kept = entries.filter(({ known }) => known === 1);
        const expected = byPairs(
          kept.map((e) => e.score),
          kept.map((e) => e.truth),
        );
        const { classes, mean } = aucTable({
          labels,
          scores: entries.map((e) => e.score),
          truth: entries.map((e) => e.truth),
          known: entries.map((e) => e.known),
        });
        expect(classes[0]?.auc).toBe(expected);
        expect(mean.auc).toBe(expected);
        expect(classes[0]?.positives).toBe(kept.filter((e) => e.truth === 1).length);
        expect(classes[0]?.negatives).toBe(kept.filter((e) => e.truth === 0).length);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('has intervals inside [0, 1] that hold the estimate, or none', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const [only] = aucTable({
          labels,
          scores: entries.map((e) => e.score),
          truth: entries.map((e) => e.truth),
        }).classes;
        if (only?.interval === undefined || only.auc === undefined) return;
        const { low, high } = only.interval;
        expect(0 <= low && low <= only.auc && only.auc <= high && high <= 1).toBe(true);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it("gives DeLong's variance, worked out by hand", () => {
    // Positives 3, 1; negatives 2, 0: of the four pairs three are in order. V = 1, 1/2; W = 1/2, 1: variances 1/8.
    const [only] = aucTable({ labels, scores: [3, 1, 2, 0], truth: [1, 1, 0, 0] }).classes;
    const reach = (1.959963984540054 * Math.sqrt(1 / 16 + 1 / 16)) / (0.75 * 0.25);
    expect(only?.auc).toBe(0.75);
    expect(only?.interval?.low).toBeCloseTo(1 / (1 + Math.exp(reach) / 3), 14);
    expect(only?.interval?.high).toBeCloseTo(1 / (1 + Math.exp(-reach) / 3), 14);
  });

  it('covers the true AUC about as often as it says', () => {
    // Normal scores, positives higher by d: AUC = Phi(d / sqrt 2); d = 1.1 gives 0.7817.
    const normal = (draws: Float32Array, i: number) =>
      Math.sqrt(-2 * Math.log(1 - (draws[2 * i] ?? 0))) * Math.cos(2 * Math.PI * (draws[2 * i + 1] ?? 0));
    const [runs, count, positives] = [1000, 150, 30];
    const truth = Array.from({ length: count }, (_, i) => (i < positives ? 1 : 0));
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const draws = uniforms(2 * count, 3, 'coverage', run);
      const scores = truth.map((label, i) => normal(draws, i) + 1.1 * label);
      const interval = aucTable({ labels, scores, truth }).classes[0]?.interval;
      if (interval !== undefined && interval.low <= 0.7817 && 0.7817 <= interval.high) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.93);
    expect(covered / runs).toBeLessThan(0.975);
  });

  it('bounds the AUC of separated classes by what a smaller one would have shown', () => {
    const [above, below] = [
      [3, 3, 3, 1, 0],
      [0, 0, 0, 1, 3],
    ].map((scores) => aucTable({ labels, scores, truth: [1, 1, 1, 0, 0] }).classes[0]?.interval);
    expect(above).toEqual({ low: 0.025 ** (1 / 2), high: 1 });
    expect(below).toEqual({ low: 0, high: 1 - 0.025 ** (1 / 2) });
  });

  it('leaves classes without positives or negatives out of the mean', () => {
    const { classes, mean } = aucTable({
      labels: ['A', 'B', 'C'],
      scores: [0, 0, 0, 1, 1, 1],
      truth: [0, 0, 1, 1, 0, 1],
    });
    expect(classes.map(({ auc }) => auc)).toEqual([1, undefined, undefined]);
    expect(mean).toEqual({ auc: 1, classes: 1 });
    expect(aucTable({ labels, scores: [], truth: [] }).mean).toEqual({ auc: undefined, classes: 0 });
  });

  it('resamples patients, by seed', () => {
    const count = 200;
    const draws = uniforms(2 * count, 4, 'scores');
    const truth = Array.from({ length: count }, (_, i) => ((draws[i] ?? 0) < 0.3 ? 1 : 0));
    const scores = truth.map((label, i) => label + 3 * (draws[count + i] ?? 0));
    const interval = (seed: number, patientOf: (i: number) => number) => {
      const patients = truth.map((_, i) => String(patientOf(i)));
      return aucTable({ labels, scores, truth }, { bootstrap: { seed, replicates: 400, patients } }).mean
        .bootstrap;
    };
    const single = interval(1, (i) => i);
    expect(interval(1, (i) => i)).toEqual(single);
    expect(interval(2, (i) => i)).not.toEqual(single);
    const delong = aucTable({ labels, scores, truth }).classes[0]?.interval;
    expect(single?.used).toBe(400);
    expect(single?.interval?.low).toBeCloseTo(delong?.low ?? 0, 1.5);
    expect(single?.interval?.high).toBeCloseTo(delong?.high ?? 0, 1.5);
    // Four patients with fifty images each say less than two hundred patients.
    const width = (found: typeof single) => (found?.interval?.high ?? 0) - (found?.interval?.low ?? 0);
    const grouped = aucTable(
      { labels, scores: truth.map((label, i) => label * (i % 4)), truth },
      { bootstrap: { seed: 1, replicates: 400, patients: truth.map((_, i) => String(i % 4)) } },
    ).mean.bootstrap;
    expect(width(grouped)).toBeGreaterThan(width(single));
  });

  it('has no interval of the mean where draws mostly lose a class', () => {
    const scores = [1, 0, 0, 0, 0, 0];
    const patients = ['a', 'b', 'c', 'd', 'e', 'f'];
    const bootstrap = { seed: 1, replicates: 60, patients };
    const found = aucTable({ labels, scores, truth: [1, 0, 0, 0, 0, 0] }, { bootstrap }).mean.bootstrap;
    expect(found?.used).toBeLessThan(60);
    expect(found?.interval).toBeUndefined();
  });

  it.each([
    ['NaN scores', { scores: [0, Number.NaN], truth: [0, 1] }, 'the score of sample 1 for Mass'],
    ['NaN scores of unknown samples', { scores: [0, Number.NaN], truth: [0, 1], known: [1, 0] }, 'sample 1'],
    ['truths between 0 and 1', { scores: [0, 1], truth: [0, 0.5] }, 'the label of sample 1 for Mass'],
    [
      'weights between 0 and 1',
      { scores: [0, 1], truth: [0, 1], known: [1, 0.5] },
      'must be 0 or 1, not 0.5',
    ],
    ['too few labels', { scores: [0, 1], truth: [0] }, 'there are 1 labels, and 2 are needed'],
  ])('refuses %s', (_title, given, message) => {
    expect(() => aucTable({ labels, ...given })).toThrow(RangeError);
    expect(() => aucTable({ labels, ...given })).toThrow(message);
  });

  it('takes the truth of unknown samples as it is', () => {
    const { classes } = aucTable({ labels, scores: [0, 1, 2], truth: [0, 1, Number.NaN], known: [1, 1, 0] });
    expect(classes[0]).toMatchObject({ auc: 1, positives: 1, negatives: 1 });
  });
});

const missing = oracleMissing('sklearn', 'numpy');

describe.skipIf(missing)(
  `aucTable against scikit-learn${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    it.each([
      [40, 1, 0.5],
      [1000, 14, 0.05],
      [25_596, 14, 0.01],
    ])('agrees on %i samples of %i classes, with ties and unknown labels', async (rows, columns, share) => {
      const count = rows * columns;
      const draws = uniforms(3 * count, 5, 'against scikit-learn');
      const known = Float64Array.from({ length: count }, (_, i) => ((draws[i] ?? 0) < 0.9 ? 1 : 0));
      const truth = Float64Array.from({ length: count }, (_, i) => ((draws[count + i] ?? 0) < share ? 1 : 0));
      // Column k has scores in steps of 2^(1 - k): from few ties to almost none.
      const scores = Float64Array.from({ length: count }, (_, i) => {
        const steps = 2 ** ((i % columns) - 1);
        return Math.round(10 * steps * ((draws[2 * count + i] ?? 0) + 0.2 * (truth[i] ?? 0))) / steps - 4;
      });
      const tensors = Object.entries({ scores, truth, known }).map(
        ([name, data]) => [name, { dtype: 'F64', shape: [rows, columns], data }] as const,
      );
      const expected = numbersOf(await askOracle('roc_auc', {}, new Map(tensors)), 'auc');
      const labelNames = Array.from({ length: columns }, (_, k) => `class ${k}`);
      const { classes } = aucTable({ labels: labelNames, scores, truth, known });
      classes.forEach(({ auc }, k) => expect(Math.abs((auc ?? 0) - (expected[k] ?? 1))).toBeLessThan(1e-12));
    });
  },
);
