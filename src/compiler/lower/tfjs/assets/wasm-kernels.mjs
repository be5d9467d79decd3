/**
 * Fast training kernels for TensorFlow.js on WebAssembly.
 *
 * Why. The stock WASM backend cannot train: the gradient of a convolution needs `Conv2DBackpropFilter`, which it does
 * not have, and much of what it has is slow in a backward pass (transposed products, pooling gradients, slices, saved
 * tensors that are copied). This module registers what is missing and replaces what is slow, from outside the package,
 * through `registerKernel` and `registerGradient`.
 *
 * How. The backend keeps all tensors in one WebAssembly memory. A second, small module with SIMD loops works in the
 * same memory. It is assembled when it is first needed, from a dozen functions written in a handful of combinators: no
 * binary blob, no build step. Everything else is address arithmetic in JavaScript.
 *
 * Where. The folder `wasm-kernels`, from the machine up:
 *
 * | part | what it has |
 * | --- | --- |
 * | `simd/` | the assembler, the functions written in it, and the module that they make |
 * | `heap.mjs`, `kernel-call.mjs`, `run-kernel.mjs`, `stock.mjs` | the backend and its engine as kernels see them |
 * | `kernels/` | the kernels; `all-kernels.mjs` says what each is for |
 * | `gradients/` | the gradients, which serve every backend; `all-gradients.mjs` says where they differ from the stock ones |
 *
 * tfjs has no grouped convolution (split, convolve, concatenate; depthwise when groups = channels) and no gradient of
 * `einsum` (transpose, reshape, `matMul`).
 *
 * Memory: saved activations and spent gradients are freed while the backward pass runs (`releasing` in
 * `gradients/gradient.mjs`), not after it; half the heap, so that DenseNet-121 at 224 px fits with N = 16 (2.2 GiB).
 *
 * Limits: float32, NHWC. Other types and layouts go to the stock kernels. Written against
 * `@tensorflow/tfjs-backend-wasm` 4.22, whose memory it reads at `backend.wasm.asm.memory`: pin the version.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as wasmBackend from '@tensorflow/tfjs-backend-wasm';
import { allGradients } from './wasm-kernels/gradients/all-gradients.mjs';
import { releasing } from './wasm-kernels/gradients/gradient.mjs';
import { allKernels } from './wasm-kernels/kernels/all-kernels.mjs';
import { keepStock } from './wasm-kernels/stock.mjs';

export { batchNormTrain } from './wasm-kernels/kernels/batch-norm.mjs';

/** Registers the gradients, which serve every backend, in place of any that are there. */
export function registerGradients() {
  for (const [kernelName, { save, saveAll, saveOutputs, gradient }] of Object.entries(allGradients)) {
    const config = { kernelName, inputsToSave: save, saveAllInputs: saveAll, outputsToSave: saveOutputs };
    const gradFunc = /** @type {tf.GradFunc} */ (/** @type {unknown} */ (releasing(gradient)));
    tf.registerGradient({ ...config, gradFunc });
  }
}

/** Registers all kernels and gradients; a second call does nothing. */
export function registerTrainingKernels() {
  if (tf.getKernel('BatchNormTrain', 'wasm')) return;
  registerGradients();
  for (const [kernelName, kernelFunc] of Object.entries(allKernels)) {
    const before = tf.getKernel(kernelName, 'wasm');
    if (before) {
      keepStock(before);
      tf.unregisterKernel(kernelName, 'wasm');
    }
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: /** @type {tf.KernelFunc} */ (/** @type {unknown} */ (kernelFunc)),
      // Stock functions bind themselves to the memory here; ours find it when they run.
      ...(before?.setupFunc && { setupFunc: before.setupFunc }),
    });
  }
}

/**
 * Makes WASM the backend, with these kernels. The binary is loaded from the npm package, wherever the program was
 * started.
 * @param {number} [threads] used where the backend has threads, which are browsers with cross-origin isolation; Node
 * runs one
 * @returns {Promise<boolean>} false where the backend does not start (no WebAssembly, no binary)
 */
export async function useWasm(threads = 1) {
  wasmBackend.setThreadsCount(threads);
  if (!(await tf.setBackend('wasm'))) return false;
  await tf.ready();
  registerTrainingKernels();
  return true;
}
