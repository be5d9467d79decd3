import type { NdArray } from '../compiler/ops/nd-array.ts';
import type { PlainTensor } from '../runtime/training/runner.ts';
import { shapeOf } from './tensors.ts';

/** The array as ONNX Runtime takes it. */
export function plainTensor(array: NdArray): PlainTensor {
  const { type, data } = array;
  const dims = shapeOf(array);
  switch (type.dtype) {
    case 'f32':
      return { type: 'float32', dims, data: Float32Array.from(data) };
    case 'int32':
      return { type: 'int32', dims, data: Int32Array.from(data) };
    case 'bool':
      return { type: 'bool', dims, data: Uint8Array.from(data) };
  }
}
