import { aucMeasure } from '../../src/runtime/training/auc-measure.ts';
import { diceMeasure } from '../../src/runtime/training/dice-measure.ts';
import { evaluateSamples } from '../../src/runtime/training/evaluate-samples.ts';
import type { Batch } from '../../src/runtime/batches.ts';
import type { ImageCache } from '../../src/runtime/image-cache.ts';
import type { Measure } from '../../src/runtime/training/measure.ts';
import type { Sample } from '../../src/runtime/sample.ts';
import { unusable } from '../predict/onnx-description.ts';
import type { Predictor } from '../predict/predictor.ts';

export interface ScoreOptions {
  /** Images in a run. */
  readonly batch: number;
  readonly cache?: ImageCache;
  readonly signal?: AbortSignal;
  readonly onBatch?: (done: number) => void;
}

/**
 * What an ONNX file says of each sample, and the measure of its output keeps of that, in the order of the samples.
 * UserError R3004 where it is no number.
 */
export async function scoreOnnx(
  predictor: Predictor,
  { name, measure, numbers, path }: MeasuredOutput,
  samples: readonly Sample[],
  { batch, cache, signal, onBatch }: ScoreOptions,
): Promise<Float32Array> {
  const checked = (found: ArrayLike<number> | undefined, count: number): Float32Array => {
    if (found?.length !== count * numbers) throw new Error(`the output ${name} has not ${numbers} scores`);
    return Float32Array.from(found);
  };
  const { batches } = predictor;
  if (batches === undefined) {
    const all = new Float32Array(samples.length * numbers);
    for (const [i, { path }] of samples.entries()) {
      signal?.throwIfAborted();
      all.set(checked((await predictor.predict(path)).outputs.get(name), 1), i * numbers);
      onBatch?.(i + 1);
    }
    return all;
  }
  const evaluate = async ({ images, size }: Batch) => ({
    loss: 0,
    scores: checked((await batches.run(images, size)).get(name), size),
  });
  const options = {
    size: batch,
    pixels: batches.pixels,
    ...(cache === undefined ? {} : { cache }),
    ...(signal === undefined ? {} : { signal }),
  };
  const { scores } = await evaluateSamples({ evaluate }, samples, options, onBatch, measure.keep);
  const broken = scores.findIndex((score) => Number.isNaN(score));
  if (broken < 0) return scores;
  const image = samples[Math.floor((broken * samples.length) / scores.length)]?.name ?? '';
  throw unusable(
    path,
    `Its output \`${name}\` is no number for the image ${image}, so that there is nothing to measure.`,
  );
}

/** The output by which a file is measured. */
export interface MeasuredOutput {
  readonly name: string;
  /** What the data set has to say of each image. */
  readonly learnsFrom: 'labels' | 'masks';
  readonly labels: readonly string[];
  readonly measure: Measure;
  /** How many it gives for an image. */
  readonly numbers: number;
  /** Of the file. */
  readonly path: string;
}

/**
 * The labelled output where it has places in the image, which are compared with masks; else the one that samples are ranked
 * by. UserError R3004 where the file has no output with labels, or one that is not laid as its image is.
 */
export function measuredOutput({ description, batches }: Predictor, path: string): MeasuredOutput {
  const [first] = description.labels;
  if (first === undefined)
    throw unusable(path, 'No output of the file has labels, so there are no classes to measure.');
  const [labelled, labels] = first;
  const dims = description.outputs.find(({ name }) => name === labelled)?.dims ?? [];
  if (dims.length <= 2) {
    return {
      name: description.scores ?? labelled,
      learnsFrom: 'labels',
      labels,
      measure: aucMeasure(labels),
      numbers: labels.length,
      path,
    };
  }
  if (batches === undefined) {
    throw unusable(
      path,
      `Its output \`${labelled}\` is compared with masks at the size of its image, and the file takes images of any size: build it without --preprocess.`,
    );
  }
  const { height, width, layout } = batches.pixels;
  const wanted = layout === 'chw' ? [labels.length, height, width] : [height, width, labels.length];
  if (dims.slice(1).join() !== wanted.join()) {
    throw unusable(
      path,
      `Its output \`${labelled}\` has ${dims.slice(1).join(' x ')} numbers for an image; masks of it are ${wanted.join(' x ')}.`,
    );
  }
  return {
    name: labelled,
    learnsFrom: 'masks',
    labels,
    measure: diceMeasure({ labels, layout, output: labelled, place: path }),
    numbers: labels.length * height * width,
    path,
  };
}
