import type { Span } from '../source/span.ts';
import { findAxis, printType, type Axis } from '../ir/tensor-type.ts';
import { freshVar, variable, type Size } from '../shapes/size.ts';
import type { TensorType } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { readTensorType } from './signature.ts';
import { Scope } from './scope.ts';
import { describe, POISON, tensorVal, type Instance, type Val } from './value.ts';

/**
 * Calls a block of which only the signature is known: the definition of a block with a `block(...)` hyper-parameter.
 * Bare sizes of the signature's inputs are bound by the tensors given; its outputs follow.
 */
export function callAbstract(
  cx: Context,
  instance: Extract<Instance, { of: 'abstract' }>,
  operands: readonly (Val | undefined)[],
  span: Span,
): Val {
  const { type, name } = instance;
  if (operands.length !== type.inputs.length) {
    cx.error('N3008', span, `\`${name}\` takes ${type.inputs.length} tensors, not ${operands.length}`);
    return POISON;
  }
  const outer = cx.scope;
  const scope = new Scope(outer);
  const rest = new Map<string, readonly Axis[]>();
  try {
    cx.scope = scope;
    for (const [i, declared] of type.inputs.entries()) {
      const operand = operands[i];
      if (operand?.kind !== 'tensor') {
        if (operand !== undefined) cx.error('N3006', span, `\`${name}\` works on tensors, not on ${describe(operand)}`);
        return POISON;
      }
      if (!bindInput(cx, scope, declared, operand.tensor.type, rest, name, span)) return POISON;
    }
    const outputs = type.outputs.map((declared) => {
      const read = readTensorType(cx, declared, new Map(), (formal) => ({ name: formal, size: variable(freshVar(formal)) }), false);
      const axes = read.axes.flatMap((axis) => rest.get(axis.name) ?? [axis]);
      return tensorVal(cx.tensor(name, { ...read, axes }));
    });
    const [only, more] = outputs;
    return only !== undefined && more === undefined ? only : { kind: 'tuple', items: outputs };
  } finally {
    cx.scope = outer;
  }
}

function bindInput(
  cx: Context,
  scope: Scope,
  declared: TensorType,
  given: { readonly kind: 'tensor'; readonly dtype: 'f32' | 'int32' | 'bool'; readonly axes: readonly Axis[] },
  rest: Map<string, readonly Axis[]>,
  name: string,
  span: Span,
): boolean {
  const taken = new Set<string>();
  let restName: string | undefined;
  for (const axis of declared.axes) {
    if (axis.kind === 'RestAxes') {
      restName = `...${axis.name.text}`;
      continue;
    }
    const actual = findAxis(given, axis.name.text);
    if (actual === undefined) {
      cx.error('N4002', span, `\`${name}\` needs an axis ${axis.name.text}, and the tensor given is ${printType(given)}`);
      return false;
    }
    taken.add(actual.name);
    const variableName = axis.size === undefined ? axis.name.text : axis.size.kind === 'NameExpr' ? axis.size.name.text : undefined;
  
    const bound = [...scope.own()].find(([own]) => own === variableName)?.[1];
    let wanted: Size | undefined = bound?.val.kind === 'int' ? bound.val.size : undefined;
    if (variableName !== undefined && wanted === undefined) {
      scope.bind(variableName, { kind: 'int', size: actual.size }, axis.span);
      wanted = actual.size;
    }
    if (wanted !== undefined && !cx.equal(wanted, actual.size)) {
      cx.error('N4001', span, `axis ${actual.name} of the tensor given has another size than \`${name}\` declares`, {
        notes: [`the tensor given is ${printType(given)}`],
      });
      return false;
    }
  }
  const others = given.axes.filter((axis) => !taken.has(axis.name));
  if (restName !== undefined) rest.set(restName, others);
  else if (others.length > 0) {
    cx.error('N4001', span, `\`${name}\` has no axis ${others.map((axis) => axis.name).join(', ')}`);
    return false;
  }
  return true;
}
