/** Kernels called by their names, among them those that only this folder has. */

import * as tf from '@tensorflow/tfjs-core';

/** @type {(name: string, inputs: Record<string, tf.Tensor>, attrs?: object) => tf.Tensor} */
export const runKernel = (name, inputs, attrs = {}) =>
  tf.engine().runKernel(name, inputs, /** @type {tf.NamedAttrMap} */ (attrs));

/** Of a kernel with several outputs. @type {(name: string, inputs: Record<string, tf.Tensor>, attrs: object) => tf.Tensor[]} */
export const runKernelOfMany = (name, inputs, attrs) =>
  tf.engine().runKernel(name, inputs, /** @type {tf.NamedAttrMap} */ (attrs));

/** Whether our kernel of that name serves the current backend. @param {string} name */
export const served = (name) => tf.getBackend() === 'wasm' && tf.getKernel(name, 'wasm') !== undefined;
