import type { TensorValue } from '../ir/module.ts';
import { findAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { constant } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { TensorType as DeclaredType } from '../syntax/ast.ts';
import type { NamedOperands } from './calls.ts';
import type { Context } from './context.ts';
import { demandEqual, mayBeEqual } from './demands.ts';
import { evalSize } from './evaluate-as.ts';
import { Scope } from './scope.ts';
import { dtypeOf, readTensorType, sizeNameOf } from './signature.ts';
import { describe, POISON, tensorVal, type BlockHyperType, type Instance, type Val } from './value.ts';

/** Calls a block of which only the signature is known: a hyper-parameter, while its block is defined. */
export function callAbstract(
  cx: Context,
  instance: Extract<Instance, { of: 'abstract' }>,
  operands: readonly Val[],
  named: NamedOperands,
  span: Span,
): Val {
  const { type, name } = instance;
  cx.isPartial = true;
  const [stray] = named.values();
  if (stray !== undefined) {
    cx.error('N3001', stray.span, `the inputs of \`${name}\` have no names; they are given in order`);
    return POISON;
  }
  const types = abstractOutputs(cx, type, name, operands, span);
  if (types === undefined) return POISON;
  const outputs = types.map((output) => tensorVal(cx.tensor(name, output, span)));
  const [only, more] = outputs;
  return only !== undefined && more === undefined ? only : { kind: 'tuple', items: outputs };
}

/**
 * What a `block(...)` type says of a call: the sizes of its inputs are bound by the tensors given, and give those of
 * its outputs. Names that are hyper-parameters of the block around mean these.
 */
export function abstractOutputs(
  cx: Context,
  type: BlockHyperType,
  name: string,
  operands: readonly Val[],
  span: Span,
): readonly TensorType[] | undefined {
  const tensors = tensorsIn(cx, type, name, operands, span);
  if (tensors === undefined) return undefined;
  const outer = cx.scope;
  const bound = new Scope(cx.hyperScope);
  cx.scope = bound;
  try {
    const rest = new Map<string, readonly Axis[]>();
    const fits = type.inputs.every((declared, i) => {
      const tensor = tensors[i];
      return tensor !== undefined && bindInput(cx, bound, declared, tensor.type, rest, name, span);
    });
    if (!fits) return undefined;
    const restAxis = (formal: string): Axis => axisOfRest(cx, rest, formal, type.span);
    return type.outputs.map((declared) => readTensorType(cx, declared, restNames(rest), restAxis, 'output'));
  } finally {
    cx.scope = outer;
  }
}

function tensorsIn(
  cx: Context,
  type: BlockHyperType,
  name: string,
  operands: readonly Val[],
  span: Span,
): readonly TensorValue[] | undefined {
  const count = type.inputs.length;
  if (operands.length !== count) {
    return cx.error(
      'N3008',
      span,
      `\`${name}\` takes ${count === 1 ? '1 tensor' : `${count} tensors`}, not ${operands.length}`,
      {
        related: [{ span: type.span, message: 'declared here' }],
      },
    );
  }
  const tensors: TensorValue[] = [];
  for (const operand of operands) {
    if (operand.kind === 'poison') return undefined;
    if (operand.kind !== 'tensor')
      return cx.error('N3006', span, `\`${name}\` works on tensors, not on ${describe(operand)}`);
    tensors.push(operand.tensor);
  }
  return tensors;
}

function bindInput(
  cx: Context,
  scope: Scope,
  declared: DeclaredType,
  given: TensorType,
  rest: Map<string, readonly Axis[]>,
  name: string,
  span: Span,
): boolean {
  const related = [{ span: declared.span, message: 'declared here' }];
  const notes = [`the tensor given is ${printType(given)}`];
  const dtype = dtypeOf(cx, declared);
  if (dtype !== given.dtype) {
    cx.error('N3011', span, `\`${name}\` takes ${dtype}, and the tensor given holds ${given.dtype}`, {
      related,
      notes,
    });
    return false;
  }
  const taken = new Set<string>();
  let restName: string | undefined;
  for (const axis of declared.axes) {
    if (axis.kind === 'RestAxes') {
      restName = axis.name.text;
      continue;
    }
    const actual = findAxis(given, axis.name.text);
    if (actual === undefined) {
      cx.error(
        'N4002',
        span,
        `\`${name}\` needs an axis ${axis.name.text}, which the tensor given does not have`,
        { related, notes },
      );
      return false;
    }
    taken.add(actual.name);
    const sizeName = sizeNameOf(axis);
    if (sizeName !== undefined && scope.lookup(sizeName) === undefined) {
      scope.bind(sizeName, { kind: 'int', size: actual.size }, axis.span);
      continue;
    }
    const wanted = axis.size === undefined ? sizeBoundTo(scope, axis.name.text) : evalSize(cx, axis.size);
    if (wanted === undefined) return false;
    const reason = `\`${name}\` is declared to take ${axis.name.text} of that size`;
    if (!demandEqual(cx, actual.size, wanted, 'N4001', span, reason)) {
      cx.error(
        'N4001',
        span,
        `axis ${actual.name} of the tensor given has another size than \`${name}\` declares`,
        { related, notes },
      );
      return false;
    }
  }
  const others = given.axes.filter((axis) => !taken.has(axis.name));
  if (restName === undefined && others.length > 0) {
    const list = others.map((axis) => axis.name).join(', ');
    cx.error('N4001', span, `the tensor given has the axis ${list}, which \`${name}\` does not declare`, {
      related,
      notes,
    });
    return false;
  }
  if (restName === undefined) return true;
  const before = rest.get(restName);
  if (before === undefined) rest.set(restName, others);
  else if (!sameAxes(cx, before, others, span)) {
    cx.error('N4001', span, `\`...${restName}\` stands for other axes than in the inputs before it`, {
      related,
      notes,
    });
    return false;
  }
  return true;
}

function sizeBoundTo(scope: Scope, name: string) {
  const val = scope.lookup(name)?.val;
  return val?.kind === 'int' ? val.size : undefined;
}

function sameAxes(cx: Context, a: readonly Axis[], b: readonly Axis[], span: Span): boolean {
  const sizes = new Map(b.map(({ name, size }) => [name, size]));
  return a.length === b.length && a.every(({ name, size }) => {
    const other = sizes.get(name);
    return other !== undefined && mayBeEqual(cx, size, other, span);
  }); // prettier-ignore
}

function restNames(rest: ReadonlyMap<string, readonly Axis[]>): ReadonlyMap<string, readonly string[]> {
  return new Map([...rest].map(([name, axes]) => [name, axes.map((axis) => axis.name)]));
}

function axisOfRest(cx: Context, rest: ReadonlyMap<string, readonly Axis[]>, name: string, span: Span): Axis {
  const axis = [...rest.values()].flat().find((a) => a.name === name);
  if (axis === undefined) cx.error('N4010', span, `no input of the block says what \`${name}\` stands for`);
  return axis ?? { name, size: constant(1) };
}
