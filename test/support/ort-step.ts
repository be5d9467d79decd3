import { InferenceSession, Tensor } from 'onnxruntime-node';
import { availableForms } from '../../cli/train/available-forms.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { nextName } from '../../src/compiler/lower/onnx/lower-onnx.ts';
import { emitGradients, emitStep, gradientName } from '../../src/compiler/targets/onnx-train.ts';
import { packValues, unpackValues, type Places } from '../../src/compiler/training/places.ts';
import type { StepNumbers } from '../../src/compiler/training/scalar.ts';
import type { SafeTensor } from '../../src/runtime/safetensors.ts';

/** All that a graph is given, by the names of its inputs; parameters under their paths. */
export type Given = ReadonlyMap<string, SafeTensor>;

const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };

/** The gradients of a module's loss by path, from ONNX Runtime in a session and by the forms of the engine. */
export async function ortGradients(
  module: Module,
  batch: number,
  given: Given,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { made, diagnostics } = emitGradients(module, { batch, provenance, forms: await availableForms() });
  if (made === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const session = await openSession(await encodeOnnx(made.model));
  const results = await session.run(feedsOf(session, given));
  await session.release();
  return new Map(made.gradients.map((path) => [path, numbersOf(results, gradientName(path))]));
}

export interface OrtStep {
  /** The paths of the parameters that change. */
  readonly replaces: readonly string[];
  /** The new values of all parameters that change, by path. */
  readonly run: (given: Given, numbers: StepNumbers) => Promise<ReadonlyMap<string, Float32Array>>;
  readonly close: () => Promise<void>;
}

/** One training step of a module without random layers, as the engine runs it. */
export async function ortStep(module: Module, batch: number): Promise<OrtStep> {
  const { made, diagnostics } = emitStep(module, { batch, provenance, forms: await availableForms() });
  if (made === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const session = await openSession(await encodeOnnx(made.model));
  const none = new Map(made.replaces.map((path) => [path, new Float32Array()] as const));
  return {
    replaces: [...unpackValues(made.places, none).keys()],
    run: async (given, numbers) => {
      const scalars = made.scalars.map(({ name, valueAt }): [string, SafeTensor] => [
        name,
        { dtype: 'F32', shape: [], data: Float32Array.of(valueAt(numbers)) },
      ]);
      const results = await session.run(
        feedsOf(session, new Map([...packed(made.places, given), ...scalars])),
      );
      const replaced = made.replaces.map((path) => [path, numbersOf(results, nextName(path))] as const);
      return unpackValues(made.places, new Map(replaced));
    },
    close: () => session.release(),
  };
}

/** What is given, with vectors in place of the parameters that the step has in them. */
function packed(places: Places, given: Given): Given {
  const values = new Map<string, Float32Array>();
  for (const [path, { data }] of given) {
    if (places.has(path) && data instanceof Float32Array) values.set(path, data);
  }
  const vectors = [...packValues(places, values)].map(([path, data]): [string, SafeTensor] => [
    path,
    { dtype: 'F32', shape: [data.length], data: Float32Array.from(data) },
  ]);
  return new Map([...given, ...vectors]);
}

function openSession(file: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(file, {
    graphOptimizationLevel: 'disabled',
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
}

function feedsOf(session: InferenceSession, given: Given): Record<string, Tensor> {
  return Object.fromEntries(
    session.inputNames.map((name) => {
      const tensor = given.get(name);
      if (!(tensor?.data instanceof Float32Array)) throw new Error(`there is no ${name} of float32`);
      return [name, new Tensor('float32', tensor.data, tensor.shape)];
    }),
  );
}

function numbersOf(results: InferenceSession.ReturnType, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`the graph gave no ${name} of float32`);
  return data;
}
