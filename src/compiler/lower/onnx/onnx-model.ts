import type { OnnxAttribute, OnnxTensor } from './emitter.ts';
import type { Opset } from './opset.ts';

/** An ONNX model as plain data, before it is encoded. */
export interface OnnxModel {
  readonly graph: OnnxGraph;
  /** The version of the operator set; see `opsets`. */
  readonly opset?: Opset;
  /** Callees before their callers. */
  readonly functions?: readonly OnnxFunction[];
  readonly doc: string;
  readonly producerVersion: string;
  /** `metadata_props`, in this order. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** A function that nodes call by its name. Its values have no types in the format. */
export interface OnnxFunction {
  readonly name: string;
  readonly doc: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
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
  /** The path of the innermost instance of a block that it is part of, or ''; not written to the file. */
  readonly owner: string;
  /** Of the operator; the standard's where it is left out. */
  readonly domain?: string;
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
  | { readonly dtype: 'int32'; readonly values: Int32Array }
  | { readonly dtype: 'int64'; readonly values: readonly number[] };

/** The version of the operator set where none is asked for: the newest that Debian 12's checker (onnx 1.12) takes. */
export const DEFAULT_OPSET: Opset = 17;
