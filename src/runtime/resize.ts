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
  const resizing = weightsFor(image.height, height, from, to);
  const { taps, starts, counts } = resizing;
  const lineLength = width * channels;
  const resized = new Float32Array(height * lineLength);
  // Some lines of the image, from `first` to `end`, as they are summed: bytes and floats in the same loop make it two to
  // four times as slow. At least twice what a sum needs, because each time the last ones are brought in again.
  const kept = Math.min(image.height, Math.max(2 * taps, Math.floor(linesBudget / lineLength)));
  const lines = new Float64Array(kept * lineLength);
  let first = 0;
  let end = 0;
  for (let y = 0; y < height; y++) {
    const start = starts[y] as number;
    const count = counts[y] as number;
    if (count === 0) continue;
    if (start + count > end) {
      first = start;
      end = Math.min(image.height, first + kept);
      lines.set(data.subarray(first * lineLength, end * lineLength));
    }
    sumLines(lines.subarray((start - first) * lineLength), resizing, y, resized, lineLength);
  }
  return { width, height, channels, data: resized };
}

/** 64 KB of numbers, which stay near the processor. */
const linesBudget = 8192;

/**
 * Row y of `resized`, from lines that begin with the first of its taps: eight columns at a time, without storing a sum. Sums
 * that are set to 0 together, out of a list, take up to twice the time.
 */
function sumLines(
  lines: Float64Array,
  { taps, counts, weights }: ResizeWeights,
  y: number,
  resized: Float32Array,
  lineLength: number,
): void {
  const tap = y * taps;
  const tapsEnd = tap + (counts[y] as number);
  const row = y * lineLength;
  let i = 0;
  for (; i + 8 <= lineLength; i += 8) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    let s6 = 0;
    let s7 = 0;
    for (let t = tap, at = i; t < tapsEnd; t++, at += lineLength) {
      const w = weights[t] as number;
      s0 += w * (lines[at] as number);
      s1 += w * (lines[at + 1] as number);
      s2 += w * (lines[at + 2] as number);
      s3 += w * (lines[at + 3] as number);
      s4 += w * (lines[at + 4] as number);
      s5 += w * (lines[at + 5] as number);
      s6 += w * (lines[at + 6] as number);
      s7 += w * (lines[at + 7] as number);
    }
    resized[row + i] = s0;
    resized[row + i + 1] = s1;
    resized[row + i + 2] = s2;
    resized[row + i + 3] = s3;
    resized[row + i + 4] = s4;
    resized[row + i + 5] = s5;
    resized[row + i + 6] = s6;
    resized[row + i + 7] = s7;
  }
  for (; i < lineLength; i++) {
    let sum = 0;
    for (let t = tap, at = i; t < tapsEnd; t++, at += lineLength)
      sum += (weights[t] as number) * (lines[at] as number);
    resized[row + i] = sum;
  }
}

function resizeRows(image: Image, width: number, left: number, right: number): Image {
  if (isIdentity(image.width, width, left, right)) return image;
  const { height, channels, data } = image;
  const { taps, starts, counts, weights } = weightsFor(image.width, width, left, right);
  const lineLength = image.width * channels;
  const rowLength = width * channels;
  const resized = new Float32Array(height * rowLength);
  // Four lines at a time: each weight is read once for them, and their sums do not wait for each other.
  let y = 0;
  for (; y + 4 <= height; y += 4) {
    for (let x = 0; x < width; x++) {
      const tap = x * taps;
      const tapsEnd = tap + (counts[x] as number);
      const first = y * lineLength + (starts[x] as number) * channels;
      for (let c = 0; c < channels; c++) {
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let t = tap, at = first + c; t < tapsEnd; t++, at += channels) {
          const w = weights[t] as number;
          s0 += w * (data[at] as number);
          s1 += w * (data[at + lineLength] as number);
          s2 += w * (data[at + 2 * lineLength] as number);
          s3 += w * (data[at + 3 * lineLength] as number);
        }
        const i = y * rowLength + x * channels + c;
        resized[i] = s0;
        resized[i + rowLength] = s1;
        resized[i + 2 * rowLength] = s2;
        resized[i + 3 * rowLength] = s3;
      }
    }
  }
  for (; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const tap = x * taps;
      const tapsEnd = tap + (counts[x] as number);
      const first = y * lineLength + (starts[x] as number) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let t = tap, at = first + c; t < tapsEnd; t++, at += channels)
          sum += (weights[t] as number) * (data[at] as number);
        resized[y * rowLength + x * channels + c] = sum;
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
