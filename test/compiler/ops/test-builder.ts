import type { ListValue, TensorValue, Value } from '../../../src/compiler/ir/module.ts';
import { tensorType, type Axis, type TensorType } from '../../../src/compiler/ir/tensor-type.ts';
import type { Code } from '../../../src/compiler/diagnostics/codes.ts';
import type { ArgumentSpecs, Init } from '../../../src/compiler/ops/arguments.ts';
import type { Attributes } from '../../../src/compiler/ops/attributes.ts';
import type { Op, OpRemedy } from '../../../src/compiler/ops/op.ts';
import type { Fan, OpBuilder, SurfaceOp } from '../../../src/compiler/ops/surface-op.ts';
import { compare, holds, print, varsOf, type Prop } from '../../../src/compiler/shapes/prop.ts';
import { equalSize, isConstant, sub, type Size } from '../../../src/compiler/shapes/size.ts';

let nextId = 0;

export function tensor(type: TensorType, hint = 'x'): TensorValue {
  return { kind: 'tensor', id: nextId++, hint, type };
}

export function list(element: TensorType, length: Size): ListValue {
  return { kind: 'list', id: nextId++, hint: 'xs', type: { kind: 'list', element, length } };
}

/** What one op was asked to do, and what came of it. What is asked of symbolic sizes is noted and believed. */
export class TestBuilder implements OpBuilder {
  readonly complaints: {
    readonly code: Code;
    readonly message: string;
    readonly notes: readonly string[];
    readonly help?: string;
  }[] = [];
  readonly required: string[] = [];
  readonly params: {
    readonly name: string;
    readonly axes: readonly Axis[];
    readonly init: Init;
    readonly fan?: Fan;
  }[] = [];
  readonly emitted: { readonly op: string; readonly attributes: Attributes }[] = [];

  equal(a: Size, b: Size): boolean {
    if (equalSize(a, b) || isConstant(sub(a, b)) !== undefined) return equalSize(a, b);
    this.required.push(print(compare(a, '==', b)));
    return true;
  }

  require(prop: Prop, code: Code, reason: string): boolean {
    if (varsOf(prop).length > 0) {
      this.required.push(`${code} ${print(prop)}`);
      return true;
    }
    if (holds(prop, () => NaN)) return true;
    this.fail(code, reason);
    return false;
  }

  fail(code: Code, message: string, notes: readonly string[] = [], remedy?: OpRemedy): undefined {
    this.complaints.push({ code, message, notes, ...(remedy === undefined ? {} : { help: remedy.help }) });
    return undefined;
  }

  emit<A extends Attributes>(
    op: Op<A>,
    inputs: readonly TensorValue[],
    attributes: A,
  ): readonly TensorValue[] | undefined {
    this.emitted.push({ op: op.name, attributes });
    return op.infer(inputs.map(({ type }) => type), attributes, this)?.map((type) => tensor(type, op.name)); // prettier-ignore
  }

  emitOne<A extends Attributes>(
    op: Op<A>,
    inputs: readonly TensorValue[],
    attributes: A,
  ): TensorValue | undefined {
    return this.emit(op, inputs, attributes)?.[0];
  }

  scalar(): TensorValue {
    return tensor(tensorType([]));
  }

  param(name: string, axes: readonly Axis[], init: Init, fan: Fan): TensorValue {
    this.params.push({ name, axes, init, fan });
    return tensor(tensorType(axes), name);
  }

  state(name: string, axes: readonly Axis[], init: Init): TensorValue {
    this.params.push({ name, axes, init });
    return tensor(tensorType(axes), name);
  }

  elements(): readonly TensorValue[] | undefined {
    return undefined;
  }

  list(op: Op, _input: TensorValue, attributes: Attributes, element: TensorType, length: Size): ListValue {
    this.emitted.push({ op: op.name, attributes });
    return list(element, length);
  }

  reduceList(op: Op, _list: ListValue, attributes: Attributes, output: TensorType): TensorValue {
    this.emitted.push({ op: op.name, attributes });
    return tensor(output, op.name);
  }
}

/** Builds a surface op; arguments that are left out are undefined, as the checker hands them over. */
export function build(
  op: SurfaceOp,
  args: Readonly<Record<string, unknown>>,
  ...operands: readonly Value[]
): { readonly result: Value | undefined; readonly b: TestBuilder } {
  const b = new TestBuilder();
  const known = Object.fromEntries(
    Object.keys(op.arguments satisfies ArgumentSpecs).map((name) => [name, args[name]]),
  );
  const stray = Object.keys(args).find((name) => !(name in op.arguments));
  if (stray !== undefined) throw new Error(`${op.name} has no argument ${stray}`);
  const result = op.build(b, known as Parameters<SurfaceOp['build']>[1], operands);
  return { result, b };
}
