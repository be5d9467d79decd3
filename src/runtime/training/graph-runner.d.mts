// The types of graph-runner.mjs, which is plain JavaScript because generated programs carry a copy of it.
import type { InferenceSession } from 'onnxruntime-node';
import type { KeptTensors, PlainTensors, Runner } from './runner.ts';

/** How sessions are made where nobody says otherwise. */
export const sessionDefaults: InferenceSession.SessionOptions;

export interface LocalRunner extends Runner {
  /** Tensors that are given away belong to the runner from then on: it writes into their arrays. */
  keep(tensors: KeptTensors, options?: { readonly givenAway?: boolean }): Promise<void>;
  /** What is not lent is what is kept only until the next run, which may write into its arrays. */
  kept(names: readonly string[], options?: { readonly lent?: boolean }): Promise<PlainTensors>;
}

/** Runs graphs in this process. */
export const GraphRunner: new (
  ort: Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor'>,
  sessionOptions?: InferenceSession.SessionOptions,
) => LocalRunner;
