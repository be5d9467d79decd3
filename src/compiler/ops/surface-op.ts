import { printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import type { TensorValue, ListValue, Value } from '../ir/module.ts';
import type { Size } from '../shapes/size.ts';
import type { Attributes } from './attributes.ts';
import type { ArgumentSpecs, ArgumentsOf, Init } from './arguments.ts';
import type { Op, ShapeContext } from './op.ts';

/**
 * What a surface op builds with. `emit` runs the shape rule of a primitive; when that complains the result is
 * undefined, and so must be the surface op's.
 */
export interface OpBuilder extends ShapeContext {
  emit<A extends Attributes>(
    op: Op<A>,
    inputs: readonly TensorValue[],
    attributes: A,
  ): readonly TensorValue[] | undefined;
  /** `emit` for an op with one output. */
  emitOne<A extends Attributes>(
    op: Op<A>,
    inputs: readonly TensorValue[],
    attributes: A,
  ): TensorValue | undefined;
  /** A scalar constant. */
  scalar(value: number): TensorValue;
  /** A learned parameter of this instance; its path is the instance's followed by `name`. */
  param(name: string, axes: readonly Axis[], init: Init, fan: Fan): TensorValue;
  /** State that training updates by itself: running statistics. */
  state(name: string, axes: readonly Axis[], init: Init): TensorValue;
  /** The elements of a list whose length is known; otherwise undefined. */
  elements(list: ListValue): readonly TensorValue[] | undefined;
  /** A list of all outputs of an op that makes `length` tensors of one type. */
  list(op: Op, input: TensorValue, attributes: Attributes, element: TensorType, length: Size): ListValue;
  /** An op that reads a whole list of unknown length. */
  reduceList(op: Op, list: ListValue, attributes: Attributes, output: TensorType): TensorValue;
}

/** Inputs and outputs that an element of the parameter is connected with, for the initialisers that scale by it. */
export interface Fan {
  readonly in: Size;
  readonly out: Size;
}

/**
 * An operation as a user writes it: `conv(C -> C: 64, over: [H: 3, W: 3])(x)`. It checks its arguments, declares its
 * parameters and is made of primitives of the IR.
 */
export interface SurfaceOp<S extends ArgumentSpecs = ArgumentSpecs> {
  readonly name: string;
  readonly doc: string;
  readonly example: string;
  readonly arguments: S;
  /** Names of the tensors it takes. */
  readonly operands: readonly string[];
  /** It takes one list instead: `build` is given all its tensors or, where its length is not known, the list. */
  readonly takesList?: true;
  /** Whether an instance has parameters of its own; such an op must be instantiated before it is called. */
  readonly parameterised: boolean;
  build(b: OpBuilder, args: ArgumentsOf<S>, operands: readonly Value[]): Value | undefined;
}

/** Keeps the type of a table of arguments while it is erased for the registry. */
export function surfaceOp<const S extends ArgumentSpecs>(op: SurfaceOp<S>): SurfaceOp<S> {
  return op;
}

/** The operand at an index, which must be one tensor (N3006). */
export function tensorOperand(
  b: ShapeContext,
  op: string,
  operands: readonly Value[],
  index = 0,
): TensorValue | undefined {
  const value = operands[index];
  if (value === undefined) throw new Error(`${op} was built with ${operands.length} operands`);
  if (value.kind === 'tensor') return value;
  return b.fail('N3006', `\`${op}\` takes a tensor, not a ${printType(value.type)}`, [], {
    help: 'use `concat(list, along: ...)` or `stack(list, along: ...)`, or take one element of it',
  });
}
