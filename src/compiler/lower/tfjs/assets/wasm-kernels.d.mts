import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';

/** Makes WASM the backend, with the training kernels; false where it does not start. */
export function useWasm(threads?: number): Promise<boolean>;

/** Registers all kernels and gradients; a second call does nothing. */
export function registerTrainingKernels(): void;

/** Registers the gradients, which serve every backend. */
export function registerGradients(): void;

/** Batch norm in training mode over all axes but the last; `variance` is biased. */
export function batchNormTrain(
  x: Tensor,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon?: number,
  activation?: 'linear' | 'relu',
): { y: Tensor; mean: Tensor1D; variance: Tensor1D };
