import type { ParamDecl, Path, TensorValue, Value } from '../ir/module.ts';
import { findAxis, printParameter, tensorType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import type { ArgumentSpecs, ArgumentsOf, Init } from '../ops/arguments.ts';
import type { Fan, OpBuilder, SurfaceOp } from '../ops/surface-op.ts';
import { constant, isConstant } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { NamedOperands } from './calls.ts';
import { LIMITS } from './complaints.ts';
import type { Context } from './context.ts';
import { atLeast, demand, demandEqual, mayBeEqual } from './demands.ts';
import { emit, emitList, emitOne, scalar, shapeContext } from './emit.ts';
import { describe, POISON, type Instance, type Val } from './value.ts';

type OpInstance = Extract<Instance, { of: 'op' }>;

/** Calls an instance of an op: its operands are tensors (numbers are scalars), or one list of tensors. */
export function applyOp(
  cx: Context,
  instance: OpInstance,
  operands: readonly Val[],
  named: NamedOperands,
  span: Span,
): Val {
  const { op } = instance;
  const [firstNamed] = named.values();
  if (firstNamed !== undefined) {
    cx.error('N3001', firstNamed.span, `an instance of \`${op.name}\` takes tensors only`, {
      help: `arguments belong where it is made: \`${op.example}\``,
    });
    return POISON;
  }
  const values =
    op.takesList === true
      ? listOperand(cx, op, operands, span)
      : tensorOperands(cx, instance, operands, span);
  if (values === undefined) return POISON;
  // `bindOpArguments` has checked them against this op's own table.
  const args = instance.args as ArgumentsOf<ArgumentSpecs>;
  const result = op.build(builder(cx, instance, values, span), args, values);
  if (result === undefined) return POISON;
  return result.kind === 'list' ? { kind: 'list', list: result } : { kind: 'tensor', tensor: result };
}

function tensorOperands(
  cx: Context,
  { op }: OpInstance,
  operands: readonly Val[],
  span: Span,
): readonly Value[] | undefined {
  if (operands.length !== op.operands.length) {
    const wanted = op.operands.length === 1 ? 'one tensor' : `${op.operands.length} tensors`;
    return cx.error('N3008', span, `\`${op.name}\` takes ${wanted}, not ${operands.length}`, {
      help: `for example \`${op.example}\``,
    });
  }
  const values: TensorValue[] = [];
  for (const operand of operands) {
    if (operand.kind === 'poison') return undefined;
    if (operand.kind === 'tensor') values.push(operand.tensor);
    else if (operand.kind === 'int') values.push(scalar(cx, isConstant(operand.size) ?? operand.size, span));
    else if (operand.kind === 'float') values.push(scalar(cx, operand.value ?? NaN, span));
    else {
      const help = operand.kind === 'instance' ? { help: 'call it: `f(...)(x)`' } : {};
      return cx.error('N3006', span, `\`${op.name}\` works on tensors, not on ${describe(operand)}`, help);
    }
  }
  return values;
}

function listOperand(
  cx: Context,
  op: SurfaceOp,
  operands: readonly Val[],
  span: Span,
): readonly Value[] | undefined {
  const [operand, more] = operands;
  if (more !== undefined || operand === undefined) {
    // `(a, b) |> concat(along: C)` gives its operands one by one.
    return listOperand(cx, op, [{ kind: 'items', items: operands }], span);
  }
  if (operand.kind === 'poison') return undefined;
  if (operand.kind === 'list') return [operand.list];
  if (operand.kind !== 'items' && operand.kind !== 'tuple') {
    return cx.error('N3006', span, `\`${op.name}\` works on a list of tensors, not on ${describe(operand)}`, {
      help: `for example \`${op.example}\``,
    });
  }
  if (operand.items.length === 0) return cx.error('N3006', span, `\`${op.name}\` needs at least one tensor`);
  const values: TensorValue[] = [];
  for (const item of operand.items) {
    if (item.kind !== 'tensor')
      return cx.error('N3006', span, `\`${op.name}\` works on tensors, not on ${describe(item)}`);
    values.push(item.tensor);
  }
  return values;
}

/** What an op's `build` may do, for one call of one instance. */
function builder(cx: Context, instance: OpInstance, operands: readonly Value[], span: Span): OpBuilder {
  const options = { hint: instance.op.name, path: instance.path };
  const one: OpBuilder['emitOne'] = (op, inputs, attributes) =>
    emitOne(cx, op, inputs, attributes, span, options);
  return {
    ...shapeContext(cx, span, operands),
    // The rule of a primitive is asked again of the flat graph; what is built here is not.
    equal: (a, b) =>
      demandEqual(cx, a, b, 'N4001', span, `\`${instance.op.name}\` is given sizes that agree`),
    emit: (op, inputs, attributes) => emit(cx, op, inputs, attributes, span, options),
    emitOne: one,
    scalar: (value) => scalar(cx, value, span),
    param: (name, axes, init, fan) => declareParam(cx, instance, 'weight', name, axes, init, fan, span),
    state: (name, axes, init) => declareParam(cx, instance, 'state', name, axes, init, undefined, span),
    elements(list) {
      const length = isConstant(list.type.length);
      if (length === undefined || length > LIMITS.elements) return undefined;
      return Array.from({ length }, (_, i) => {
        const output = cx.tensor(list.hint, list.type.element, span);
        cx.region.statements.push({ kind: 'get', list, index: constant(i), output, span });
        return output;
      });
    },
    list(op, input, attributes, element, length) {
      const output = cx.list(instance.op.name, { kind: 'list', element, length }, span);
      emitList(cx, op.name, [input], attributes, output, span, options);
      return output;
    },
    reduceList(op, list, attributes, type) {
      const output = cx.tensor(instance.op.name, type, span);
      emitList(cx, op.name, [list], attributes, output, span, options);
      return output;
    },
  };
}

/**
 * The parameter of an instance: declared by its first call where the instance was made, found again by later ones. After
 * a complaint it is a tensor of the wanted shape, so that the call itself says nothing more.
 */
export function declareParam(
  cx: Context,
  instance: Pick<Instance, 'params' | 'path' | 'region' | 'span'>,
  role: 'weight' | 'state',
  name: string,
  axes: readonly Axis[],
  init: Init,
  fan: Fan | undefined,
  span: Span,
  path: Path = [...instance.path, name],
): TensorValue {
  const type = tensorType(axes);
  const known = instance.params.get(name);
  if (known !== undefined) {
    if (sameShape(cx, known.type, type, span)) return known;
    cx.error('N5002', span, 'the instance is called with different shapes, but its parameters have one', {
      related: [{ span: instance.span, message: 'the instance is made here' }],
      notes: [
        `by its first call \`${name}\` is ${printParameter(known.type)}`,
        `by this call it would be ${printParameter(type)}`,
      ],
      help: 'make two instances where the weights are not meant to be shared',
    });
    return cx.tensor(name, type, span);
  }
  const value = cx.tensor(name, type, instance.span);
  if (!axes.every((axis) => cx.isKnownIn(axis.size, instance.region))) {
    cx.error(
      'N5002',
      span,
      'the instance is made outside of the loop, and in each turn its parameters would have other shapes',
      {
        related: [{ span: instance.span, message: 'the instance is made here' }],
        notes: [`in a turn \`${name}\` would be ${printParameter(type)}`],
        help: 'make the instance inside of the loop, so that each turn has its own',
      },
    );
    return value;
  }
  for (const axis of axes) {
    demand(cx, atLeast(axis.size, 1), 'N4009', instance.span, 'it is the size of a parameter', () => ({
      help: 'a parameter has at least 1 element along each axis: choose sizes that leave some',
    }));
    cx.noteParamSize(axis.size);
  }
  instance.params.set(name, value);
  const { params } = instance.region;
  const param: ParamDecl = { role, path, value, init, fan, span: instance.span };
  params.push(param);
  cx.onUndo(() => {
    instance.params.delete(name);
    params.splice(params.lastIndexOf(param), 1);
  });
  return value;
}

function sameShape(cx: Context, before: TensorType, now: TensorType, span: Span): boolean {
  if (before.axes.length !== now.axes.length) return false;
  return now.axes.every((axis) => {
    const same = findAxis(before, axis.name);
    return same !== undefined && mayBeEqual(cx, same.size, axis.size, span);
  });
}
