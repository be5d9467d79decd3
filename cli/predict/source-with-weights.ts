import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { Weights } from '../../src/compiler/ir/weights.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { Safetensors } from '../../src/runtime/safetensors.ts';
import type { CompiledModel } from '../compile-model.ts';
import { version } from '../version.ts';

/** The ONNX file of a model on the weights of a file, in memory. UserError R3005 where they do not fit the model. */
export async function onnxWithWeights(model: CompiledModel, weightsFile: string): Promise<Uint8Array> {
  const [{ emitOnnx }, { encodeOnnx }, { flatten }, { readSafetensors }] = await Promise.all([
    import('../../src/compiler/targets/onnx.ts'),
    import('../../src/compiler/lower/onnx/encode.ts'),
    import('../../src/compiler/ir/inline.ts'),
    import('../../src/runtime/safetensors.ts'),
  ]);
  const { graph } = flatten(model.module, { mode: 'infer' });
  if (graph === undefined) throw new Error(`${model.file} was compiled, but cannot be unfolded`);
  const weights = fittingWeights(graph, await readSafetensors(weightsFile), weightsFile);
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: version };
  const { model: onnx } = emitOnnx(model.module, { provenance, weights });
  if (onnx === undefined) throw new Error(`${model.file} cannot be written as ONNX`);
  return encodeOnnx(onnx);
}

/** At most this many faults are listed. */
const maxListed = 5;

function fittingWeights({ params }: Graph, { tensors }: Safetensors, file: string): Weights {
  const weights = new Map<string, Float32Array>();
  const faults: string[] = [];
  for (const { path, value } of params) {
    const wanted = value.type.axes.map(({ size }) => size.value ?? 0);
    const tensor = tensors.get(path);
    if (tensor === undefined) faults.push(`${path} is missing`);
    else if (tensor.dtype !== 'F32') faults.push(`${path} is ${tensor.dtype}, not F32`);
    else if (tensor.shape.join() !== wanted.join()) {
      faults.push(`${path} is [${tensor.shape.join(', ')}], not [${wanted.join(', ')}]`);
    } else weights.set(path, tensor.data);
  }
  const known = new Set(params.map(({ path }) => path));
  for (const name of tensors.keys()) if (!known.has(name)) faults.push(`${name} is not of this model`);
  if (faults.length === 0) return weights;
  const more = faults.length > maxListed ? `, and ${faults.length - maxListed} more` : '';
  throw new UserError(
    'R3005',
    `The weights do not fit the model: ${faults.slice(0, maxListed).join('; ')}${more}.`,
    {
      place: file,
      remedy: 'Give the weights that were trained with this source and these hyper-parameters (--set).',
    },
  );
}
