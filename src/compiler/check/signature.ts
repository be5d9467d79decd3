import type { Requirement } from '../ir/module.ts';
import type { Axis, DType, TensorType as IrTensorType } from '../ir/tensor-type.ts';
import { variable, freshVar, type Size, type SizeVar } from '../shapes/size.ts';
import { known, type Prop } from '../shapes/prop.ts';
import type { BlockEntity } from '../resolve/program.ts';
import { didYouMean } from '../resolve/suggest.ts';
import type { AxisDecl, BlockDecl, TensorType } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { evalCondition, evalSize } from './expressions.ts';
import type { Hypers, Val } from './value.ts';

/**
 * What a caller must know of a block, for one choice of its structural hyper-parameters: sizes are variables of the
 * signature's own, which a call replaces.
 */
export interface Signature {
  readonly entity: BlockEntity;
  /** Integer hyper-parameters (a `labels` one counts as its number of labels), then the sizes of axes. */
  readonly sizes: readonly SizeVar[];
  readonly hyperSizes: ReadonlyMap<string, SizeVar>;
  readonly inputs: readonly SignatureInput[];
  readonly outputs: readonly IrTensorType[];
  readonly where: readonly Requirement[];
  /** What the sizes of the signature stand for inside the block, by name. */
  readonly names: ReadonlyMap<string, Val>;
}

export interface SignatureInput {
  readonly name: string;
  readonly type: IrTensorType;
  /** The value of every element where the input may be left out. */
  readonly default: number | undefined;
}

/** The axes that a rest variable stands for, by its name; while a block is defined, one axis named `...R`. */
export type RestAxes = ReadonlyMap<string, readonly string[]>;

export function isRest(name: string): boolean {
  return name.startsWith('...');
}

const dtypes: ReadonlySet<string> = new Set<DType>(['f32', 'int32', 'bool']);

export function dtypeOf(cx: Context, type: TensorType): DType {
  if (type.dtype === undefined) return 'f32';
  const name = type.dtype.text;
  if (dtypes.has(name)) return name as DType;
  const help = didYouMean(name, dtypes);
  cx.error('N3011', type.dtype.span, `there is no element type \`${name}\``, help === undefined ? {} : { help });
  return 'f32';
}

/**
 * Reads the header of a block. The context's scope must be empty; afterwards it holds the hyper-parameters and sizes
 * under their names. Complains about what is wrong in the header itself.
 */
export function readSignature(cx: Context, entity: BlockEntity, hypers: Hypers, rest: RestAxes): Signature {
  const { decl } = entity;
  const sizes: SizeVar[] = [];
  const hyperSizes = new Map<string, SizeVar>();
  const names = new Map<string, Val>();
  for (const hyper of decl.hypers) {
    const name = hyper.name.text;
    const given = hypers.get(name) ?? { kind: 'poison' };
    const val = symbolicHyper(name, given, (v) => {
      sizes.push(v);
      hyperSizes.set(name, v);
      cx.origins.set(v, { span: hyper.name.span, what: `the hyper-parameter of \`${decl.name.text}\` declared here` });
      if (given.kind === 'labels') cx.facts = cx.facts.withVar(v);
    });
    if (cx.scope.lookup(name) !== undefined) {
      cx.error('N2002', hyper.name.span, `the hyper-parameter \`${name}\` is declared twice`);
    }
    cx.scope.bind(name, val, hyper.name.span);
    names.set(name, val);
  }

  declareAxisSizes(cx, decl, (name, v, span) => {
    sizes.push(v);
    cx.facts = cx.facts.withVar(v);
    const val: Val = { kind: 'int', size: variable(v) };
    cx.scope.bind(name, val, span);
    names.set(name, val);
  });
  const restSizes = new Map<string, Axis>();
  const restAxis = (formal: string): Axis => {
    let axis = restSizes.get(formal);
    if (axis === undefined) {
      const v = freshVar(formal);
      sizes.push(v);
      cx.facts = cx.facts.withVar(v);
      axis = { name: formal, size: variable(v) };
      restSizes.set(formal, axis);
    }
    return axis;
  };
  const readType = (type: TensorType, declares: boolean): IrTensorType => readTensorType(cx, type, rest, restAxis, declares);

  // Requirements come first: the sizes of outputs may divide by what only they allow.
  const inputs = decl.inputs.map((input): SignatureInput => {
    const type = readType(input.type, true);
    const value = input.default === undefined ? undefined : literalNumber(cx, input.default);
    return { name: input.name.text, type, default: value };
  });
  const where = decl.where.map((expr): Requirement => {
    const prop: Prop = evalCondition(cx, expr) ?? known(true);
    cx.facts = cx.facts.assume(prop);
    return { prop, span: expr.span, text: cx.module.source.slice(expr.span) };
  });
  if (cx.facts.isContradictory) {
    cx.error('N4006', decl.where[0]?.span ?? decl.name.span, `no sizes satisfy the \`where\` of \`${decl.name.text}\``);
  }
  const outputs = decl.outputs.map((type) => readType(type, false));
  return { entity, sizes, hyperSizes, inputs, outputs, where, names };
}

/** Integers become variables of the signature; everything else is what was given. */
function symbolicHyper(name: string, given: Val, declare: (v: SizeVar) => void): Val {
  if (given.kind !== 'int' && given.kind !== 'labels') {
    return given.kind === 'axis' ? { kind: 'axis', name } : given;
  }
  const v = freshVar(name);
  declare(v);
  return given.kind === 'int'
    ? { kind: 'int', size: variable(v) }
    : { kind: 'labels', values: given.values, count: variable(v) };
}

/** Finds the axes of the inputs that introduce a size: `C`, or `C: D` where D is no hyper-parameter. */
function declareAxisSizes(
  cx: Context,
  decl: BlockDecl,
  declare: (name: string, v: SizeVar, span: BlockDecl['span']) => void,
): void {
  for (const input of decl.inputs) {
    for (const axis of input.type.axes) {
      const name = sizeNameOf(axis);
      if (name === undefined) continue;
      const known = cx.scope.lookup(name);
      if (known !== undefined && known.val.kind !== 'axis') continue;
      const v = freshVar(name);
      const axisName = axis.name.text;
      cx.origins.set(v, { span: axis.span, what: `the size of axis ${axisName} of \`${input.name.text}\`` });
      declare(name, v, axis.span);
    }
  }
}

/** The name that an axis declaration uses for its size, when it is a bare name. */
function sizeNameOf(axis: AxisDecl): string | undefined {
  if (axis.kind === 'RestAxes') return undefined;
  if (axis.size === undefined) return axis.name.text;
  return axis.size.kind === 'NameExpr' ? axis.size.name.text : undefined;
}

function literalNumber(cx: Context, expr: NonNullable<BlockDecl['inputs'][number]['default']>): number | undefined {
  if (expr.kind === 'NumberLiteral') return expr.value;
  if (expr.kind === 'UnaryExpr' && expr.operator === '-' && expr.operand.kind === 'NumberLiteral') return -expr.operand.value;
  return cx.error('N3005', expr.span, 'the default of an input is a number: the value of every element');
}

/** A declared tensor type over the sizes in scope. */
export function readTensorType(
  cx: Context,
  type: TensorType,
  rest: RestAxes,
  restAxis: (formal: string) => Axis,
  declares: boolean,
): IrTensorType {
  const axes: Axis[] = [];
  const push = (axis: Axis, span: AxisDecl['span']): void => {
    if (axes.some((a) => a.name === axis.name)) {
      cx.error('N4003', span, `axis ${axis.name} appears twice`);
    } else {
      axes.push(axis);
    }
  };
  for (const axis of type.axes) {
    if (axis.kind === 'RestAxes') {
      const formals = rest.get(axis.name.text) ?? [`...${axis.name.text}`];
      for (const formal of formals) push(restAxis(formal), axis.span);
      continue;
    }
    const name = axis.name.text;
    const size = axisSize(cx, axis, declares);
    if (size !== undefined) push({ name, size }, axis.span);
  }
  return { kind: 'tensor', dtype: dtypeOf(cx, type), axes };
}

function axisSize(cx: Context, axis: Extract<AxisDecl, { kind: 'NamedAxis' }>, declares: boolean): Size | undefined {
  if (axis.size !== undefined) {
    const size = evalSize(cx, axis.size);
    return size;
  }
  const bound = cx.scope.lookup(axis.name.text);
  if (bound?.val.kind === 'int') return bound.val.size;
  if (bound?.val.kind === 'labels') return bound.val.count;
  if (bound?.val.kind === 'poison') return undefined;
  return cx.error(
    'N4010',
    axis.span,
    `nothing says what the size of axis ${axis.name.text} is`,
    declares ? {} : { help: `write \`${axis.name.text}: <size>\`, in terms of the sizes of the inputs` },
  );
}
