import { InferenceSession, Tensor } from 'onnxruntime-node';
import { availableForms } from '../../cli/train/available-forms.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { emitGradients, gradientName } from '../../src/compiler/targets/onnx-train.ts';
import type { SafeTensor } from '../../src/runtime/safetensors.ts';

/**
 * The gradients of a module's loss by path, from ONNX Runtime in a session and by the forms of the engine. `given` has all parameters
 * under their paths, and the inputs.
 */
export async function ortGradients(
  module: Module,
  batch: number,
  given: ReadonlyMap<string, SafeTensor>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
  const { made, diagnostics } = emitGradients(module, { batch, provenance, forms: await availableForms() });
  if (made === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const session = await InferenceSession.create(await encodeOnnx(made.model), {
    graphOptimizationLevel: 'disabled',
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => {
      const tensor = given.get(name);
      if (!(tensor?.data instanceof Float32Array)) throw new Error(`there is no ${name} of float32`);
      return [name, new Tensor('float32', tensor.data, tensor.shape)];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return new Map(
    made.gradients.map((path) => {
      const data = results[gradientName(path)]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`the graph gave no gradient by ${path}`);
      return [path, data];
    }),
  );
}
