/** The kernels of tfjs-backend-wasm that ours stand in front of. They still serve what ours do not. */

/** @import * as tf from '@tensorflow/tfjs-core' */
/** @import { AnyCall, Info } from './kernel-call.mjs' */

/** A registered kernel as it is called here, of which tfjs's own type says less. @type {(kernel: tf.KernelConfig) => (call: AnyCall) => Info} */
export const callable = ({ kernelFunc }) =>
  /** @type {(call: AnyCall) => Info} */ (/** @type {unknown} */ (kernelFunc));

/** @type {Map<string, (call: AnyCall) => Info>} */
const stock = new Map();

/** Remembers a stock kernel before ours takes its name. @param {tf.KernelConfig} kernel */
export function keepStock(kernel) {
  stock.set(kernel.kernelName, callable(kernel));
}

/** @type {(name: string, call: AnyCall) => Info} */
export const runStock = (name, call) => {
  const kernel = stock.get(name);
  if (!kernel) throw new Error(`tfjs-backend-wasm has no kernel ${name}.`);
  return kernel(call);
};
