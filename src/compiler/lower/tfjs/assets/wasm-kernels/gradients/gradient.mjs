/** What a gradient is to the engine, and when it frees memory. */

import * as tf from '@tensorflow/tfjs-core';

/** @import { ConvAttributes } from '../kernels/window-geometry.mjs' */

/**
 * The attributes of kernels that their gradients read; of these the engine hands a gradient those of its own kernel.
 * @typedef {ConvAttributes & tf.MaxPoolAttrs & tf.BatchMatMulAttrs & tf.ClipByValueAttrs & tf.CumsumAttrs
 *   & tf.FusedBatchNormAttrs & tf.GatherV2Attrs & tf.LeakyReluAttrs & tf.PadV2Attrs & tf.ResizeBilinearAttrs
 *   & tf.ReverseAttrs & tf.SliceAttrs & tf.SoftmaxAttrs & tf.TileAttrs & tf.TransposeAttrs
 *   & { axis: number, reductionIndices?: number | number[] }} GradientAttributes
 */

/**
 * From the output's gradient, what was saved, and the attributes: a function for each input's gradient.
 * @typedef {(dy: tf.Tensor, saved: tf.Tensor[], attrs: GradientAttributes) => Record<string, () => tf.Tensor> | (() => tf.Tensor)[]} GradientFunction
 */

/**
 * A gradient, and which inputs and outputs of its kernel the engine saves for it.
 * @typedef {{ save?: string[], saveAll?: boolean, saveOutputs?: boolean[], gradient: GradientFunction }} GradientEntry
 */

/** A table of gradients from another one, row by row. @type {<Row>(table: Record<string, Row>, entry: (row: Row) => GradientEntry) => Record<string, GradientEntry>} */
export const entries = (table, entry) =>
  Object.fromEntries(Object.entries(table).map(([kernel, row]) => [kernel, entry(row)]));

/** What the gradient function before this one was given. @type {tf.Tensor[]} */
let spent = [];

/**
 * tfjs keeps every saved activation and every intermediate gradient until the backward pass ends. What a gradient
 * function was given is of no use once the next one is called: freed then, a step needs half of the memory. Gradients
 * that come from outside the pass (the caller's dy) are left alone. It follows that a custom gradient of your own must
 * not hand out one tensor for two inputs: clone it.
 * @type {(gradient: GradientFunction) => GradientFunction}
 */
export const releasing = (gradient) => (dy, saved, attrs) => {
  const { gradientDepth, activeScope } = tf.engine().state;
  // Inside another gradient everything may be needed again.
  if (gradientDepth > 0) return gradient(dy, saved, attrs);
  tf.dispose(spent);
  const passing = [dy].flat().filter(({ scopeId, kept }) => scopeId === activeScope.id && !kept);
  spent = [...saved, ...passing];
  return gradient(dy, saved, attrs);
};
