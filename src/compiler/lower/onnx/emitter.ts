import type { Size } from '../../shapes/size.ts';
import type { DType } from '../../ir/tensor-type.ts';
import type { OnnxGraph } from './onnx-model.ts';

/** A tensor of the ONNX graph. `int64` occurs only for shapes and indices, `uint8` only for images as they are decoded. */
export interface OnnxTensor {
  readonly name: string;
  readonly dtype: DType | 'int64' | 'uint8';
  readonly dims: readonly Size[];
}

export type OnnxAttribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  /** Its nodes read tensors of the graph around it by their names. */
  | { readonly type: 'graph'; readonly value: OnnxGraph };

/** The sets of operators that ONNX Runtime has of its own: one for all, and the blocked convolutions of its CPU provider. */
export type OperatorDomain = 'com.microsoft' | 'com.microsoft.nchwc';

/**
 * What an op's file may do to write itself as ONNX nodes. Node and tensor names come from the instance path of the
 * op being lowered; every tensor made here gets its `value_info`.
 */
export interface OnnxEmitter {
  /** Adds a node with one output. `undefined` among the inputs is an optional input left out. */
  node(
    opType: string,
    inputs: readonly (OnnxTensor | undefined)[],
    output: { readonly dims: readonly Size[]; readonly dtype?: OnnxTensor['dtype'] },
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    /** Of the operator; the standard's where it is left out. */
    domain?: OperatorDomain,
  ): OnnxTensor;
  /** Adds a node with several outputs. */
  nodes(
    opType: string,
    inputs: readonly (OnnxTensor | undefined)[],
    outputs: readonly { readonly dims: readonly Size[]; readonly dtype?: OnnxTensor['dtype'] }[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: OperatorDomain,
  ): readonly OnnxTensor[];
  /**
   * What one of the two writes, as a condition says that is known only when the graph runs; the nodes of the other do not
   * run. Both read whatever has been made so far, and nobody else reads what they make in between.
   */
  choose(condition: OnnxTensor, then: () => OnnxTensor, otherwise: () => OnnxTensor): OnnxTensor;
  /** A constant int64 vector, shared between equal uses. */
  ints(values: readonly number[]): OnnxTensor;
  /** The same as int32, for what a Gather reads by: tables of them are as long as images. */
  indices(values: readonly number[]): OnnxTensor;
  /** A constant f32 tensor. */
  floats(values: ArrayLike<number>, dims: readonly number[]): OnnxTensor;
  /** An int64 vector that holds these sizes at run time: a constant where it can be. */
  shape(dims: readonly Size[]): OnnxTensor;
  /** The same elements under other dims (Reshape), or the tensor itself where nothing changes. */
  reshape(tensor: OnnxTensor, dims: readonly Size[]): OnnxTensor;
  /** Axes permuted: `permutation[i]` is the axis of the input that becomes axis i. */
  transpose(tensor: OnnxTensor, permutation: readonly number[]): OnnxTensor;
  /** The number that a size has at build time; complains where it is dynamic. */
  constant(size: Size): number;
}

export const int = (value: number): OnnxAttribute => ({ type: 'int', value });
export const float = (value: number): OnnxAttribute => ({ type: 'float', value });
export const string = (value: string): OnnxAttribute => ({ type: 'string', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ type: 'ints', value });
export const floats = (value: readonly number[]): OnnxAttribute => ({ type: 'floats', value });
