import '../../src/runtime/training/no-telemetry.mjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * Loads an ONNX file into ONNX Runtime and runs it once on one input `x`. The optimisation of graphs is off: how it grows
 * with the graph is no affair of ours.
 */
export async function runFile(
  file: Uint8Array,
  values: Float32Array,
  sizes: readonly number[],
): Promise<Float32Array> {
  const session = await InferenceSession.create(file, {
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const { y } = await session.run({ x: new Tensor('float32', values, sizes) });
    if (!(y?.data instanceof Float32Array)) throw new Error('the file has no output y of float32');
    return y.data;
  } finally {
    await session.release();
  }
}
