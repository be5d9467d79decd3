import { encodeOnnx } from '../../../src/compiler/lower/onnx/encode.ts';
import type { OnnxModel } from '../../../src/compiler/lower/onnx/onnx-model.ts';
import type { NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { startOnnx } from '../../../src/verify/onnx-engine.ts';

/** What ONNX Runtime makes of a model, by the names of its outputs. */
export async function runOnnxModel(
  model: OnnxModel,
  inputs: ReadonlyMap<string, NdArray>,
): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const engine = await startOnnx(await encodeOnnx(model));
  const results = await engine.run(inputs).finally(() => engine.close());
  return new Map([...results].map(([name, { data }]) => [name, data]));
}
