import { permutation } from '../compiler/random/generator.mjs';
import { changesWindow, checkAugmentation, drawView, plainView } from './augmentation.ts';
import type { Augmentation, View } from './augmentation.ts';
import { concurrently } from './concurrently.ts';
import { ImageCache } from './image-cache.ts';
import { decodeImage } from './images.ts';
import type { Image } from './images.ts';
import { decodeMask } from './masks.ts';
import { fitMask, layMasks } from './prepare-mask.ts';
import { fitImage, normaliseImage } from './prepare.ts';
import type { PixelSpec } from './prepare.ts';
import type { Sample, SampleMasks } from './sample.ts';

/** Samples side by side, ready for a model: row-major, the first axis runs over the samples. */
export interface Batch {
  /** Which batch of the epoch it is, from 0. */
  readonly index: number;
  readonly size: number;
  /** [size, C, H, W] or [size, H, W, C]: see `PixelSpec`. */
  readonly images: Float32Array;
  /** [size, K], and so `known`: see `Sample`. */
  readonly labels: Float32Array;
  readonly known: Float32Array;
  /** [size, K, H, W] or [size, H, W, K], as the images: 1 inside, 0 outside. Left out where the samples have none. */
  readonly masks?: Float32Array;
  readonly samples: readonly Sample[];
}

export interface BatchOptions {
  readonly size: number;
  readonly pixels: PixelSpec;
  /** The order of the samples depends on seed and epoch alone. Left out: the order in which they come. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number };
  /** Varies the images by seed, epoch and name: see `drawView`. Left out: the images as they are. */
  readonly augment?: { readonly seed: number; readonly epoch: number; readonly by: Augmentation };
  /** Begins with this batch of the epoch and reads no image before it. */
  readonly from?: number;
  /** How many batches are read ahead while the caller works on one. Changes no value. */
  readonly ahead?: number;
  /** Keeps images from one epoch to the next. Changes no value; files that change meanwhile go unnoticed. */
  readonly cache?: ImageCache;
  /** Ends the reading: its reason is thrown instead of the next batch. */
  readonly signal?: AbortSignal;
}

/** Images of one batch that are decoded at a time: some more than there are threads for it, so that none waits. */
const decodesAtOnce = 8;

/**
 * All samples once, in batches. The last batch may be smaller; when a single sample would be left, it joins the batch
 * before, because batch norm over one value means nothing. Images are read ahead, several at a time. UserError as
 * `decodeImage` throws it, when the turn of that image comes.
 */
export async function* batches(
  samples: readonly Sample[],
  options: BatchOptions,
): AsyncGenerator<Batch, void> {
  const { size, shuffle, augment, from = 0, ahead = 2, signal } = options;
  if (augment !== undefined) checkAugmentation(augment.by);
  const order = shuffle === undefined ? samples : shuffled(samples, shuffle.seed, shuffle.epoch);
  const ranges = batchRanges(order.length, size);
  if (!Number.isSafeInteger(from) || from < 0 || from > ranges.length)
    throw new RangeError(`an epoch of ${ranges.length} batches cannot begin with number ${from}`);

  const ended = new AbortController();
  const stop = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
  const reading: Promise<Batch>[] = [];
  try {
    for (let next = from, given = from; given < ranges.length; given++) {
      for (; next < ranges.length && next <= given + ahead; next++) {
        const [first, end] = ranges[next] ?? [0, 0];
        const batch = readBatch(next, order.slice(first, end), options, stop);
        // Its error is thrown where it is awaited, below; until then it is nobody's and must not end the process.
        batch.catch(() => undefined);
        reading.push(batch);
      }
      signal?.throwIfAborted();
      const batch = await reading.shift();
      signal?.throwIfAborted();
      if (batch !== undefined) yield batch;
    }
  } finally {
    ended.abort();
    await Promise.allSettled(reading);
  }
}

/** The sizes that the batches of an epoch have, each once. */
export function batchSizes(count: number, size: number): readonly number[] {
  return [...new Set(batchRanges(count, size).map(([from, to]) => to - from))];
}

/** [from, to) of each batch of `count` samples, `size` in each but the last; see `batches` for the remainder of 1. */
export function batchRanges(count: number, size: number): readonly (readonly [from: number, to: number])[] {
  if (!Number.isSafeInteger(size) || size < 1)
    throw new RangeError(`a batch has 1 sample or more, not ${size}`);
  const ranges: [number, number][] = [];
  for (let from = 0; from < count; from += size) ranges.push([from, Math.min(count, from + size)]);
  const [last, before] = [ranges.at(-1), ranges.at(-2)];
  if (size > 1 && last !== undefined && before !== undefined && last[1] - last[0] === 1) {
    ranges.pop();
    before[1] = count;
  }
  return ranges;
}

/** The samples in the order of an epoch. */
function shuffled(samples: readonly Sample[], seed: number, epoch: number): readonly Sample[] {
  // A parameter's name never has brackets, so this sequence is no parameter's.
  const order = permutation(samples.length, seed, '(order of samples)', epoch);
  return Array.from(order, (index) => samples[index]).filter((sample) => sample !== undefined);
}

async function readBatch(
  index: number,
  samples: readonly Sample[],
  options: BatchOptions,
  stop: AbortSignal,
): Promise<Batch> {
  const { channels, height, width } = options.pixels;
  const imageSize = channels * height * width;
  const images = new Float32Array(samples.length * imageSize);
  const masks = await concurrently(samples, decodesAtOnce, async (sample, i) => {
    stop.throwIfAborted();
    const { augment } = options;
    const view =
      augment === undefined ? plainView : drawView(augment.by, augment.seed, augment.epoch, sample.name);
    await readImage(sample, view, options, images.subarray(i * imageSize, (i + 1) * imageSize));
    return sample.masks && readMasksOf(sample.masks, view, options);
  });
  const withMasks = masks.filter((mask) => mask !== undefined);
  return {
    index,
    size: samples.length,
    images,
    labels: stack(samples.map(({ labels }) => labels)),
    known: stack(samples.map(({ known }) => known)),
    ...(withMasks.length === 0 ? {} : { masks: stack(withMasks) }),
    samples,
  };
}

const nothingKept = new ImageCache(0);

/** Writes an image into `prepared` as the model takes it. What is cached is the last step that is the same in every epoch. */
async function readImage(
  { path }: Sample,
  { window, isMirrored }: View,
  { pixels, augment, cache = nothingKept }: BatchOptions,
  prepared: Float32Array<ArrayBuffer>,
): Promise<void> {
  const decode = () => decodeImage(path);
  if (augment !== undefined && changesWindow(augment.by)) {
    normaliseImage(fitImage(await cache.get(path, decode), pixels, window), pixels, isMirrored, prepared);
    return;
  }
  const key = `${pixels.channels}:${pixels.height}:${pixels.width}:${path}`;
  const fitted = await cache.get(key, async () => fitImage(await decode(), pixels));
  normaliseImage(fitted, pixels, isMirrored, prepared);
}

/** The masks of an image in the same view. */
async function readMasksOf(
  { paths }: SampleMasks,
  { window, isMirrored }: View,
  { pixels, augment, cache = nothingKept }: BatchOptions,
): Promise<Float32Array> {
  const isMoved = augment !== undefined && changesWindow(augment.by);
  const fitted: Image[] = [];
  for (const path of paths) {
    const decode = () => decodeMask(path);
    const key = `mask:${pixels.height}:${pixels.width}:${path}`;
    fitted.push(
      isMoved
        ? fitMask(await cache.get(`mask:${path}`, decode), pixels, window)
        : await cache.get(key, async () => fitMask(await decode(), pixels)),
    );
  }
  return layMasks(fitted, pixels, isMirrored);
}

function stack(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const stacked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => stacked.set(row, i * width));
  return stacked;
}
