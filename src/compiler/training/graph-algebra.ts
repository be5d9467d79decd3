import type { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import type { GraphValue } from '../ir/graph.ts';
import type { Algebra } from '../optimizers/optimizer.ts';
import { binaryScalar, sqrtScalar, type Scalar, type ScalarOperator } from './scalar.ts';

/** A value of an update: the same for all parameters, or a tensor of the graph. */
export type Operand =
  | { readonly kind: 'scalar'; readonly scalar: Scalar; readonly hint: string | undefined }
  | { readonly kind: 'tensor'; readonly value: GraphValue };

export function scalarOperand(scalar: Scalar, hint?: string): Operand {
  return { kind: 'scalar', scalar, hint };
}

export function tensorOperand(value: GraphValue): Operand {
  return { kind: 'tensor', value };
}

/**
 * The operations of updates as nodes of a graph. Scalars stay expressions until they meet a tensor; `given` then makes
 * an input of the graph of one.
 */
export function graphAlgebra(
  builder: GraphGradientBuilder,
  given: (scalar: Scalar, hint: string | undefined) => GraphValue,
): Algebra<Operand> {
  const tensorOf = (operand: Operand): GraphValue => {
    if (operand.kind === 'tensor') return operand.value;
    const { scalar, hint } = operand;
    return scalar.kind === 'number' ? builder.number(scalar.value) : given(scalar, hint);
  };
  const binary =
    (op: string, operator: ScalarOperator) =>
    (a: Operand, b: Operand): Operand =>
      a.kind === 'scalar' && b.kind === 'scalar'
        ? scalarOperand(binaryScalar(operator, a.scalar, b.scalar))
        : tensorOperand(builder.one(op, [tensorOf(a), tensorOf(b)]));
  // Of numbers that are the same for all parameters, no optimiser asks for these.
  const ofTensors =
    (op: string) =>
    (...operands: readonly Operand[]): Operand =>
      tensorOperand(builder.one(op, operands.map(tensorOf)));
  return {
    number: (value) => scalarOperand({ kind: 'number', value }),
    add: binary('add', '+'),
    sub: binary('sub', '-'),
    mul: binary('mul', '*'),
    div: binary('div', '/'),
    pow: binary('pow', '**'),
    sqrt: (a) =>
      a.kind === 'scalar'
        ? scalarOperand(sqrtScalar(a.scalar))
        : tensorOperand(builder.one('sqrt', [a.value])),
    sign: ofTensors('sign'),
    max: ofTensors('maximum'),
    min: ofTensors('minimum'),
    named: (hint, value) => (value.kind === 'scalar' ? { ...value, hint } : value),
  };
}
