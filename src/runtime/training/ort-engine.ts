import { availableParallelism, cpus } from 'node:os';
import { uniforms } from '../../compiler/random/generator.mjs';
import type { Batch } from '../batches.ts';
import { UserError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../safetensors.ts';
import type { Engine } from './engine.ts';
import { ProcessRunner } from './process-runner.ts';
import type { PlainTensor } from './runner.ts';
import type { StepProgram } from './step-program.ts';
import { StepTrainer, type StateTensor } from './step-trainer.mjs';

export interface OrtEngineOptions {
  readonly seed: number;
  /** Of the whole training, which schedules need to know. */
  readonly steps: number;
  /** The output that the model is measured by. */
  readonly scores: string;
  /** Threads that a step computes on; as many as there are processors where it is left out. */
  readonly threads?: number;
  /** The execution provider: `cpu` where it is left out. */
  readonly provider?: string;
}

/** Marks the checkpoints of all engines; see `exportTrainer` of the generated programs. */
const stateFormat = 'netc-trainer-1';

/** Trains with the step graphs of the target `onnx-train` in ONNX Runtime, which computes in a process of its own. */
export async function startOrtEngine(
  program: StepProgram,
  { seed, steps, scores, threads = availableParallelism(), provider = 'cpu' }: OrtEngineOptions,
): Promise<Engine> {
  const initial = program.initial(seed);
  const { runner, version } = await ProcessRunner.start({
    executionProviders: [provider],
    intraOpNumThreads: threads,
  }).catch((cause: unknown) => {
    throw cause instanceof UserError ? cause : notAvailable('ONNX Runtime cannot be loaded', cause);
  });
  /** Errors of the library by what a user can do about them. */
  const explained = async <T>(result: Promise<T>): Promise<T> => {
    try {
      return await result;
    } catch (error) {
      throw outOfMemory(error) ?? error;
    }
  };
  const trainer = new StepTrainer({ runner, uniforms }, program, { seed, steps, initial });
  await trainer.open().catch(async (error: unknown) => {
    await trainer.close();
    if (provider === 'cpu' || error instanceof UserError) throw outOfMemory(error) ?? error;
    throw notAvailable(`ONNX Runtime does not compute on ${provider} here`, error);
  });
  const tensorsOf = (batch: Batch): Record<string, PlainTensor> =>
    Object.fromEntries(
      [...program.tensorsOf(batch)].map(([name, { data, shape }]) => [
        name,
        { type: 'float32', dims: shape, data },
      ]),
    );
  const encode = (
    entries: readonly (readonly [string, StateTensor])[],
    metadata: Readonly<Record<string, string>>,
  ): Uint8Array => {
    const tensors = entries.map(([path, { shape, data }]): [string, SafeTensor] => [
      path,
      { dtype: 'F32', shape, data: ownedBy(data) },
    ]);
    return Buffer.concat(encodeSafetensors(new Map(tensors), { model: program.model, ...metadata }));
  };
  return {
    identity: {
      engine: 'ort',
      version,
      provider: provider.toUpperCase(),
      // Its kernels are chosen by the processor.
      instructionSet: `${process.arch} ${cpus()[0]?.model ?? ''}`.trim(),
      threads,
    },
    get step() {
      return trainer.step;
    },
    get rate() {
      return trainer.learningRate;
    },
    get origin() {
      return trainer.origin;
    },
    trainOn: (batch) => explained(trainer.trainOn(batch.size, tensorsOf(batch))),
    evaluate: async (batch) => {
      const { loss, outputs } = await explained(trainer.evaluate(tensorsOf(batch), [scores]));
      const data = outputs[scores]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`the graph gave no ${scores}`);
      return { loss, scores: data };
    },
    exportState: async () => {
      const { step, seed: own, parameters } = await trainer.state();
      return encode(parameters, { format: stateFormat, step: String(step), seed: String(own) });
    },
    exportWeights: async () => encode(await trainer.weights(), { format: 'netc-1' }),
    importState: (file) => {
      const { tensors, metadata } = decodeSafetensors(file, 'the checkpoint');
      trainer.restore(tensors, metadata);
    },
    close: () => void trainer.close(),
  };
}

function notAvailable(message: string, cause: unknown): UserError {
  return new UserError('R4008', `${message}: ${textOf(cause)}`, {
    remedy: 'Train with --provider cpu, or with --engine tfjs.',
    cause,
  });
}

/** Undefined where the error says something else. */
function outOfMemory(cause: unknown): UserError | undefined {
  if (cause instanceof UserError || !/alloc|out of memory/i.test(textOf(cause))) return undefined;
  return new UserError('R4009', `There is not enough memory for a step: ${textOf(cause)}`, {
    remedy: 'Take a smaller --batch, or close what else needs memory.',
    cause,
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Their type says no more than that the buffer of a tensor may be shared; none of these is. */
function ownedBy(data: Float32Array): Float32Array<ArrayBuffer> {
  return data.buffer instanceof ArrayBuffer
    ? new Float32Array(data.buffer, data.byteOffset, data.length)
    : Float32Array.from(data);
}
