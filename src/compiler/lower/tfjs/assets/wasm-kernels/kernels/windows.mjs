/** Images as matrices with a row for each window. */

import { range } from '../range.mjs';

/** @import { Heap } from '../heap.mjs' */
/** @import { Info } from '../kernel-call.mjs' */
/** @import { ConvInfo } from './window-geometry.mjs' */

/**
 * Copies images into a buffer of other height and width, zeros around them (or cropped, where top or left is
 * negative). The images themselves serve where nothing changes.
 * @param {Heap} heap
 * @param {number} address
 * @param {{ batch: number, height: number, width: number, channels: number }} from
 * @param {{ top: number, left: number, height: number, width: number }} to
 */
export function placeImages(heap, address, from, to) {
  const { batch, height, width, channels } = from;
  if (to.top === 0 && to.left === 0 && to.height === height && to.width === width) return address;
  const placed = heap.buffer('placed', batch * to.height * to.width * channels * 4);
  const [fromRow, toRow] = [width * channels, to.width * channels];
  const target = heap.floats(placed, batch * to.height * toRow);
  const source = heap.floats(address, batch * height * fromRow);
  const firstColumn = Math.max(0, to.left);
  const lastColumn = Math.max(firstColumn, Math.min(to.width, to.left + width));
  const [first, last] = [firstColumn - to.left, lastColumn - to.left].map((column) => column * channels);
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < to.height; y++) {
      const start = (image * to.height + y) * toRow;
      const line = y - to.top;
      if (line < 0 || line >= height) {
        target.fill(0, start, start + toRow);
        continue;
      }
      const row = (image * height + line) * fromRow;
      target.fill(0, start, start + firstColumn * channels);
      target.set(source.subarray(row + first, row + last), start + firstColumn * channels);
      target.fill(0, start + lastColumn * channels, start + toRow);
    }
  }
  return placed;
}

/**
 * The input of a convolution as a matrix that is never written out: where each output pixel's window begins, and
 * where in the window its contiguous runs of values (taps) are. A run takes in the whole width of an undilated
 * window, because pixels of a row and their channels follow each other in memory.
 * @param {Heap} heap
 * @param {ConvInfo} info
 * @param {Info} x
 */
export function windows(heap, info, x) {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  const padded = padInfo.top !== 0 || padInfo.left !== 0 || padInfo.bottom > 0 || padInfo.right > 0;
  const height = padded ? (outHeight - 1) * strideHeight + (filterHeight - 1) * dilationHeight + 1 : inHeight;
  const width = padded ? (outWidth - 1) * strideWidth + (filterWidth - 1) * dilationWidth + 1 : inWidth;
  const images = { batch: batchSize, height: inHeight, width: inWidth, channels: inChannels };
  const place = { top: padInfo.top, left: padInfo.left, height, width };
  const base = placeImages(heap, heap.address(x), images, place);
  const pixel = inChannels * 4;
  const rows = new Float64Array(batchSize * outHeight * outWidth);
  let next = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      const line = base + (image * height + y * strideHeight) * width * pixel;
      for (let x = 0; x < outWidth; x++) rows[next++] = line + x * strideWidth * pixel;
    }
  }
  const across = dilationWidth === 1 ? 1 : filterWidth;
  const taps = range(filterHeight * across).map(
    (tap) => (Math.floor(tap / across) * dilationHeight * width + (tap % across) * dilationWidth) * pixel,
  );
  return { rows, taps, depth: (filterWidth / across) * inChannels };
}
