import type { Batch } from '../batches.ts';

/** What the numbers of a run depend on beside its configuration. Where all of it is the same, so is every bit. */
export interface EngineIdentity {
  readonly engine: string;
  /** Of the library that computes. */
  readonly version: string;
  /** What it computes with: WASM, CPU, a graphics card. */
  readonly provider: string;
  readonly instructionSet: string;
  readonly threads: number;
}

/** What an engine says of a batch without learning from it. */
export interface Evaluation {
  /** The loss of the recipe over the batch. */
  readonly loss: number;
  /**
   * The output by which the model is measured, row-major: what the samples are ranked by, [batch size, labels], logits where
   * the model gives them; or the probability of each pixel, laid as the masks are.
   */
  readonly scores: Float32Array;
}

/** Something that trains one model: owns its weights and the state of its optimiser. */
export interface Engine {
  readonly identity: EngineIdentity;
  /** Steps taken since the weights were new. */
  readonly step: number;
  /** Learning rate of the next step. */
  readonly rate: number;
  /**
   * In words, where the first number of the last step came from that was not finite and reached the loss or a weight.
   * Undefined where there was none, and left out by engines that do not watch for it.
   */
  readonly origin?: string | undefined;
  /** One step on a batch; returns the loss before it. */
  trainOn(batch: Batch): Promise<number>;
  evaluate(batch: Batch): Promise<Evaluation>;
  /** All that training goes on from, as a safetensors file. */
  exportState(): Promise<Uint8Array>;
  /** Takes that over, bit for bit; RangeError that names the parameters where it is of another architecture. */
  importState(file: Uint8Array): void;
  /** The weights alone, as a safetensors file. */
  exportWeights(): Promise<Uint8Array>;
  /** Frees the weights; a second time, it does nothing. */
  close(): void;
}
