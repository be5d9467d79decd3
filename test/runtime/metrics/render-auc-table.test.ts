import { describe, expect, it } from 'vitest';
import { aucTable } from '../../../src/runtime/metrics/auc-table.ts';
import { aucRows, renderAucTable } from '../../../src/runtime/metrics/render-auc-table.ts';

const predictions = {
  labels: ['Mass', 'Pleural_Thickening'],
  scores: [3, 0, 1, 0, 2, 0, 0, 0],
  truth: [1, 0, 1, 0, 0, 0, 0, 0],
};
const patients = ['a', 'b', 'c', 'd'];

describe('renderAucTable', () => {
  it('shows each class, the mean, and why something is missing', () => {
    expect(renderAucTable(aucTable(predictions))).toBe(
      [
        '                      AUC  95 % interval  positives  negatives',
        '------------------  -----  -------------  ---------  ---------',
        'Mass                0.750    0.069-0.992          2          2',
        'Pleural_Thickening      -              -          0          4',
        '------------------  -----  -------------  ---------  ---------',
        'mean of 1           0.750              -',
        '1 of 2 classes have no positive or no negative sample, and so no AUC.',
        '4 samples. Intervals of classes: DeLong, on the logit scale.',
      ].join('\n'),
    );
  });

  it('names draws and seed of the bootstrap', () => {
    const bootstrap = { seed: 7, replicates: 200, patients };
    const text = renderAucTable(aucTable(predictions, { bootstrap }));
    expect(text).toMatch(
      /Of the mean: bootstrap over patients, the 1\d\d of 200 draws with each class, seed 7\.$/,
    );
    const few = { ...bootstrap, replicates: 10 };
    expect(renderAucTable(aucTable(predictions, { bootstrap: few }))).toMatch(
      /No interval of the mean: only \d+ of 10 draws of patients have each class\.$/,
    );
  });
});

describe('aucRows', () => {
  it('is JSON with null for what is undefined', () => {
    const rows = aucRows(aucTable(predictions));
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
    expect(rows[0]).toMatchObject({ label: 'Mass', auc: 0.75, positives: 2, negatives: 2 });
    expect(rows.slice(1)).toEqual([
      { label: 'Pleural_Thickening', auc: null, low: null, high: null, positives: 0, negatives: 4 },
      { label: null, auc: 0.75, low: null, high: null, positives: null, negatives: null },
    ]);
  });
});
