/** Convolutions and their gradients. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { isFloat } from '../kernel-call.mjs';
import { range } from '../range.mjs';
import { runStock } from '../stock.mjs';
import { accumulateOuter, multiply, packed, PANEL, regularRows } from './products.mjs';
import { convInfo } from './window-geometry.mjs';
import { placeImages, windows } from './windows.mjs';

/** @import { Call } from '../kernel-call.mjs' */
/** @import { ConvAttributes } from './window-geometry.mjs' */

const { sizeFromShape } = tf.util;

/** The remainder that is never negative. @type {(value: number, divisor: number) => number} */
const modulo = (value, divisor) => ((value % divisor) + divisor) % divisor;

/** @param {Call<ConvAttributes>} call */
export function conv2d(call) {
  const { x, filter } = call.inputs;
  const info = convInfo(x.shape, filter.shape, call.attrs);
  if (!isFloat(x, filter) || info.dataFormat !== 'channelsLast' || info.outShape.includes(0)) {
    return runStock('Conv2D', call);
  }
  const heap = Heap.of(call.backend);
  const out = heap.output(info.outShape);
  const { rows, taps, depth } = windows(heap, info, x);
  const columns = info.outChannels;
  const weights = { address: heap.address(filter), step: columns * 4, rows: taps.length * depth, columns };
  const panels = packed(heap, 'packRows', weights);
  const output = regularRows(heap.address(out), columns * 4, rows.length);
  multiply(heap, { input: rows, output, taps, depth, panels, columns });
  return out;
}

/**
 * The input's gradient. An input row y + pad = q s + a, a < s, meets the filter's rows kh with d kh = j s + a (stride
 * s, dilation d) at output row q - j: for each of the s * s phases (a, b) a dense convolution of dy with a part of the
 * filter, so that strides cost nothing.
 * @param {Call<ConvAttributes & { inputShape: number[] }>} call
 */
export function conv2dBackpropInput(call) {
  const { dy, filter } = call.inputs;
  const info = convInfo(call.attrs.inputShape, filter.shape, call.attrs);
  if (!isFloat(dy, filter) || info.dataFormat !== 'channelsLast' || sizeFromShape(dy.shape) === 0) {
    return runStock('Conv2DBackpropInput', call);
  }
  const heap = Heap.of(call.backend);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const dx = heap.output(info.inShape);
  const top = Math.floor(((filterHeight - 1) * dilationHeight) / strideHeight);
  const left = Math.floor(((filterWidth - 1) * dilationWidth) / strideWidth);
  const height = Math.floor((inHeight - 1 + padInfo.top) / strideHeight) + 1 + top;
  const width = Math.floor((inWidth - 1 + padInfo.left) / strideWidth) + 1 + left;
  const images = { batch: batchSize, height: outHeight, width: outWidth, channels: outChannels };
  const base = placeImages(heap, heap.address(dy), images, { top, left, height, width });
  const [dyPixel, dxPixel, target] = [outChannels * 4, inChannels * 4, heap.address(dx)];

  /** @type {(a: number, b: number) => { offset: number, weights: number }[]} */
  const tapsOf = (a, b) =>
    range(filterHeight * filterWidth).flatMap((tap) => {
      const j = (Math.floor(tap / filterWidth) * dilationHeight - a) / strideHeight;
      const i = ((tap % filterWidth) * dilationWidth - b) / strideWidth;
      if (!Number.isInteger(j) || !Number.isInteger(i)) return [];
      const weights = heap.address(filter) + tap * inChannels * dyPixel;
      return [{ offset: ((top - j) * width + left - i) * dyPixel, weights }];
    });

  /** @type {(a: number, b: number) => { input: number[], output: number[] }} */
  const rowsOf = (a, b) => {
    /** @type {{ input: number[], output: number[] }} */
    const rows = { input: [], output: [] };
    const firstLine = modulo(a - padInfo.top, strideHeight);
    const firstColumn = modulo(b - padInfo.left, strideWidth);
    for (let image = 0; image < batchSize; image++) {
      for (let y = firstLine; y < inHeight; y += strideHeight) {
        const line = (image * height + (y + padInfo.top - a) / strideHeight) * width;
        for (let x = firstColumn; x < inWidth; x += strideWidth) {
          rows.input.push(base + (line + (x + padInfo.left - b) / strideWidth) * dyPixel);
          rows.output.push(target + ((image * inHeight + y) * inWidth + x) * dxPixel);
        }
      }
    }
    return rows;
  };

  for (let a = 0; a < strideHeight; a++) {
    for (let b = 0; b < strideWidth; b++) {
      const taps = tapsOf(a, b);
      const tapBytes = outChannels * PANEL * 4;
      const panelStep = taps.length * tapBytes;
      const panels = heap.buffer('panels', panelStep * Math.ceil(inChannels / PANEL));
      taps.forEach(({ weights }, tap) =>
        heap.simd.packColumns(weights, dyPixel, outChannels, inChannels, panels + tap * tapBytes, panelStep),
      );
      const offsets = taps.map(({ offset }) => offset);
      multiply(heap, { ...rowsOf(a, b), taps: offsets, depth: outChannels, panels, columns: inChannels });
    }
  }
  return dx;
}

/** @param {Call<ConvAttributes & { filterShape: number[] }>} call */
export function conv2dBackpropFilter(call) {
  const { x, dy } = call.inputs;
  const { filterShape } = call.attrs;
  const info = convInfo(x.shape, filterShape, call.attrs);
  if (info.dataFormat !== 'channelsLast') throw new Error('Conv2DBackpropFilter on WASM takes NHWC only.');
  const heap = Heap.of(call.backend);
  const dw = heap.output(filterShape);
  const columns = { address: heap.address(dy), count: info.outChannels };
  accumulateOuter(heap, { ...windows(heap, info, x), columns, out: heap.address(dw) });
  return dw;
}
