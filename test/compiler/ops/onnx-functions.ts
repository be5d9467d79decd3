import * as ort from 'onnxruntime-node';
import { encodeOnnx } from '../../../src/compiler/lower/onnx/encode.ts';
import { OnnxGraphBuilder } from '../../../src/compiler/lower/onnx/onnx-graph-builder.ts';
import type { OnnxGraph } from '../../../src/compiler/lower/onnx/onnx-model.ts';
import type { NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { sizesOf } from '../../../src/compiler/ops/sizes-of.ts';
import type { DType } from '../../../src/compiler/ir/tensor-type.ts';
import type { PhysicalRun } from './physical.ts';

/** The op alone as an ONNX graph. */
export function onnxGraph({ op, sample, inputTypes, outputTypes }: PhysicalRun): OnnxGraph {
  const inputs = inputTypes.map((type, i) => ({ name: `x${i}`, dtype: type.dtype, dims: sizesOf(type) }));
  const builder = new OnnxGraphBuilder(inputs, outputTypes.map((_type, i) => `y${i}`), new Map()); // prettier-ignore
  builder.at(op.name);
  const outputs = op.onnx(builder, { attributes: sample.attributes, inputs, inputTypes, outputTypes });
  return builder.finish(op.name, outputs);
}

/** The outputs of ONNX Runtime. */
export async function runOnnx(graph: OnnxGraph, inputs: readonly NdArray[]): Promise<readonly ort.Tensor[]> {
  const bytes = await encodeOnnx({ graph, doc: '', producerVersion: '0', metadata: new Map() });
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(inputs.map((x, i) => [`x${i}`, toOrt(x)]));
  const results = await session.run(feeds);
  await session.release();
  return graph.outputs.map(({ name }) => {
    const result = results[name];
    if (result === undefined) throw new Error(`the session gave no ${name}`);
    return result;
  });
}

function toOrt({ type, data }: NdArray): ort.Tensor {
  const dims = type.axes.map(({ size }) => size);
  const make: Record<DType, () => ort.Tensor> = {
    f32: () => new ort.Tensor('float32', Float32Array.from(data), dims),
    int32: () => new ort.Tensor('int32', Int32Array.from(data), dims),
    bool: () => new ort.Tensor('bool', Uint8Array.from(data), dims),
  };
  return make[type.dtype]();
}
