import type { GraphFile } from './step-program.ts';

/** A tensor, row-major, as ONNX Runtime's are; theirs fit. */
export interface PlainTensor {
  readonly type: 'float32' | 'int32' | 'bool';
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type PlainTensors = Readonly<Record<string, PlainTensor>>;

/** Zeros, of which nobody needs to make an array in order to hand them over. */
export interface Zeros {
  readonly type: 'float32';
  readonly dims: readonly number[];
  readonly data?: undefined;
}

export type KeptTensors = Readonly<Record<string, PlainTensor | Zeros>>;

/** A part of a vector that is kept, as an input of a graph. */
export interface KeptPart {
  readonly name: string;
  readonly of: string;
  /** Its first element. */
  readonly at: number;
  readonly dims: readonly number[];
}

/** Something that runs graphs and keeps what passes from one run to the next: in this process, or in another one. */
export interface Runner {
  /** The number by which the graph is run. */
  open(file: GraphFile): Promise<number>;
  /** Keeps these tensors, and none of those before. */
  keep(tensors: KeptTensors): Promise<void>;
  /** What is kept under these names, as it is now. */
  kept(names: readonly string[]): Promise<PlainTensors>;
  /**
   * Runs a graph on these tensors and on what is kept under the names of its inputs. Its outputs `next.value/NAME` and
   * `next.over/NAME` are kept from then on under NAME; the others are returned. Where it fails, what is kept stays what it was. Outputs
   * `next.over/NAME` are written to where NAME is kept: nothing else may be under way meanwhile.
   */
  step(graph: number, tensors: PlainTensors): Promise<PlainTensors>;
  /** Runs a graph on these tensors and on parts of what is kept; the outputs of these names, all where none are named. */
  evaluate(
    graph: number,
    tensors: PlainTensors,
    parts: readonly KeptPart[],
    outputs?: readonly string[],
  ): Promise<PlainTensors>;
  /** Frees the graphs, and forgets what is kept. Nothing can be asked for any more. */
  close(): Promise<void>;
}
