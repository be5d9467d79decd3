// The types of batch-tensors.mjs, which is plain JavaScript because generated programs carry a copy of it.
import type { Tensor, TensorConstructor } from 'onnxruntime-node';

export interface BatchInput {
  readonly name: string;
  readonly type: 'float32' | 'int32' | 'bool';
  /** A name is a length that only the batch knows. */
  readonly shape: readonly (number | string)[];
}

/** TypeError or RangeError, with the name of the input, where the batch is not what the graphs take. */
export function batchTensors(
  Tensor: TensorConstructor,
  inputs: readonly BatchInput[],
  batch?: Readonly<Record<string, unknown>>,
): {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** What the names in the shapes stand for. */
  readonly sizes: ReadonlyMap<string, number>;
};
