import type { DType } from '../../ir/tensor-type.ts';
import { key } from '../tfjs/literals.ts';
import { tensorTypes } from './driver.ts';
import type { DriverFacts, DriverTensor } from './driver-facts.ts';

const arrays = { f32: 'Float32Array', int32: 'Int32Array', bool: 'Uint8Array' } as const satisfies Record<
  DType,
  string
>;

/** The types of a driver: what its batches and the outputs of its model are called. */
export function writeDriverTypes({ batch, inputs, outputs, parameters }: DriverFacts): string {
  const members = (
    tensors: readonly (DriverTensor & { readonly note?: string })[],
    type: (dtype: DType) => string,
  ): string =>
    tensors
      .map(
        ({ name, dtype, written, note = '' }) =>
          `  /** ${written}${note} */\n  readonly ${key(name)}: ${type(dtype)};`,
      )
      .join('\n');
  const given = inputs.map((input) => ({
    ...input,
    ...(input.pixels === undefined
      ? {}
      : {
          note: `, (v / 255 - mean) / std with mean ${list(input.pixels.mean)}, std ${list(input.pixels.std)}`,
        }),
  }));
  const roles = [...new Set(parameters.map(({ role }) => `'${role}'`))].join(' | ') || 'never';
  return `import type { InferenceSession, TypedTensor } from 'onnxruntime-node';

/** Numbers of a tensor, row-major; with their shape where more than one length is open. A tensor of ONNX Runtime is both. */
export type Values<T> = T | { readonly data: T; readonly dims: readonly number[] };

/** What a step and an evaluation take: inputs of the model, targets and weights of the loss. */
export interface Batch {
${members(given, (dtype) => `Values<${arrays[dtype]}>`)}
}

/** What the model gives in inference mode. */
export interface Outputs {
${members(outputs, (dtype) => `TypedTensor<'${tensorTypes[dtype]}'>`)}
}

export interface TrainerOptions {
  /** Of the random numbers in layers. */
  readonly seed?: number;
  /** How many there will be in all, which schedules need to know. */
  readonly steps?: number;
  /** A safetensors file to begin with, in place of the initial weights. */
  readonly weights?: Uint8Array;
  /** What is to differ from the defaults, which stand in graph-runner.mjs. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
}

/** Owns the weights. Steps and evaluations wait for those that were asked for before them. */
export interface Trainer {
  /** Since the weights were new. */
  readonly stepsTaken: number;
  /** Of the next step. */
  readonly learningRate: number;
  /** One step on ${batch} samples; gives the loss before it. RangeError or TypeError where the batch is another. */
  step(batch: Batch): Promise<number>;
  /** The loss and the outputs in inference mode, for a batch of any size. */
  evaluate(batch: Batch): Promise<{ readonly loss: number; readonly outputs: Outputs }>;
  /** Shapes and values by path, after the steps that were asked for before. The values are not to be written to. */
  parameters(): Promise<ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
  /** All that training goes on from, as a safetensors file; \`netc train\` and the tfjs program have the same format. */
  exportState(): Promise<Uint8Array>;
  /** Takes that over, bit for bit; RangeError, and nothing changes, where it is of another model. */
  importState(file: Uint8Array): void;
  /** The weights to evaluate and deploy by, as a safetensors file. */
  exportWeights(): Promise<Uint8Array>;
  /** Frees the memory, after what is under way. */
  close(): Promise<void>;
}

export function createTrainer(options?: TrainerOptions): Promise<Trainer>;

/** The learning rate of a step, counted from 0, when there are \`steps\` in all. */
export function learningRate(step: number, steps?: number): number;

/** Samples of a step. */
export const batch: ${batch};

/** The tensors of a batch; a name in a shape is a length that only the batch knows. */
export const inputs: readonly {
  readonly name: keyof Batch;
  readonly type: 'float32' | 'int32' | 'bool';
  readonly shape: readonly (number | string)[];
}[];

/** Weights, state and what the optimiser keeps, by their names in checkpoints. */
export const parameters: readonly {
  readonly path: string;
  readonly role: ${roles};
  readonly shape: readonly number[];
}[];
`;
}

function list(numbers: readonly number[]): string {
  return `[${numbers.join(', ')}]`;
}
