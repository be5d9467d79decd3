/** Kernels as the engine calls them. */

/** @import * as tf from '@tensorflow/tfjs-core' */

/** @typedef {tf.TensorInfo} Info a tensor as kernels see it */

/**
 * @typedef {object} Backend what kernels use of the backend of tfjs-backend-wasm, which declares only a part of it
 * @property {{ asm?: { memory?: WebAssembly.Memory }, wasmMemory?: WebAssembly.Memory,
 *   _malloc: (bytes: number) => number, _free: (address: number) => void }} wasm
 * @property {{ get: (dataId: object) => { memoryOffset: number } }} dataIdMap
 * @property {(shape: number[], dtype: string) => Info} makeOutput
 * @property {(dataId: object) => unknown} disposeData
 * @property {(dataId: object) => void} incRef
 */

/**
 * What the engine hands to a kernel.
 * @template [Attributes=unknown]
 * @template [Inputs=Record<string, Info>]
 * @typedef {{ inputs: Inputs, attrs: Attributes, backend: Backend }} Call
 */
/** @typedef {Call<unknown, Record<string, Info> | Info[]>} AnyCall */

/** Whether all are of float32. @type {(...tensors: Info[]) => boolean} */
export const isFloat = (...tensors) => tensors.every(({ dtype }) => dtype === 'float32');

/** Whether its elements have four bytes. @type {(tensor: Info) => boolean} */
export const isWord = ({ dtype }) => dtype === 'float32' || dtype === 'int32';
