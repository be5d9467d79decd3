import type { Image } from './images.ts';

/**
 * One axis of a resize as a sparse matrix: output i is the sum over t < taps of
 * weights[i * taps + t] * input[starts[i] + t]. Every row of weights sums to 1; unused taps at its end are 0, and
 * starts[i] + taps may pass the end of the input there.
 */
export interface ResizeWeights {
  readonly taps: number;
  readonly starts: Int32Array;
  /** How many of a row's taps are used. */
  readonly counts: Int32Array;
  readonly weights: Float64Array;
}

/**
 * The triangle filter, antialiased, with half-pixel centres: Pillow's BILINEAR. Output i sits at (i + 1/2) in/out of
 * the input; the triangle reaches one input pixel to each side, or in/out of them when the image shrinks, and is
 * renormalised at the edges.
 */
export function resizeWeights(inSize: number, outSize: number): ResizeWeights {
  const scale = inSize / outSize;
  const reach = Math.max(scale, 1);
  const taps = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(outSize);
  const counts = new Int32Array(outSize);
  const weights = new Float64Array(outSize * taps);
  for (let i = 0; i < outSize; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - reach + 0.5));
    const count = Math.min(inSize, Math.floor(centre + reach + 0.5)) - start;
    const row = weights.subarray(i * taps, i * taps + count);
    row.forEach((_, t) => (row[t] = Math.max(0, 1 - Math.abs(start + t + 0.5 - centre) / reach)));
    const sum = row.reduce((total, weight) => total + weight, 0);
    row.forEach((weight, t) => (row[t] = weight / sum));
    starts[i] = start;
    counts[i] = count;
  }
  return { taps, starts, counts, weights };
}

/**
 * The image at another size, by two passes of `resizeWeights`: over the columns, then over the rows. Float throughout,
 * where Pillow rounds to whole numbers after each pass: the two agree within 1 of 255.
 */
export function resizeImage(image: Image, width: number, height: number): Image {
  const low = image.height === height ? image : resizeColumns(image, height);
  return low.width === width ? low : resizeRows(low, width);
}

// The casts below state that the indices are inside; checks in these loops would double their time.

function resizeColumns(image: Image, height: number): Image {
  const { width, channels, data } = image;
  const { taps, starts, counts, weights } = weightsFor(image.height, height);
  const rowLength = width * channels;
  const resized = new Float32Array(height * rowLength);
  const row = new Float64Array(rowLength);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    const start = starts[y] as number;
    const count = counts[y] as number;
    for (let t = 0; t < count; t++) {
      const weight = weights[y * taps + t] as number;
      const from = (start + t) * rowLength;
      for (let i = 0; i < rowLength; i++) row[i] = (row[i] as number) + weight * (data[from + i] as number);
    }
    resized.set(row, y * rowLength);
  }
  return { width, height, channels, data: resized };
}

function resizeRows(image: Image, width: number): Image {
  const { height, channels, data } = image;
  const { taps, starts, counts, weights } = weightsFor(image.width, width);
  const resized = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * image.width + (starts[x] as number)) * channels;
      const count = counts[x] as number;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let t = 0; t < count; t++)
          sum += (weights[x * taps + t] as number) * (data[from + t * channels + c] as number);
        resized[(y * width + x) * channels + c] = sum;
      }
    }
  }
  return { width, height, channels, data: resized };
}

const known = new Map<string, ResizeWeights>();

/** The weights of the last few pairs of sizes: a data set has few, and asks for them again with every image. */
function weightsFor(inSize: number, outSize: number): ResizeWeights {
  const key = `${inSize}:${outSize}`;
  let weights = known.get(key);
  if (weights === undefined) {
    weights = resizeWeights(inSize, outSize);
    if (known.size >= 32) known.clear();
    known.set(key, weights);
  }
  return weights;
}
