import { evaluateSamples } from '../../src/runtime/training/evaluate-samples.ts';
import type { ImageCache } from '../../src/runtime/image-cache.ts';
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
 * What an ONNX file says of each sample: [samples, labels], row-major, in the order of the samples. UserError R3004 where
 * it is no number.
 */
export async function scoreOnnx(
  predictor: Predictor,
  { name, labels, path }: RankingOutput,
  samples: readonly Sample[],
  { batch, cache, signal, onBatch }: ScoreOptions,
): Promise<Float32Array> {
  const checked = (found: ArrayLike<number> | undefined, count: number): Float32Array => {
    if (found?.length !== count * labels.length)
      throw new Error(`the output ${name} has not ${labels.length} scores`);
    return Float32Array.from(found);
  };
  const { batches } = predictor;
  if (batches === undefined) {
    const all = new Float32Array(samples.length * labels.length);
    for (const [i, { path }] of samples.entries()) {
      signal?.throwIfAborted();
      all.set(checked((await predictor.predict(path)).outputs.get(name), 1), i * labels.length);
      onBatch?.(i + 1);
    }
    return all;
  }
  const evaluate = async ({ images, size }: { readonly images: Float32Array; readonly size: number }) => ({
    loss: 0,
    scores: checked((await batches.run(images, size)).get(name), size),
  });
  const options = {
    size: batch,
    pixels: batches.pixels,
    ...(cache === undefined ? {} : { cache }),
    ...(signal === undefined ? {} : { signal }),
  };
  const { scores } = await evaluateSamples({ evaluate }, samples, options, onBatch);
  const broken = scores.findIndex((score) => Number.isNaN(score));
  if (broken < 0) return scores;
  const image = samples[Math.floor(broken / labels.length)]?.name ?? '';
  throw unusable(
    path,
    `Its output \`${name}\` is no number for the image ${image}, so that there is no order to rank by.`,
  );
}

export interface RankingOutput {
  readonly name: string;
  readonly labels: readonly string[];
  /** Of the file. */
  readonly path: string;
}

/** The output that samples are ranked by, with the names of its columns. UserError R3004 where the file has none. */
export function rankingOutput({ description: { labels, scores } }: Predictor, path: string): RankingOutput {
  const [first] = labels;
  if (first === undefined)
    throw unusable(path, 'No output of the file has labels, so there are no classes to rank.');
  const [labelled, names] = first;
  return { name: scores ?? labelled, labels: names, path };
}
