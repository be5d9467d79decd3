import { permutation } from '../compiler/random/generator.mjs';
import { decodeImage } from './images.ts';
import { prepareImage } from './prepare.ts';
import type { PixelSpec } from './prepare.ts';
import type { Sample } from './sample.ts';

/** Samples side by side, ready for a model: row-major, the first axis runs over the samples. */
export interface Batch {
  readonly size: number;
  /** [size, C, H, W] or [size, H, W, C]: see `PixelSpec`. */
  readonly images: Float32Array;
  /** [size, K], and so `known`: see `Sample`. */
  readonly labels: Float32Array;
  readonly known: Float32Array;
  readonly samples: readonly Sample[];
}

export interface BatchOptions {
  readonly size: number;
  readonly pixels: PixelSpec;
  /** The order of the samples depends on seed and epoch alone. Left out: the order in which they come. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number };
  /** How many batches are read ahead while the caller works on one. */
  readonly ahead?: number;
}

/**
 * All samples once, in batches. The last batch may be smaller; when a single sample would be left, it joins the batch
 * before, because batch norm over one value means nothing. Images are read ahead, several at a time. UserError as
 * `decodeImage` throws it, when the turn of that image comes.
 */
export async function* batches(
  samples: readonly Sample[],
  options: BatchOptions,
): AsyncGenerator<Batch, void> {
  const { size, pixels, shuffle, ahead = 2 } = options;
  const order = shuffle === undefined ? samples : shuffled(samples, shuffle.seed, shuffle.epoch);
  const ranges = batchRanges(order.length, size);
  const reading: Promise<Batch>[] = [];
  try {
    for (let next = 0, given = 0; given < ranges.length; given++) {
      for (; next < ranges.length && next <= given + ahead; next++) {
        const [from, to] = ranges[next] ?? [0, 0];
        const batch = readBatch(order.slice(from, to), pixels);
        // Its error is thrown where it is awaited, below; until then it is nobody's and must not end the process.
        batch.catch(() => undefined);
        reading.push(batch);
      }
      const batch = await reading.shift();
      if (batch !== undefined) yield batch;
    }
  } finally {
    await Promise.allSettled(reading);
  }
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

async function readBatch(samples: readonly Sample[], pixels: PixelSpec): Promise<Batch> {
  const imageSize = pixels.channels * pixels.height * pixels.width;
  const images = new Float32Array(samples.length * imageSize);
  await Promise.all(
    samples.map(async ({ path }, i) =>
      images.set(prepareImage(await decodeImage(path), pixels), i * imageSize),
    ),
  );
  return {
    size: samples.length,
    images,
    labels: stack(samples.map(({ labels }) => labels)),
    known: stack(samples.map(({ known }) => known)),
    samples,
  };
}

function stack(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const stacked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => stacked.set(row, i * width));
  return stacked;
}
