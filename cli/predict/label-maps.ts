import type { OnnxDescription } from './onnx-description.ts';
import type { Prediction } from './predictor.ts';

/** What a model says of the places of an image for one label. */
export interface LabelMap {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** The probability of each pixel, rows from the top. */
  readonly values: Float32Array;
  /** The share of the pixels that are predicted, those with a probability of 0.5 or more. */
  readonly share: number;
}

/** The maps of an output with labels; undefined where it has one number for each label, as classifiers have. */
export function labelMaps(
  { labels, outputs: described }: OnnxDescription,
  { outputs }: Prediction,
  name: string,
): readonly LabelMap[] | undefined {
  const names = labels.get(name);
  const values = outputs.get(name);
  const [, a, b, c, ...more] = described.find((output) => output.name === name)?.dims ?? [];
  if (names === undefined || values === undefined || more.length > 0) return undefined;
  if (a === undefined || b === undefined || c === undefined) return undefined;
  const isOutermost = a === names.length;
  if (!isOutermost && c !== names.length) return undefined;
  const [height, width] = isOutermost ? [b, c] : [a, b];
  const pixels = height * width;
  const [pixelStep, labelStep] = isOutermost ? [1, pixels] : [names.length, 1];
  return names.map((label, k) => {
    const map = Float32Array.from({ length: pixels }, (_, i) => values[k * labelStep + i * pixelStep] ?? NaN);
    const predicted = map.reduce((count, probability) => count + Number(probability >= 0.5), 0);
    return { label, width, height, values: map, share: predicted / pixels };
  });
}
