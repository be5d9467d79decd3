import type { OnnxAttribute, OnnxTensor } from './emitter.ts';

/** An ONNX model as plain data, before it is encoded. */
export interface OnnxModel {
  readonly graph: OnnxGraph;
  readonly doc: string;
  readonly producerVersion: string;
  /** `metadata_props`, in this order. */
  readonly metadata: ReadonlyMap<string, string>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  /** The types of all tensors between nodes. */
  readonly values: readonly OnnxTensor[];
}

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** An empty name is an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: InitializerData;
}

export type InitializerData =
  | { readonly dtype: 'f32'; readonly values: Float32Array }
  | { readonly dtype: 'int64'; readonly values: readonly number[] };

/** The version of the operator set, and of the file format: the newest that Debian 12's checker (onnx 1.12) takes. */
export const OPSET_VERSION = 17;
export const IR_VERSION = 8;
