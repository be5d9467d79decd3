/** Rows taken by their indices, and added by them. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { isWord } from '../kernel-call.mjs';
import { runStock } from '../stock.mjs';

/** @import { Call } from '../kernel-call.mjs' */

const { parseAxisParam, sizeFromShape } = tf.util;

/** Stock WASM reads the wrong rows where there are batch dimensions. @param {Call<tf.GatherV2Attrs>} call */
export function gather(call) {
  const { x, indices } = call.inputs;
  const [axis] = parseAxisParam(call.attrs.axis, x.shape);
  if (!isWord(x) || indices.dtype !== 'int32' || sizeFromShape(x.shape) === 0)
    return runStock('GatherV2', call);
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, call.attrs.batchDims ?? 0);
  const heap = Heap.of(call.backend);
  const out = heap.output(outputShape, x.dtype);
  const ids = new Int32Array(heap.memory.buffer, heap.address(indices), sizeFromShape(indices.shape));
  const perBatch = ids.length / batchSize;
  const row = sliceSize * 4;
  let target = heap.address(out);
  for (let table = 0; table < batchSize * outerSize; table++) {
    const start = Math.floor(table / outerSize) * perBatch;
    for (const id of ids.subarray(start, start + perBatch)) {
      if (id < 0 || id >= dimSize) throw new Error(`gather: index ${id} is not in [0, ${dimSize - 1}].`);
      heap.simd.copyRows(heap.address(x) + (table * dimSize + id) * row, 0, target, 0, row, 1);
      target += row;
    }
  }
  return out;
}

/** Adds each row of x to the row of the output that its index names; other indices are dropped. @param {Call<tf.UnsortedSegmentSumAttrs>} call */
export function unsortedSegmentSum(call) {
  const { x, segmentIds } = call.inputs;
  const { numSegments } = call.attrs;
  const row = sizeFromShape(x.shape.slice(segmentIds.shape.length));
  const heap = Heap.of(call.backend);
  const out = heap.output([numSegments, ...x.shape.slice(segmentIds.shape.length)]);
  heap.floats(heap.address(out), numSegments * row).fill(0);
  const ids = new Int32Array(heap.memory.buffer, heap.address(segmentIds), sizeFromShape(segmentIds.shape));
  ids.forEach((id, i) => {
    if (id < 0 || id >= numSegments) return;
    const target = heap.address(out) + id * row * 4;
    heap.simd.add(target, heap.address(x) + i * row * 4, target, 1, row, 0);
  });
  return out;
}
