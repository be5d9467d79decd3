import { availableParallelism, cpus } from 'node:os';
import type { Tensor, TensorContainerObject } from '@tensorflow/tfjs-core';
import type { Augmentation } from '../augmentation.ts';
import type { Batch } from '../batches.ts';
import type { PixelSpec } from '../prepare.ts';
import type { Engine } from './engine.ts';

/** What a generated training program exports, as far as it is used here. Trees of tensors are its own business. */
export interface TrainingProgram {
  readonly pixels: PixelSpec;
  readonly labels: readonly string[];
  /** Left out where the recipe varies no images. */
  readonly augmentation?: Augmentation;
  readonly toTensors: (batch: Batch) => TensorContainerObject;
  readonly createWeights: (seed: number) => TensorContainerObject;
  readonly createTrainer: (
    w: TensorContainerObject,
    options: { readonly steps: number; readonly seed: number },
  ) => Trainer;
  readonly trainStep: (trainer: Trainer, batch: TensorContainerObject) => Promise<number>;
  readonly evaluate: (
    w: TensorContainerObject,
    batch: TensorContainerObject,
  ) => Promise<{ readonly loss: number; readonly outputs: Readonly<Record<string, Tensor>> }>;
  readonly learningRate: (step: number, steps: number) => number;
  readonly exportTrainer: (trainer: Trainer) => Promise<Uint8Array>;
  readonly importTrainer: (trainer: Trainer, file: Uint8Array) => void;
  readonly exportWeights: (w: TensorContainerObject) => Promise<Uint8Array>;
  readonly chooseBackend: () => Promise<string>;
}

interface Trainer {
  readonly w: TensorContainerObject;
  /** The weights to evaluate and export by, where the recipe averages them. */
  readonly averaged?: TensorContainerObject;
  readonly slots: readonly TensorContainerObject[];
  readonly step: number;
}

export interface TfjsEngineOptions {
  readonly seed: number;
  /** Of the whole training, which schedules need to know. */
  readonly steps: number;
  /** The output that the model is measured by. */
  readonly scores: string;
}

/** Trains with the program that `netc build` writes for TensorFlow.js. */
export async function startTfjsEngine(
  program: TrainingProgram,
  { seed, steps, scores }: TfjsEngineOptions,
): Promise<Engine> {
  const tf = await import('@tensorflow/tfjs-core');
  const provider = await program.chooseBackend();
  const w = program.createWeights(seed);
  const trainer = program.createTrainer(w, { steps, seed });
  const { averaged = w } = trainer;
  /** Gives a batch to `use` as tensors, and frees them. */
  const withTensors = async <T>(
    batch: Batch,
    use: (tensors: TensorContainerObject) => Promise<T>,
  ): Promise<T> => {
    const tensors = program.toTensors(batch);
    try {
      return await use(tensors);
    } finally {
      tf.dispose(tensors);
    }
  };
  return {
    identity: {
      engine: 'tfjs',
      version: tf.version_core,
      provider,
      instructionSet: await instructionSet(provider, tf.env()),
      threads: isNative(provider) ? availableParallelism() : 1,
    },
    get step() {
      return trainer.step;
    },
    get rate() {
      return program.learningRate(trainer.step, steps);
    },
    trainOn: (batch) => withTensors(batch, (tensors) => program.trainStep(trainer, tensors)),
    evaluate: (batch) =>
      withTensors(batch, async (tensors) => {
        const { loss, outputs } = await program.evaluate(averaged, tensors);
        try {
          const output = outputs[scores];
          if (output === undefined) throw new Error(`the program has no output ${scores}`);
          return { loss, scores: Float32Array.from(await output.data()) };
        } finally {
          tf.dispose(outputs);
        }
      }),
    exportState: () => program.exportTrainer(trainer),
    importState: (file) => program.importTrainer(trainer, file),
    exportWeights: () => program.exportWeights(averaged),
    close: () => tf.dispose([w, averaged, [...trainer.slots]]),
  };
}

/** tfjs-node and tfjs-node-gpu, whose library takes as many threads as there are processors. */
function isNative(provider: string): boolean {
  return provider !== 'WASM' && provider !== 'CPU';
}

/** WebAssembly and JavaScript compute the same everywhere; native code as the processor lets it. */
async function instructionSet(
  provider: string,
  environment: { readonly getAsync: (flag: string) => Promise<unknown> },
): Promise<string> {
  if (isNative(provider)) return `${process.arch} ${cpus()[0]?.model ?? ''}`.trim();
  if (provider === 'CPU') return 'JavaScript';
  return (await environment.getAsync('WASM_HAS_SIMD_SUPPORT')) === true ? 'wasm-simd128' : 'wasm';
}
