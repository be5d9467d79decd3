import type { Span } from '../source/span.ts';
import type { SizeVar } from '../shapes/size.ts';
import type { Attributes } from '../ops/attributes.ts';
import type { Init } from '../ops/arguments.ts';
import type { TensorType } from './tensor-type.ts';
import type { Pixels } from './module.ts';

/**
 * The flat graph: one list of primitive ops in static single assignment, in an order in which they can run. Calls,
 * loops, branches and lists are gone; sizes are numbers, or expressions over `dynamic` sizes such as the batch.
 */
export interface Graph {
  readonly name: string;
  /** Sizes that are known only when the graph runs; all are >= 1. */
  readonly dynamic: readonly SizeVar[];
  readonly inputs: readonly GraphInput[];
  readonly params: readonly GraphParam[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphOutput[];
  /** New values of the state, in training mode. */
  readonly updates: readonly { readonly path: string; readonly value: GraphValue }[];
  /** For each call of a block: its path and the values it returned, or which passes have since removed. */
  readonly blocks: readonly BlockOutputs[];
}

export interface GraphValue {
  readonly id: number;
  readonly hint: string;
  readonly type: TensorType;
}

export interface GraphInput {
  readonly name: string;
  readonly value: GraphValue;
  readonly pixels: Pixels | undefined;
}

export interface GraphOutput {
  readonly name: string;
  readonly value: GraphValue;
  readonly labels: readonly string[] | undefined;
}

/**
 * A weight, a piece of state or a slot of the optimiser by its full path, `s3/squeeze/linear/weight`; axes in the
 * declared (checkpoint) order.
 */
export interface GraphParam {
  readonly path: string;
  readonly role: 'weight' | 'state' | 'slot';
  readonly value: GraphValue;
  readonly init: Init;
  readonly fan: { readonly in: number; readonly out: number } | undefined;
  readonly span: Span;
}

export interface GraphNode {
  readonly op: string;
  readonly attributes: Attributes;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** The instance path in the source, `s3/squeeze/linear`. */
  readonly path: string;
  readonly span: Span;
}

export interface BlockOutputs {
  readonly path: string;
  readonly block: string;
  readonly values: readonly (GraphValue | undefined)[];
  readonly span: Span;
}
