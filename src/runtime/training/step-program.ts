import type { Batch } from '../batches.ts';

/** A weight, a piece of state or a slot of the optimiser, by the name that it has in checkpoints; row-major. */
export interface StepParameter {
  readonly path: string;
  readonly role: 'weight' | 'state' | 'slot';
  readonly shape: readonly number[];
  /** The parameter whose average it is: begins as that does, and is what evaluation and export go by. */
  readonly averages?: string;
  /** The vector in which step graphs have it, and its first element there; left out where they have it for itself. */
  readonly place?: { readonly vector: string; readonly at: number };
}

/** An ONNX file: its bytes, or the path to it. */
export type GraphFile = Uint8Array | string;

/**
 * One training step for batches of one size as an ONNX file, and what it is given beside the batch and the parameters.
 * It reads the parameters, and the vectors that have some of them, as inputs under their paths; the new value of `path` is the
 * output `next.value/path`, or `next.over/path` where that may be written to the memory of the input.
 */
export interface StepGraph {
  readonly file: GraphFile;
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

/** What a graph takes of a batch. */
export interface BatchTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a trainer goes by, whatever its model and wherever its batches come from. */
export interface TrainerProgram {
  readonly parameters: readonly StepParameter[];
  /** Batches after which the optimiser makes a step; 1 where it is left out. */
  readonly accumulation?: number;
  /**
   * Called once for each size of batch that occurs, that of the recipe and the remainder of an epoch, and each phase:
   * whether the optimiser makes a step, or gradients are only added to those before.
   */
  readonly stepFor: (batch: number, phase: 'update' | 'accumulate') => StepGraph | Promise<StepGraph>;
  /** The loss and the outputs in inference mode, for batches of any size; reads each parameter under its path. */
  readonly evaluation: GraphFile;
  /** The learning rate of a step, from 0, of `steps` in all. */
  readonly learningRate: (step: number, steps: number) => number;
}

/** All that an engine needs in order to train a model by its step graphs. */
export interface StepProgram extends TrainerProgram {
  readonly model: string;
  /** The values that training starts with; zeros for slots. */
  readonly initial: (seed: number) => ReadonlyMap<string, Float32Array>;
  readonly tensorsOf: (batch: Batch) => ReadonlyMap<string, BatchTensor>;
}
