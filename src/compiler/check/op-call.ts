import type { Path, TensorValue, Value } from '../ir/module.ts';
import { axisNames, findAxis, printType, tensorType, type Axis } from '../ir/tensor-type.ts';
import type { ArgumentSpecs, ArgumentsOf, Init } from '../ops/arguments.ts';
import type { Fan, OpBuilder, SurfaceOp } from '../ops/surface-op.ts';
import { constant, isConstant } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { NamedOperands } from './calls.ts';
import { atLeast, type Context } from './context.ts';
import { emit, emitList, emitOne, scalar, shapeContext } from './emit.ts';
import { describe, POISON, type Instance, type Val } from './value.ts';

type OpInstance = Extract<Instance, { of: 'op' }>;

/** Calls an instance of an op: its operands are tensors (numbers are scalars), or one list of tensors. */
export function applyOp(
  cx: Context,
  instance: OpInstance,
  operands: readonly (Val | undefined)[],
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
  const values = op.takesList === true ? listOperand(cx, op, operands, span) : tensorOperands(cx, instance, operands, span);
  if (values === undefined) return POISON;
  // `bindOpArguments` has checked them against this op's own table.
  const args = instance.args as ArgumentsOf<ArgumentSpecs>;
  const result = op.build(builder(cx, instance, span), args, values);
  if (result === undefined) return POISON;
  return result.kind === 'list' ? { kind: 'list', list: result } : { kind: 'tensor', tensor: result };
}

function tensorOperands(
  cx: Context,
  { op }: OpInstance,
  operands: readonly (Val | undefined)[],
  span: Span,
): readonly Value[] | undefined {
  if (operands.length !== op.operands.length) {
    const wanted = op.operands.length === 1 ? 'one tensor' : `${op.operands.length} tensors`;
    return cx.error('N3008', span, `\`${op.name}\` takes ${wanted}, not ${operands.length}`, { help: `for example \`${op.example}\`` });
  }
  const values: TensorValue[] = [];
  for (const operand of operands) {
    if (operand === undefined || operand.kind === 'poison') return undefined;
    if (operand.kind === 'tensor') values.push(operand.tensor);
    else if (operand.kind === 'int') values.push(scalar(cx, isConstant(operand.size) ?? operand.size));
    else if (operand.kind === 'float') values.push(scalar(cx, operand.value ?? NaN));
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
  operands: readonly (Val | undefined)[],
  span: Span,
): readonly Value[] | undefined {
  const [operand, more] = operands;
  if (more !== undefined || operand === undefined) {
    // `(a, b) |> concat(along: C)` gives its operands one by one.
    const items = operands.filter((val): val is Val => val !== undefined);
    return listOperand(cx, op, [{ kind: 'items', items }], span);
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
    if (item.kind !== 'tensor') return cx.error('N3006', span, `\`${op.name}\` works on tensors, not on ${describe(item)}`);
    values.push(item.tensor);
  }
  return values;
}

/** What an op's `build` may do, for one call of one instance. */
function builder(cx: Context, instance: OpInstance, span: Span): OpBuilder {
  const options = { hint: instance.op.name, path: instance.path };
  const one: OpBuilder['emitOne'] = (op, inputs, attributes) => emitOne(cx, op, inputs, attributes, span, options);
  return {
    ...shapeContext(cx, span),
    emit: (op, inputs, attributes) => emit(cx, op, inputs, attributes, span, options),
    emitOne: one,
    scalar: (value) => scalar(cx, value),
    param: (name, axes, init, fan) => declareParam(cx, instance, 'weight', name, axes, init, fan),
    state: (name, axes, init) => declareParam(cx, instance, 'state', name, axes, init, undefined),
    elements(list) {
      const length = isConstant(list.type.length);
      if (length === undefined) return undefined;
      return Array.from({ length }, (_, i) => {
        const output = cx.tensor(list.hint, list.type.element);
        cx.region.statements.push({ kind: 'get', list, index: constant(i), output });
        return output;
      });
    },
    list(op, input, attributes, element, length) {
      const output = cx.list(instance.op.name, { kind: 'list', element, length });
      emitList(cx, op.name, [input], attributes, output, span, options);
      return output;
    },
    reduceList(op, list, attributes, type) {
      const output = cx.tensor(instance.op.name, type);
      emitList(cx, op.name, [list], attributes, output, span, options);
      return output;
    },
  };
}

/** The parameter of an instance: declared by its first call where the instance was made, found again by later ones. */
export function declareParam(
  cx: Context,
  instance: Pick<Instance, 'params' | 'path' | 'region' | 'span'>,
  role: 'weight' | 'state',
  name: string,
  axes: readonly Axis[],
  init: Init,
  fan: Fan | undefined,
  path: Path = [...instance.path, name],
): TensorValue {
  const type = tensorType(axes);
  const known = instance.params.get(name);
  if (known !== undefined) {
    const same =
      axisNames(known.type).length === axes.length &&
      axes.every((axis) => {
        const before = findAxis(known.type, axis.name);
        return before !== undefined && cx.equal(before.size, axis.size);
      });
    if (!same) {
      cx.error('N5002', instance.span, 'the instance is called with different shapes, but its parameters have one', {
        notes: [`by its first call \`${name}\` is ${printType(known.type)}`, `by this call it would be ${printType(type)}`],
        help: 'make two instances where the weights are not meant to be shared',
      });
    }
    return known;
  }
  for (const axis of axes) {
    cx.require(atLeast(axis.size, 1), 'N4009', instance.span, `it is the size of a parameter`);
  }
  const value = cx.tensor(name, type);
  instance.params.set(name, value);
  const { params } = instance.region;
  params.push({ role, path, value, init, fan, span: instance.span });
  cx.onUndo(() => {
    instance.params.delete(name);
    const index = params.findIndex((param) => param.value === value);
    if (index >= 0) params.splice(index, 1);
  });
  return value;
}
