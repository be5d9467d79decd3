/** Depthwise convolutions and pooling: runs of pixels along a row of the output, one filter tap at a time. */

/** @import { Heap } from '../heap.mjs' */
/** @import { ConvInfo } from './window-geometry.mjs' */

/**
 * Visits, for every image, output row and tap, the run of output pixels whose tap falls inside the input.
 * @param {ConvInfo} info
 * @param {(inputPixel: number, outputPixel: number, count: number, tap: number) => void} visit
 */
export function visitRuns(info, visit) {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  for (let image = 0; image < batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      for (let tap = 0; tap < filterHeight * filterWidth; tap++) {
        const line = y * strideHeight - padInfo.top + Math.floor(tap / filterWidth) * dilationHeight;
        if (line < 0 || line >= inHeight) continue;
        const shift = (tap % filterWidth) * dilationWidth - padInfo.left;
        const first = Math.max(0, Math.ceil(-shift / strideWidth));
        const last = Math.min(outWidth - 1, Math.floor((inWidth - 1 - shift) / strideWidth));
        if (last < first) continue;
        visit(
          (image * inHeight + line) * inWidth + first * strideWidth + shift,
          (image * outHeight + y) * outWidth + first,
          last - first + 1,
          tap,
        );
      }
    }
  }
}

/**
 * Adds to dx, for every tap, dy times the tap's weights per channel.
 * @param {Heap} heap
 * @param {ConvInfo} info
 * @param {number} dx address
 * @param {number} dy address
 * @param {number} channels of both
 * @param {(tap: number) => number} weights the address of a tap's weights
 */
export function spreadRuns(heap, info, dx, dy, channels, weights) {
  const pixel = channels * 4;
  const step = info.strideWidth * pixel;
  heap.floats(dx, info.batchSize * info.inHeight * info.inWidth * channels).fill(0);
  visitRuns(info, (input, output, count, tap) => {
    const [target, source] = [dx + input * pixel, dy + output * pixel];
    heap.simd.spreadWeighted(target, step, source, pixel, weights(tap), count, channels);
  });
}
