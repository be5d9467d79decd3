import type { GraphValue } from '../ir/graph.ts';
import type { TensorType } from '../ir/tensor-type.ts';
import type { Size } from '../shapes/size.ts';
import type { Attributes } from './attributes.ts';

/**
 * What a gradient is written with: nodes of the graph that run after the forward pass. They belong to the place in the
 * source of the node whose gradient is asked for. Axes are matched by name throughout, as everywhere before layout.
 */
export interface GradientBuilder {
  /** Adds a node; the op's shape rule gives the types of its outputs. */
  emit(op: string, inputs: readonly GraphValue[], attributes?: Attributes): readonly GraphValue[];
  /** `emit` for an op with one output. */
  one(op: string, inputs: readonly GraphValue[], attributes?: Attributes): GraphValue;
  /** A number, or a size as a number, without axes. */
  number(value: number | Size): GraphValue;
  /** Elementwise; the axes of one operand contain those of the other. */
  add(a: GraphValue, b: GraphValue): GraphValue;
  sub(a: GraphValue, b: GraphValue): GraphValue;
  mul(a: GraphValue, b: GraphValue): GraphValue;
  div(a: GraphValue, b: GraphValue): GraphValue;
  /** The sum over all axes that `like` lacks: what broadcasting has spread comes together again. */
  sumTo(x: GraphValue, like: TensorType): GraphValue;
  /** The tensor repeated along the axes of `like` that it lacks. */
  spread(x: GraphValue, like: TensorType): GraphValue;
  /** 1 where the condition, a bool, holds and 0 elsewhere. */
  indicator(condition: GraphValue): GraphValue;
  zeros(like: TensorType): GraphValue;
}

/** A node on the way back: its values in the forward pass, and how the loss depends on what it made. */
export interface BackwardNode<A extends Attributes> {
  readonly attributes: A;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Of each output; undefined where the loss does not depend on it. At least one is there. */
  readonly gradients: readonly (GraphValue | undefined)[];
}
