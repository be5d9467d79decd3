/** How many numbers `maskOverlap` gives for each mask: pixels in both, in the prediction, in the mask. */
export const overlapCounts = 3;

/** What a model says of each pixel of some images, and what is true. */
export interface MaskPredictions {
  readonly images: number;
  readonly masks: number;
  /** How both lie in memory: [images, masks, pixels] or [images, pixels, masks]. */
  readonly layout: 'chw' | 'hwc';
  /** The probability that a pixel is inside. */
  readonly probabilities: ArrayLike<number>;
  /** 1 inside, 0 outside. */
  readonly truth: ArrayLike<number>;
}

/** A pixel is predicted to be inside from this probability on. */
const threshold = 0.5;

/** What float32 may be off at the ends. */
const slack = 1e-5;

/**
 * [images, masks, 3]: for each mask the pixels that are inside by prediction and truth, by the prediction, by the truth. NaN
 * where a probability is. RangeError that names the first number that is no probability, or for sizes that do not fit.
 */
export function maskOverlap({ images, masks, layout, probabilities, truth }: MaskPredictions): Float32Array {
  const all = probabilities.length;
  if (truth.length !== all || all % (images * masks) !== 0) {
    throw new RangeError(`${all} probabilities and ${truth.length} pixels of ${images} x ${masks} masks`);
  }
  const pixels = all / (images * masks);
  const [pixelStep, maskStep] = layout === 'chw' ? [1, pixels] : [masks, 1];
  const counts = new Float32Array(images * masks * overlapCounts);
  for (let image = 0; image < images; image++) {
    for (let mask = 0; mask < masks; mask++) {
      let [both, predicted, inside] = [0, 0, 0];
      for (let pixel = 0; pixel < pixels; pixel++) {
        const at = image * masks * pixels + mask * maskStep + pixel * pixelStep;
        const probability = probabilities[at] ?? NaN;
        const isInside = truth[at] ?? NaN;
        if (probability < -slack || probability > 1 + slack)
          throw new RangeError(`${probability} is no probability`);
        const isPredicted = Number.isNaN(probability) ? NaN : Number(probability >= threshold);
        both += isPredicted * isInside;
        predicted += isPredicted;
        inside += isInside;
      }
      counts.set([both, predicted, inside], (image * masks + mask) * overlapCounts);
    }
  }
  return counts;
}
