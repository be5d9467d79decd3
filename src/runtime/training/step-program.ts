import type { Batch } from '../batches.ts';

/** A weight, a piece of state or a slot of the optimiser, by the name that it has in checkpoints; row-major. */
export interface StepParameter {
  readonly path: string;
  readonly role: 'weight' | 'state' | 'slot';
  readonly shape: readonly number[];
}

/** One training step for batches of one size as an ONNX file, and what it is given beside the batch and the parameters. */
export interface StepGraph {
  readonly file: Uint8Array;
  /** The paths of the parameters that it reads. */
  readonly reads: readonly string[];
  /** The paths of the parameters that it replaces; the new value of `path` is the output `next/path`. */
  readonly replaces: readonly string[];
  /** Numbers without axes, by the name of the input. */
  readonly scalars: readonly {
    readonly name: string;
    readonly valueAt: (numbers: { readonly rate: number; readonly step: number }) => number;
  }[];
  /** Random numbers, uniform in [0, 1), by the name of the input and that of the sequence from which they are drawn. */
  readonly draws: readonly {
    readonly name: string;
    readonly stream: string;
    readonly shape: readonly number[];
  }[];
  /** Only of a graph that was made to find where numbers come from that are not finite. */
  readonly watch?: {
    /** Outputs that are numbers without axes: 0, or NaN where some value inside the graph is not finite. */
    readonly outputs: readonly string[];
    /** Where the first such value comes from that has a part in the results, in words; undefined where none has. */
    readonly originOf: (isFinite: (output: string) => boolean) => string | undefined;
  };
}

/** The loss and the outputs in inference mode, for batches of any size. */
export interface EvaluationGraph {
  readonly file: Uint8Array;
  readonly reads: readonly string[];
}

/** What a graph takes of a batch. */
export interface BatchTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** All that an engine needs in order to train a model by its step graphs. */
export interface StepProgram {
  readonly model: string;
  readonly parameters: readonly StepParameter[];
  /** The values that training starts with; zeros for slots. */
  readonly initial: (seed: number) => ReadonlyMap<string, Float32Array>;
  /** Called once for each size of batch that occurs: that of the recipe, and the remainder of an epoch. */
  readonly stepFor: (batch: number) => Promise<StepGraph>;
  readonly evaluation: EvaluationGraph;
  readonly tensorsOf: (batch: Batch) => ReadonlyMap<string, BatchTensor>;
  /** The learning rate of a step, from 0, of `steps` in all. */
  readonly learningRate: (step: number, steps: number) => number;
}
