import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { NdArray } from '../../src/compiler/ops/nd-array.ts';

/** Runs an ONNX file on one thread of ONNX Runtime's CPU provider. Inputs must be in the model's order of axes. */
export async function runOnnx(
  file: Uint8Array,
  inputs: ReadonlyMap<string, NdArray>,
): Promise<ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const feeds = Object.fromEntries(
    [...inputs].map(([name, { type, data }]) => [
      name,
      new Tensor('float32', Float32Array.from(data), type.axes.map(({ size }) => size)), // prettier-ignore
    ]),
  );
  const results = await session.run(feeds);
  await session.release();
  return new Map(
    Object.entries(results).map(([name, { dims, data }]) => {
      if (!(data instanceof Float32Array)) throw new Error(`output ${name} is not f32`);
      return [name, { dims, data }];
    }),
  );
}
