import type { Tensor, TensorContainerObject } from '@tensorflow/tfjs-core';
import type { TargetFile } from '../compiler/lower/tfjs/lower-tfjs.ts';
import type { NdArray } from '../compiler/ops/nd-array.ts';
import type { Weights } from '../compiler/ir/weights.ts';
import { importUrl } from './import-url.ts';
import { EngineError } from './onnx-engine.ts';
import { memoryModules } from './program-loader.ts';
import { withRecording, type Recorder } from './record-blocks.ts';
import { shapeOf, type Outputs, type Tensors, type Values } from './tensors.ts';

/** What a generated program exports, as far as it is run here. */
interface ProgramModule {
  readonly parameters: readonly { readonly path: string; readonly shape: readonly number[] }[];
  readonly model: (
    inputs: TensorContainerObject,
    w: WeightTree,
    options: { readonly training: boolean },
  ) => Record<string, Tensor>;
  readonly createWeights: (seed: number) => WeightTree;
  readonly importWeights: (w: WeightTree, file: Uint8Array) => void;
  /** Only where the source has a `train`. */
  readonly gradients?: (
    w: WeightTree,
    batch: TensorContainerObject,
    options: { readonly training: boolean },
  ) => Promise<{ readonly loss: number; readonly gradients: ReadonlyMap<string, Float32Array> }>;
}

/** The variables of a program by the parts of their paths: its own business. */
type WeightTree = TensorContainerObject;

interface SafetensorsModule {
  readonly formatSafetensors: (
    tensors: Iterable<readonly [string, { readonly shape: readonly number[]; readonly data: Float32Array }]>,
  ) => Uint8Array;
}

interface KernelsModule {
  readonly useWasm: () => Promise<boolean>;
}

/** A generated program on the backend that it would itself choose on this machine without native packages. */
export interface TfjsEngine {
  readonly backend: string;
  setWeights(weights: Weights): void;
  /** Outputs in inference mode by name, axes as declared. */
  run(inputs: Tensors): Promise<Outputs>;
  /** The outputs of each call of a block function, in the order in which the calls end. */
  blocks(inputs: Tensors): Promise<readonly (readonly Values[])[]>;
  /** The gradient of the loss by path, in training mode or with fixed statistics; undefined where there is no loss. */
  gradients(batch: Tensors, mode: 'train' | 'infer'): Promise<ReadonlyMap<string, Float32Array> | undefined>;
  /** Frees its weights. */
  close(): void;
}

export async function startTfjs(files: readonly TargetFile[], entry: string): Promise<TfjsEngine> {
  const tf = await import('@tensorflow/tfjs-core');
  const recorder: Recorder = { calls: undefined };
  const urlOf = memoryModules(withRecording(files, entry, recorder));
  const program = await guarded(
    'the program does not load',
    async () => (await importUrl(urlOf(entry))) as ProgramModule,
  );
  const { formatSafetensors } = (await importUrl(urlOf('safetensors.mjs'))) as SafetensorsModule;
  const { useWasm } = (await importUrl(urlOf('wasm-kernels.mjs'))) as KernelsModule;
  const backend = await guarded('no backend of TensorFlow.js starts', async () => {
    if (await useWasm()) return 'WASM';
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    return 'CPU';
  });
  const w = program.createWeights(0);

  const given = (inputs: Tensors): TensorContainerObject =>
    Object.fromEntries(
      [...inputs].map(([name, array]) => [
        name,
        tf.tensor(valuesOf(array), [...shapeOf(array)], dtypeOf(array)),
      ]),
    );
  const infer = async (inputs: Tensors): Promise<Outputs> =>
    guarded('the program fails', async () => {
      // An output may be a weight itself, which has to outlast the run: a clone shares its numbers.
      const outputs = tf.tidy(() =>
        Object.entries(program.model(given(inputs), w, { training: false })).map(
          ([name, tensor]): [string, Tensor] => [name, tf.clone(tensor)],
        ),
      );
      const values = new Map<string, Values>();
      for (const [name, tensor] of outputs) {
        values.set(name, { shape: tensor.shape, data: await tensor.data() });
      }
      tf.dispose(outputs);
      return values;
    });
  return {
    backend,
    setWeights: (weights) => {
      const tensors = program.parameters.map(({ path, shape }) => {
        const data = weights.get(path);
        if (data === undefined) throw new Error(`${path} of the program is not a parameter of the model`);
        return [path, { shape, data }] as const;
      });
      program.importWeights(w, formatSafetensors(tensors));
    },
    run: infer,
    blocks: async (inputs) => {
      const calls: (readonly Values[])[] = [];
      recorder.calls = (result) =>
        calls.push(flat(result).map((tensor) => ({ shape: tensor.shape, data: tensor.dataSync() })));
      try {
        await infer(inputs);
      } finally {
        recorder.calls = undefined;
      }
      return calls;
    },
    gradients: async (batch, mode) => {
      const { gradients } = program;
      if (gradients === undefined) return undefined;
      return guarded('the training step fails', async () => {
        const tensors = given(batch);
        const result = await gradients(w, tensors, { training: mode === 'train' });
        tf.dispose(tensors);
        return result.gradients;
      });
    },
    close: () => {
      tf.dispose(w);
    },
  };
}

function valuesOf({ type, data }: NdArray): Float32Array | Int32Array | Uint8Array {
  switch (type.dtype) {
    case 'f32':
      return Float32Array.from(data);
    case 'int32':
      return Int32Array.from(data);
    case 'bool':
      return Uint8Array.from(data);
  }
}

function dtypeOf({ type }: NdArray): 'float32' | 'int32' | 'bool' {
  return type.dtype === 'f32' ? 'float32' : type.dtype;
}

/** The tensors of a block's result: one, or a list of them. */
function flat(result: unknown): readonly Tensor[] {
  return (Array.isArray(result) ? result : [result]) as readonly Tensor[];
}

async function guarded<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new EngineError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
