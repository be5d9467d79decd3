import { describe, expect, it } from 'vitest';
import { maskOverlap } from '../../../src/runtime/metrics/mask-overlap.ts';

describe('maskOverlap', () => {
  it('counts the pixels in both, in the prediction and in the mask, of each image and mask', () => {
    const counts = maskOverlap({
      images: 2,
      masks: 2,
      layout: 'chw',
      probabilities: [0.9, 0.5, 0.49, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0.2, 0.6, 0.6, 0.1],
      truth: [1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
    });
    expect([...counts]).toEqual([1, 2, 2, 0, 0, 0, 4, 4, 4, 1, 2, 2]);
  });

  it('counts the same where the masks lie innermost', () => {
    const counts = maskOverlap({
      images: 1,
      masks: 2,
      layout: 'hwc',
      probabilities: [0.9, 0, 0.5, 0.7, 0.49, 0, 0, 0],
      truth: [1, 0, 0, 1, 1, 1, 0, 0],
    });
    expect([...counts]).toEqual([1, 2, 2, 1, 1, 2]);
  });

  it('is NaN for what is no number, and refuses what is no probability', () => {
    const one = (probability: number) =>
      maskOverlap({ images: 1, masks: 1, layout: 'chw', probabilities: [0, probability], truth: [1, 1] });
    expect(one(NaN)[0]).toBeNaN();
    expect(one(1.000001)[0]).toBe(1);
    for (const logit of [-3, 1.5, Infinity]) expect(() => one(logit)).toThrow(`${logit} is no probability`);
  });

  it('refuses sizes that do not fit', () => {
    const given = { images: 1, masks: 2, layout: 'chw', probabilities: [0, 0, 0], truth: [0, 0, 0] } as const;
    expect(() => maskOverlap(given)).toThrow(RangeError);
    expect(() => maskOverlap({ ...given, masks: 1, truth: [0] })).toThrow(RangeError);
  });
});
