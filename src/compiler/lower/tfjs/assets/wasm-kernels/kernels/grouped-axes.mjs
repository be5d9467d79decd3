import * as tf from '@tensorflow/tfjs-core';

const { sizeFromShape } = tf.util;

/**
 * A shape whose reduced (or broadcast) axes lie together, as [outer, middle, inner] with the middle standing for
 * them; undefined where they do not. Axes of size 1 may count as either.
 * @param {readonly number[]} shape
 * @param {readonly number[]} axes
 * @returns {[number, number, number] | undefined}
 */
export function grouped(shape, axes) {
  const marked = axes.filter((axis) => shape[axis] !== 1);
  if (marked.length === 0) return [1, 1, sizeFromShape([...shape])];
  const [first, last] = [Math.min(...marked), Math.max(...marked)];
  if (shape.some((size, axis) => axis > first && axis < last && size !== 1 && !marked.includes(axis))) {
    return undefined;
  }
  const part = (/** @type {number} */ from, /** @type {number} */ to) => sizeFromShape(shape.slice(from, to));
  return [part(0, first), part(first, last + 1), part(last + 1, shape.length)];
}
