/** Gradients of operations that move data. */

import * as tf from '@tensorflow/tfjs-core';

/** @import { GradientEntry, GradientFunction } from './gradient.mjs' */

const { parseAxisParam, sizeFromShape } = tf.util;

/** Each repetition's gradient is added up, axis by axis. @type {GradientFunction} */
function tileGradient(dy, [x], { reps }) {
  return {
    x: () => {
      const shape = [...dy.shape];
      let gradient = dy;
      for (const [axis, count] of reps.entries()) {
        shape[axis] = x.shape[axis];
        const inner = sizeFromShape(shape.slice(axis));
        gradient = tf.reshape(tf.sum(tf.reshape(gradient, [-1, count, inner]), 1), shape);
      }
      return gradient;
    },
  };
}

/** Every row of dy goes back to the row it was taken from. @type {GradientFunction} */
function gatherGradient(dy, [x, indices], { axis, batchDims = 0 }) {
  return {
    x: () => {
      const [at] = parseAxisParam(axis, x.shape);
      if (batchDims > 0 && batchDims !== at)
        throw new Error('gather: a gradient needs batchDims = 0 or = axis.');
      const [outer, inner] = [sizeFromShape(x.shape.slice(0, at)), sizeFromShape(x.shape.slice(at + 1))];
      const size = x.shape[at];
      if (batchDims > 0) {
        // A batch of tables is one table, the indices of batch i moved by i times the size.
        const rows = indices.size / outer;
        const starts = tf.reshape(tf.range(0, outer * size, size, 'int32'), [outer, 1]);
        const moved = tf.add(tf.reshape(indices, [outer, rows]), starts);
        const ids = /** @type {tf.Tensor1D} */ (tf.reshape(moved, [-1]));
        return tf.reshape(tf.unsortedSegmentSum(tf.reshape(dy, [-1, inner]), ids, outer * size), x.shape);
      }
      const rows = tf.transpose(tf.reshape(dy, [outer, indices.size, inner]), [1, 0, 2]);
      const ids = /** @type {tf.Tensor1D} */ (tf.reshape(indices, [-1]));
      return tf.reshape(tf.transpose(tf.unsortedSegmentSum(rows, ids, size), [1, 0, 2]), x.shape);
    },
    indices: () => tf.zerosLike(indices),
  };
}

/** @type {Record<string, GradientEntry>} */
export const movement = {
  Cast: { gradient: (dy) => ({ x: () => tf.clone(dy) }) },
  Concat: {
    saveAll: true,
    gradient: (dy, xs, attrs) => {
      const [axis] = parseAxisParam(attrs.axis, dy.shape);
      const sizes = xs.map(({ shape }) => shape[axis]);
      return tf.split(dy, sizes, axis).map((part) => () => part);
    },
  },
  ExpandDims: {
    save: ['input'],
    gradient: (dy, [x]) => ({ input: () => tf.reshape(dy, x.shape) }),
  },
  GatherV2: { save: ['x', 'indices'], gradient: gatherGradient },
  Identity: { gradient: (dy) => ({ x: () => tf.clone(dy) }) },
  Pack: {
    saveAll: true,
    gradient: (dy, _, { axis }) => tf.unstack(dy, axis).map((part) => () => part),
  },
  PadV2: {
    save: ['x'],
    gradient: (dy, [x], { paddings }) => ({
      x: () => {
        const begin = paddings.map(([before]) => before);
        return tf.slice(dy, begin, x.shape);
      },
    }),
  },
  Reshape: {
    save: ['x'],
    gradient: (dy, [x]) => ({ x: () => tf.reshape(dy, x.shape) }),
  },
  Reverse: {
    gradient: (dy, _, { dims }) => ({ x: () => tf.reverse(dy, dims) }),
  },
  Slice: {
    save: ['x'],
    gradient: (dy, [x], attrs) => ({
      x: () => {
        const [begin, size] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size);
        /** @type {[number, number][]} */
        const paddings = begin.map((start, axis) => [start, x.shape[axis] - start - size[axis]]);
        return tf.pad(dy, paddings);
      },
    }),
  },
  SplitV: {
    gradient: (dys, _, { axis }) => ({
      x: () => tf.concat(Array.isArray(dys) ? dys : [dys], axis),
    }),
  },
  Tile: { save: ['x'], gradient: tileGradient },
  Transpose: {
    gradient: (dy, _, { perm }) => ({
      x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
    }),
  },
  Unpack: {
    gradient: (dys, _, { axis }) => ({
      value: () => tf.stack(Array.isArray(dys) ? dys : [dys], axis),
    }),
  },
};
