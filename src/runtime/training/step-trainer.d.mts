// The types of step-trainer.mjs, which is plain JavaScript because generated programs carry a copy of it.
import type { PlainTensors, Runner } from './runner.ts';
import type { StepParameter, TrainerProgram } from './step-program.ts';

export interface StepTrainerMeans {
  readonly runner: Runner;
  /** Of generator.mjs. */
  readonly uniforms: (count: number, seed: number, name: string, stream: number) => Float32Array;
}

export interface StepTrainerOptions {
  /** Of the random numbers that layers draw. */
  readonly seed: number;
  /** Of the whole training, which schedules need to know. */
  readonly steps: number;
  /** By path; zeros for what is left out. */
  readonly initial: ReadonlyMap<string, Float32Array>;
}

export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TrainerState {
  /** Steps taken since the weights were new. */
  readonly step: number;
  readonly seed: number;
  readonly parameters: readonly (readonly [path: string, tensor: StateTensor])[];
}

type Tensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: ArrayLike<unknown> }>;

/** RangeError that names what is missing, has another shape, or is not of these parameters. */
export function expectFit(parameters: readonly StepParameter[], tensors: Tensors): void;

/** Trains one model: its parameters are the runner's as long as it lives. Whatever is asked for waits for what was asked before. */
export class StepTrainer {
  constructor(means: StepTrainerMeans, program: TrainerProgram, options: StepTrainerOptions);
  /** Steps taken since the weights were new. */
  readonly step: number;
  readonly seed: number;
  /** What the last step's numbers that are none began with, where its graph is watched. */
  readonly origin: string | undefined;
  /** Of the next step. */
  readonly learningRate: number;
  /** Opens the graph of evaluation: what cannot compute here says so before training begins. */
  open(): Promise<void>;
  /** One step on a batch of this size, tensors by the names of inputs; returns the loss before it. */
  trainOn(batch: number, tensors: PlainTensors): Promise<number>;
  /** The loss and the outputs in inference mode; all of them, or those that are named. */
  evaluate(
    tensors: PlainTensors,
    outputs?: readonly string[],
  ): Promise<{ readonly loss: number; readonly outputs: PlainTensors }>;
  /** All that training goes on from. Values are to be read and not to be written to. */
  state(): Promise<TrainerState>;
  /** Weights and running statistics alone, by their averages where there are any. */
  weights(): Promise<readonly (readonly [path: string, tensor: StateTensor])[]>;
  /** Takes a state over, bit for bit; RangeError that names the parameters where it is of another architecture. */
  restore(
    tensors: Tensors,
    metadata: { readonly step?: string | undefined; readonly seed?: string | undefined },
  ): void;
  close(): Promise<void>;
}
