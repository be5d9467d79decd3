import type { Image } from './images.ts';

/**
 * One axis of a resize as a sparse matrix: output i is the sum over t < counts[i] of
 * weights[i * taps + t] * input[starts[i] + t]. The weights of a row sum to 1; a row without taps lies outside the
 * input and is 0.
 */
export interface ResizeWeights {
  readonly taps: number;
  readonly starts: Int32Array;
  /** How many of a row's taps are used. */
  readonly counts: Int32Array;
  readonly weights: Float64Array;
}

/** The part of an image that a resize shows, in fractions of its width and height; it may reach past its edges. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const wholeImage: Window = { left: 0, top: 0, right: 1, bottom: 1 };

// The casts below state that the indices are inside; checks in these loops would double their time.

/**
 * The triangle filter, antialiased, with half-pixel centres: Pillow's BILINEAR, with `box` where a part of the input is
 * asked for: from `from` to `to`, in input pixels. Output i sits at from + (i + 1/2) (to - from)/out of the input; the
 * triangle reaches one input pixel to each side, or (to - from)/out of them when the image shrinks, and is renormalised
 * at the edges of the input.
 */
export function resizeWeights(inSize: number, outSize: number, from = 0, to = inSize): ResizeWeights {
  const scale = (to - from) / outSize;
  const reach = Math.max(scale, 1);
  const taps = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(outSize);
  const counts = new Int32Array(outSize);
  const weights = new Float64Array(outSize * taps);
  for (let i = 0; i < outSize; i++) {
    const centre = from + (i + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - reach + 0.5));
    const count = Math.min(inSize, Math.floor(centre + reach + 0.5)) - start;
    if (count <= 0) continue;
    const first = i * taps;
    let sum = 0;
    for (let t = 0; t < count; t++) {
      const weight = Math.max(0, 1 - Math.abs(start + t + 0.5 - centre) / reach);
      weights[first + t] = weight;
      sum += weight;
    }
    // The foot of the triangle may stand on the first pixel and weigh nothing.
    if (sum === 0) continue;
    for (let t = first; t < first + count; t++) weights[t] = (weights[t] as number) / sum;
    starts[i] = start;
    counts[i] = count;
  }
  return { taps, starts, counts, weights };
}

/**
 * The image, or the part of it in `window`, at another size, by two passes of `resizeWeights`: over the columns, then
 * over the rows. What the window has outside of the image is black. Float throughout, where Pillow rounds to whole
 * numbers after each pass: the two agree within 1 of 255.
 */
export function resizeImage(image: Image, width: number, height: number, window = wholeImage): Image {
  const low = resizeColumns(image, height, window.top * image.height, window.bottom * image.height);
  return resizeRows(low, width, window.left * image.width, window.right * image.width);
}

function resizeColumns(image: Image, height: number, from: number, to: number): Image {
  if (isIdentity(image.height, height, from, to)) return image;
  const { width, channels, data } = image;
  const { taps, starts, counts, weights } = weightsFor(image.height, height, from, to);
  const rowLength = width * channels;
  const resized = new Float32Array(height * rowLength);
  const row = new Float64Array(rowLength);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    const first = (starts[y] as number) * rowLength;
    const count = counts[y] as number;
    const weight = (t: number) => weights[y * taps + t] as number;
    let t = 0;
    // Four lines at a time: the sums are read and written a quarter as often, which halves the time.
    for (; t + 4 <= count; t += 4) {
      const [w0, w1, w2, w3] = [weight(t), weight(t + 1), weight(t + 2), weight(t + 3)];
      const line0 = first + t * rowLength;
      const [line1, line2, line3] = [line0 + rowLength, line0 + 2 * rowLength, line0 + 3 * rowLength];
      for (let i = 0; i < rowLength; i++) {
        row[i] =
          (row[i] as number) +
          w0 * (data[line0 + i] as number) +
          w1 * (data[line1 + i] as number) +
          w2 * (data[line2 + i] as number) +
          w3 * (data[line3 + i] as number);
      }
    }
    for (; t < count; t++) {
      const w = weight(t);
      const line = first + t * rowLength;
      for (let i = 0; i < rowLength; i++) row[i] = (row[i] as number) + w * (data[line + i] as number);
    }
    resized.set(row, y * rowLength);
  }
  return { width, height, channels, data: resized };
}

function resizeRows(image: Image, width: number, left: number, right: number): Image {
  if (isIdentity(image.width, width, left, right)) return image;
  const { height, channels, data } = image;
  const { taps, starts, counts, weights } = weightsFor(image.width, width, left, right);
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

function isIdentity(inSize: number, outSize: number, from: number, to: number): boolean {
  return inSize === outSize && from === 0 && to === inSize;
}

const known = new Map<string, ResizeWeights>();

/**
 * The weights of the last few pairs of sizes: a data set has few, and asks for them again with every image. Those of
 * parts of an image are not kept, because no two are alike.
 */
function weightsFor(inSize: number, outSize: number, from: number, to: number): ResizeWeights {
  if (from !== 0 || to !== inSize) return resizeWeights(inSize, outSize, from, to);
  const key = `${inSize}:${outSize}`;
  let weights = known.get(key);
  if (weights === undefined) {
    weights = resizeWeights(inSize, outSize);
    if (known.size >= 32) known.clear();
    known.set(key, weights);
  }
  return weights;
}
