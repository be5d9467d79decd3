/** Blocks of tensors: cut out, and put together. */

import * as tf from '@tensorflow/tfjs-core';
import { Heap } from '../heap.mjs';
import { isWord } from '../kernel-call.mjs';
import { runStock } from '../stock.mjs';

/** @import { Call, Info } from '../kernel-call.mjs' */

const { computeStrides, parseAxisParam, sizeFromShape } = tf.util;

/** @typedef {{ shape: readonly number[], begin: readonly number[] }} Place a block's place in a tensor */

/**
 * Copies a block of `size` 4-byte values from one tensor into another.
 * @param {Heap} heap
 * @param {number} source address
 * @param {Place} from
 * @param {number} target address
 * @param {Place} to
 * @param {readonly number[]} size
 */
function copyBlock(heap, source, from, target, to, size) {
  // Axes that are whole in both tensors melt into the one outside them; what stays are runs, rows of runs, and more.
  /** @type {{ count: number, from: number, to: number, fromBegin: number, toBegin: number }[]} */
  const axes = [{ count: 1, from: 1, to: 1, fromBegin: 0, toBegin: 0 }];
  for (let axis = size.length - 1; axis >= 0; axis--) {
    const inner = axes[0];
    const whole = inner.count === inner.from && inner.count === inner.to;
    const unit = whole ? inner.count : 1;
    if (whole) axes.shift();
    axes.unshift({
      count: size[axis] * unit,
      from: from.shape[axis] * unit,
      to: to.shape[axis] * unit,
      fromBegin: from.begin[axis] * unit,
      toBegin: to.begin[axis] * unit,
    });
  }
  while (axes.length < 2) axes.unshift({ count: 1, from: 1, to: 1, fromBegin: 0, toBegin: 0 });
  const fromSteps = computeStrides([...axes.map((axis) => axis.from), 1]);
  const toSteps = computeStrides([...axes.map((axis) => axis.to), 1]);
  const copy = (/** @type {number} */ depth, /** @type {number} */ source, /** @type {number} */ target) => {
    const axis = axes[depth];
    const [fromStep, toStep] = [fromSteps[depth] * 4, toSteps[depth] * 4];
    const [start, end] = [source + axis.fromBegin * fromStep, target + axis.toBegin * toStep];
    if (depth === axes.length - 2) {
      const run = axes[depth + 1];
      heap.simd.copyRows(
        start + run.fromBegin * 4,
        fromStep,
        end + run.toBegin * 4,
        toStep,
        run.count * 4,
        axis.count,
      );
      return;
    }
    for (let i = 0; i < axis.count; i++) copy(depth + 1, start + i * fromStep, end + i * toStep);
  };
  copy(0, source, target);
}

/** The place of a whole tensor. */
const origin = (/** @type {readonly number[]} */ shape) => ({ shape, begin: shape.map(() => 0) });

/** @param {Call<tf.SliceAttrs>} call */
export function slice(call) {
  const { x } = call.inputs;
  const [begin, size] = tf.slice_util.parseSliceParams(x, call.attrs.begin, call.attrs.size);
  if (!isWord(x) || sizeFromShape(size) === 0) return runStock('Slice', call);
  const heap = Heap.of(call.backend);
  const out = heap.output(size, x.dtype);
  copyBlock(heap, heap.address(x), { shape: x.shape, begin }, heap.address(out), origin(size), size);
  return out;
}

/** @param {Call<tf.SplitVAttrs>} call */
export function split(call) {
  const { x } = call.inputs;
  const { shape } = x;
  const [axis] = parseAxisParam(call.attrs.axis, shape);
  const sizes = tf.backend_util.prepareSplitSize(x, call.attrs.numOrSizeSplits, axis);
  let start = 0;
  return sizes.map((length) => {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    const size = shape.with(axis, length);
    start += length;
    return slice({ ...call, attrs: { begin, size } });
  });
}

/** @param {Call<tf.ConcatAttrs, Info[]>} call */
export function concat(call) {
  const inputs = call.inputs.filter(({ shape }) => sizeFromShape(shape) > 0);
  const alike = inputs.every((input) => isWord(input) && input.dtype === inputs[0].dtype);
  if (inputs.length < 2 || !alike) return runStock('Concat', call);
  const [axis] = parseAxisParam(call.attrs.axis, inputs[0].shape);
  const shapes = inputs.map(({ shape }) => shape);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  const shape = tf.backend_util.computeOutShape(shapes, axis);
  const heap = Heap.of(call.backend);
  const out = heap.output(shape, inputs[0].dtype);
  let start = 0;
  for (const input of inputs) {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    copyBlock(
      heap,
      heap.address(input),
      origin(input.shape),
      heap.address(out),
      { shape, begin },
      input.shape,
    );
    start += input.shape[axis];
  }
  return out;
}
