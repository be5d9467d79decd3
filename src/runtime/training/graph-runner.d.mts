// The types of graph-runner.mjs, which is plain JavaScript because generated programs carry a copy of it.
import type { InferenceSession } from 'onnxruntime-node';
import type { KeptPart, PlainTensors, Runner } from './runner.ts';
import type { GraphFile } from './step-program.ts';

/** How sessions are made where nobody says otherwise. */
export const sessionDefaults: InferenceSession.SessionOptions;

/** Runs graphs in this process. */
export class GraphRunner implements Runner {
  constructor(
    ort: Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor'>,
    sessionOptions?: InferenceSession.SessionOptions,
  );
  open(file: GraphFile): Promise<number>;
  keep(tensors: PlainTensors): Promise<void>;
  kept(names: readonly string[]): Promise<PlainTensors>;
  step(graph: number, tensors: PlainTensors): Promise<PlainTensors>;
  evaluate(
    graph: number,
    tensors: PlainTensors,
    parts: readonly KeptPart[],
    outputs?: readonly string[],
  ): Promise<PlainTensors>;
  close(): Promise<void>;
}
