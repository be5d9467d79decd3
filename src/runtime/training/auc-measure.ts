import { aucTable, type AucTable } from '../metrics/auc-table.ts';
import { aucRows, renderAucTable } from '../metrics/render-auc-table.ts';
import type { Sample } from '../sample.ts';
import type { Measure } from './measure.ts';
import { resampling } from './resampling.ts';

/** The AUC of each label, from scores that order the samples. */
export function aucMeasure(labels: readonly string[]): Measure {
  return {
    name: 'auc',
    title: 'AUC',
    labels,
    keep: (_batch, scores) => scores,
    over: (samples, scores, seed) => {
      const table = tableOf(labels, samples, scores, seed);
      return {
        mean: table.mean.auc,
        classes: table.mean.classes,
        values: table.classes.map(({ auc }) => auc),
        rows: aucRows(table),
        text: renderAucTable(table),
      };
    },
    distance: relativeDifference,
    columns: (scores) =>
      Array.from({ length: scores.length / labels.length }, (_, i) =>
        Array.from(scores.subarray(i * labels.length, (i + 1) * labels.length)),
      ),
  };
}

/** The AUC of each class over samples that were scored in their order. */
export function tableOf(
  labels: readonly string[],
  samples: readonly Sample[],
  scores: Float32Array,
  bootstrapSeed?: number,
): AucTable {
  const stack = (of: (sample: Sample) => Float32Array) => {
    const rows = new Float32Array(samples.length * labels.length);
    samples.forEach((sample, i) => rows.set(of(sample), i * labels.length));
    return rows;
  };
  const predictions = {
    labels,
    scores,
    truth: stack((sample) => sample.labels),
    known: stack((sample) => sample.known),
  };
  return aucTable(predictions, resampling(samples, bootstrapSeed));
}

/** max |a - b| / max |b|. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  let difference = 0;
  b.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - (a[i] ?? NaN)));
  });
  return largest === 0 ? difference : difference / largest;
}
