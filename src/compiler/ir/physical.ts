import type { Span } from '../source/span.ts';
import type { SizeVar } from '../shapes/size.ts';
import type { Dialect } from '../ops/op.ts';
import type { BlockOutputs, GraphInput, GraphNode, GraphOutput, GraphParam, GraphValue } from './graph.ts';

/**
 * The graph on the last step before a target: the axes of every type stand in the order in which they lie in memory,
 * outermost first, and wherever data has to move from one order to another there is a `transpose` that says so.
 */
export interface PhysicalGraph {
  readonly name: string;
  readonly dialect: Dialect;
  /** All names of axes in the order that tensors follow where no op or declaration says otherwise. */
  readonly axisOrder: readonly string[];
  readonly dynamic: readonly SizeVar[];
  /** In the order in which the user declared their axes. */
  readonly inputs: readonly GraphInput[];
  readonly params: readonly PhysicalParam[];
  readonly nodes: readonly PhysicalNode[];
  /** In the order in which the user declared their axes. */
  readonly outputs: readonly GraphOutput[];
  /** New values of the state, each in the order of the parameter it replaces. */
  readonly updates: readonly { readonly path: string; readonly value: GraphValue }[];
  readonly blocks: readonly BlockOutputs[];
}

/** A parameter as the target stores it. `param.value.type` has the order of checkpoints, `value.type` the one in memory. */
export interface PhysicalParam {
  readonly param: GraphParam;
  readonly value: GraphValue;
}

export type PhysicalNode = PhysicalOp | Transpose | Reorder;

export interface PhysicalOp extends GraphNode {
  readonly kind: 'op';
  /** The form that `choose-forms` gave it, by name; the op's own lowering where it is left out. */
  readonly form?: string;
}

/** The same tensor with its axes in another order. Types say which. */
export interface Transpose {
  readonly kind: 'transpose';
  readonly input: GraphValue;
  readonly output: GraphValue;
  /** The instance path of the op that needs it. */
  readonly path: string;
  readonly span: Span;
}

/**
 * The same tensor, its channels brought into blocks or out of them. What is not made by one that brings it into blocks, or
 * by a form that says so of its outputs, lies in memory as its type says.
 */
export interface Reorder {
  readonly kind: 'reorder';
  readonly to: 'blocks' | 'plain';
  readonly input: GraphValue;
  readonly output: GraphValue;
  /** The instance path of the op that needs it first. */
  readonly path: string;
  readonly span: Span;
}

export function physicalInputs(node: PhysicalNode): readonly GraphValue[] {
  return node.kind === 'op' ? node.inputs : [node.input];
}

export function physicalOutputs(node: PhysicalNode): readonly GraphValue[] {
  return node.kind === 'op' ? node.outputs : [node.output];
}
