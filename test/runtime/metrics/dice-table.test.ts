import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diceByImage, diceOf, diceTable } from '../../../src/runtime/metrics/dice-table.ts';
import { maskOverlap } from '../../../src/runtime/metrics/mask-overlap.ts';
import { diceRows, renderDiceTable } from '../../../src/runtime/metrics/render-dice-table.ts';

const labels = ['lungs', 'heart'];

/** Three images: [both, predicted, inside] of the lungs, then of the heart, which the second neither has nor is given. */
const counts = Float32Array.of(3, 4, 4, 1, 1, 3, 2, 4, 2, 0, 0, 0, 5, 5, 5, 0, 7, 0);

describe('diceOf', () => {
  it('is what one computes by hand', () => {
    // 3 pixels in common, of 4 and 4: 2 x 3 / 8.
    expect(diceOf(3, 4, 4)).toBe(0.75);
    expect(diceOf(5, 5, 5)).toBe(1);
    expect(diceOf(0, 4, 4)).toBe(0);
  });

  it('is 0 where one of the two is empty, and undefined where both are', () => {
    expect(diceOf(0, 7, 0)).toBe(0);
    expect(diceOf(0, 0, 7)).toBe(0);
    expect(diceOf(0, 0, 0)).toBeUndefined();
  });

  it('is the F1 score, and 2 J / (1 + J) of the index of Jaccard', () => {
    const pixel = fc.record({ p: fc.boolean(), t: fc.boolean() });
    fc.assert(
      fc.property(fc.array(pixel, { minLength: 1, maxLength: 60 }), (pixels) => {
        const [both = NaN, predicted = NaN, inside = NaN] = maskOverlap({
          images: 1,
          masks: 1,
          layout: 'chw',
          probabilities: pixels.map(({ p }) => (p ? 0.8 : 0.2)),
          truth: pixels.map(({ t }) => Number(t)),
        });
        const dice = diceOf(both, predicted, inside);
        const count = (p: boolean, t: boolean) => pixels.filter((one) => one.p === p && one.t === t).length;
        const [hits, wrong, missed] = [count(true, true), count(true, false), count(false, true)];
        if (hits + wrong + missed === 0) {
          expect(dice).toBeUndefined();
          return;
        }
        const [precision, recall] = [hits / (hits + wrong), hits / (hits + missed)];
        const jaccard = hits / (hits + wrong + missed);
        expect(dice).toBeCloseTo((2 * jaccard) / (1 + jaccard), 12);
        if (hits > 0) expect(dice).toBeCloseTo((2 * precision * recall) / (precision + recall), 12);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('diceTable', () => {
  it('is the mean over the images that have one, of each class, and the mean of these', () => {
    const { samples, classes, mean } = diceTable(labels, counts);
    expect(samples).toBe(3);
    // (6/8 + 4/6 + 10/10) / 3, and (2/4 + 0/7) / 2 without the image in which there is no heart.
    const lungs = (0.75 + 2 / 3 + 1) / 3;
    expect(classes).toEqual([
      { label: 'lungs', images: 3, dice: lungs, interval: undefined },
      { label: 'heart', images: 2, dice: 0.25, interval: undefined },
    ]);
    expect(mean).toEqual({ dice: (lungs + 0.25) / 2, classes: 2 });
    expect(diceByImage(labels, counts)).toEqual([
      [0.75, 0.5],
      [2 / 3, undefined],
      [1, 0],
    ]);
  });

  it('leaves a class that no image has out of the mean', () => {
    const none = Float32Array.of(1, 2, 2, 0, 0, 0);
    const { classes, mean } = diceTable(labels, none, {
      bootstrap: { seed: 1, replicates: 100, patients: ['a'] },
    });
    expect(classes[1]).toMatchObject({ images: 0, dice: undefined, interval: undefined });
    expect(mean).toMatchObject({ dice: 0.5, classes: 1 });
    expect(diceTable(labels, Float32Array.of(0, 0, 0, 0, 0, 0)).mean.dice).toBeUndefined();
  });

  it('has intervals around the means, drawn by patients', () => {
    const images = 40;
    const many = Float32Array.from({ length: images * 3 }, (_, i) => [10 + (i % 7), 20, 20][i % 3] ?? 0);
    const by = (patients: readonly string[]) =>
      diceTable(['lungs'], many, { bootstrap: { seed: 1, replicates: 1000, patients } });
    const apart = by(Array.from({ length: images }, (_, i) => `${i}`));
    const { low = NaN, high = NaN } = apart.classes[0]?.interval ?? {};
    expect(low).toBeLessThan(apart.mean.dice ?? NaN);
    expect(high).toBeGreaterThan(apart.mean.dice ?? NaN);
    expect(apart.mean.bootstrap?.interval).toEqual({ low, high });
    // All images of one patient are drawn at once, so that nothing varies.
    const { low: same, high: too } = by(Array<string>(images).fill('a')).classes[0]?.interval ?? {};
    expect(same).toBe(too);
  });

  it('refuses counts and patients that do not fit', () => {
    expect(() => diceTable(labels, counts.subarray(1))).toThrow(RangeError);
    const bootstrap = { seed: 1, replicates: 10, patients: ['a'] };
    expect(() => diceTable(labels, counts, { bootstrap })).toThrow(RangeError);
  });
});

describe('renderDiceTable', () => {
  it('shows each class, the mean, and what is not counted', () => {
    expect(renderDiceTable(diceTable(labels, counts))).toBe(
      [
        '            Dice  95 % interval  images',
        '---------  -----  -------------  ------',
        'lungs      0.806              -       3',
        'heart      0.250              -       2',
        '---------  -----  -------------  ------',
        'mean of 2  0.528              -',
        'Images in which a class is neither masked nor predicted have no Dice and are not counted for it.',
        '3 samples. Dice by image, at the size of the model; a pixel is predicted from a probability of 0.5 on.',
      ].join('\n'),
    );
  });

  it('has null in JSON for what is undefined', () => {
    expect(diceRows(diceTable(['lungs'], new Float32Array(3)))).toEqual([
      { label: 'lungs', dice: null, low: null, high: null, images: 0 },
      { label: null, dice: null, low: null, high: null, images: null },
    ]);
  });
});
