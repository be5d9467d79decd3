/** Stock kernels, for tensors of more axes than they take. */

import * as tf from '@tensorflow/tfjs-core';
import { range } from '../range.mjs';
import { callable, runStock } from '../stock.mjs';

/** @import { Call, Info } from '../kernel-call.mjs' */

const { sizeFromShape } = tf.util;

/** The library that serves the stock kernels below knows no more axes, and then leaves the output as it was. */
const MOST_AXES = 6;

/**
 * The shapes of two operands with fewer axes, for the same result: neighbouring axes that both have, or that the same
 * one lacks, become one.
 * @param {readonly number[]} first
 * @param {readonly number[]} second
 * @returns {[number[], number[]]}
 */
function mergedShapes(first, second) {
  const rank = Math.max(first.length, second.length);
  const full = [first, second].map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
  /** @type {[number[], number[]]} */
  const merged = [[1], [1]];
  let before = '';
  for (const axis of range(rank)) {
    const [p, q] = full.map((shape) => shape[axis]);
    if (p === 1 && q === 1) continue;
    const kind = p === q ? 'both' : p === 1 ? 'second' : 'first';
    [p, q].forEach((size, i) => {
      if (kind === before) merged[i][merged[i].length - 1] *= size;
      else merged[i].push(size);
    });
    before = kind;
  }
  return merged;
}

/** An operand repeated along the axes that it lacks. @type {(x: Info, shape: number[], call: Call) => Info} */
function repeatedTo(x, shape, { backend }) {
  const own = [...Array(shape.length - x.shape.length).fill(1), ...x.shape];
  const reps = shape.map((size, axis) => size / own[axis]);
  const tile = callable(tf.getKernel('Tile', 'wasm'));
  return tile({ inputs: { x: { ...x, shape: own } }, backend, attrs: { reps } });
}

/** A stock kernel of two operands, for any number of axes. @param {string} name @param {[string, string]} operands */
export const ofAnyRank = (name, operands) => (/** @type {Call} */ call) => {
  const [a, b] = operands.map((key) => call.inputs[key]);
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  if (shape.length <= MOST_AXES) return runStock(name, call);
  const on = (/** @type {Info} */ p, /** @type {Info} */ q) => {
    const inputs = { [operands[0]]: p, [operands[1]]: q };
    return { ...runStock(name, { ...call, inputs }), shape };
  };
  const [first, second] = mergedShapes(a.shape, b.shape);
  if (first.length <= MOST_AXES) return on({ ...a, shape: first }, { ...b, shape: second });
  const whole = [a, b].map((x) => repeatedTo(x, shape, call));
  const flat = [sizeFromShape(shape)];
  const out = on({ ...whole[0], shape: flat }, { ...whole[1], shape: flat });
  for (const { dataId } of whole) call.backend.disposeData(dataId);
  return out;
};

/** The stock kernel for any number of axes. @param {Call<tf.PadV2Attrs>} call @returns {Info} */
export function pad(call) {
  const { x } = call.inputs;
  const { paddings } = call.attrs;
  if (x.shape.length <= MOST_AXES) return runStock('PadV2', call);
  const padded = range(x.shape.length).filter((axis) => paddings[axis].some((count) => count > 0));
  const only = (/** @type {(axis: number) => boolean} */ isKept, /** @type {Info} */ of) => {
    /** @type {[number, number][]} */
    const kept = paddings.map((pair, axis) => (isKept(axis) ? pair : [0, 0]));
    return { ...call, inputs: { x: of }, attrs: { ...call.attrs, paddings: kept } };
  };
  if (padded.length >= MOST_AXES) {
    const middle = padded[MOST_AXES >> 1];
    const partly = pad(only((axis) => axis < middle, x));
    const out = pad(only((axis) => axis >= middle, partly));
    call.backend.disposeData(partly.dataId);
    return out;
  }
  // An axis that is not padded becomes part of the one before it.
  const sizes = [1];
  const around = [[0, 0]];
  x.shape.forEach((size, axis) => {
    if (padded.includes(axis)) {
      sizes.push(size);
      around.push([...paddings[axis]]);
      return;
    }
    const last = sizes.length - 1;
    sizes[last] *= size;
    around[last] = around[last].map((count) => count * size);
  });
  const merged = { ...call.attrs, paddings: around };
  const shape = x.shape.map((size, axis) => paddings[axis][0] + size + paddings[axis][1]);
  return { ...runStock('PadV2', { ...call, inputs: { x: { ...x, shape: sizes } }, attrs: merged }), shape };
}
