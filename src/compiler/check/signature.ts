import type { Requirement } from '../ir/module.ts';
import type { Axis, DType, TensorType as IrTensorType } from '../ir/tensor-type.ts';
import { freshVar, soleVariable, variable, type Size, type SizeVar } from '../shapes/size.ts';
import { known, type Prop } from '../shapes/prop.ts';
import type { BlockEntity } from '../resolve/program.ts';
import { replacement, suggest } from '../diagnostics/did-you-mean.ts';
import type { Span } from '../source/span.ts';
import type { AxisDecl, BlockDecl, Expr, TensorType } from '../syntax/ast.ts';
import { LIMITS } from './complaints.ts';
import type { Context } from './context.ts';
import { evalCondition, evalSize } from './evaluate-as.ts';
import { isGlobalName } from './global-names.ts';
import { mapHyperSizes } from './hyper-sizes.ts';
import { freeNamesOf } from './expression-parts.ts';
import { POISON, type Hypers, type Val } from './value.ts';

/**
 * What a caller must know of a block, for one choice of its structural hyper-parameters: sizes are variables of the
 * signature's own, which a call replaces.
 */
export interface Signature {
  readonly entity: BlockEntity;
  /** The sizes among the hyper-parameters (see `sizesOfHypers`), then those of axes. Their names are unique. */
  readonly sizes: readonly SizeVar[];
  /** How many of `sizes` are hyper-parameters. */
  readonly hyperCount: number;
  /** Sizes in it that not even the caller knows, such as elements of a list that is a hyper-parameter of its own. */
  readonly unknowns: readonly { readonly variable: SizeVar; readonly min: number | undefined }[];
  readonly inputs: readonly SignatureInput[];
  readonly outputs: readonly IrTensorType[];
  readonly where: readonly Requirement[];
  /** The sizes of the parameters of an instance. */
  readonly paramSizes: readonly Size[];
  /** See `Definition`; false until it is defined. */
  readonly hasWeights: boolean;
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

export const dtypes: ReadonlySet<string> = new Set<DType>(['f32', 'int32', 'bool']);

/** What the element types are called elsewhere, in small letters. */
const foreignDtypes: ReadonlyMap<string, DType> = new Map([
  ['float', 'f32'],
  ['float32', 'f32'],
  ['int', 'int32'],
  ['i32', 'int32'],
  ['int64', 'int32'],
  ['long', 'int32'],
  ['boolean', 'bool'],
]);

export function dtypeOf(cx: Context, type: TensorType): DType {
  if (type.dtype === undefined) return 'f32';
  const name = type.dtype.text;
  if (dtypes.has(name)) return name as DType;
  const { span } = type.dtype;
  const meant = foreignDtypes.get(name.toLowerCase());
  const details =
    meant === undefined
      ? suggest(name, span, dtypes)
      : { help: `it is called \`${meant}\` here`, fix: replacement(name, span, meant) };
  cx.error('N3011', span, `there is no element type \`${name}\``, details);
  return meant ?? 'f32';
}

/**
 * Reads the header of a block. The context's scope must be empty; afterwards it holds the hyper-parameters and sizes
 * under their names. Complains about what is wrong in the header itself.
 */
export function readSignature(cx: Context, entity: BlockEntity, hypers: Hypers, rest: RestAxes): Signature {
  const { decl } = entity;
  const sizes: SizeVar[] = [];
  declareHypers(cx, decl, hypers, sizes);
  const hyperCount = sizes.length;
  declareAxisSizes(cx, decl, sizes);
  // From here on `size >= k` may be inferred: a divisor in the type of an output must be at least 1.
  cx.signatureSizes = new Set(sizes);
  const restAxis = restAxesOf(cx, sizes);

  // Requirements come before the types, whose sizes may divide by what only they allow.
  const excess = decl.where[LIMITS.conditions];
  if (excess !== undefined) {
    cx.error('N6001', excess.span, `a \`where\` has at most ${LIMITS.conditions} conditions`);
  }
  const conditions = decl.where.slice(0, LIMITS.conditions);
  const read = conditions.map((expr): Prop | undefined => {
    const prop = evalCondition(cx, expr);
    if (prop !== undefined) cx.facts = cx.facts.assume(prop);
    return prop;
  });
  // What a condition that could not be read would have allowed is not complained of besides.
  if (read.includes(undefined)) cx.isProven = true;
  const where = conditions.map(({ span }, i): Requirement => {
    return { prop: read[i] ?? known(true), span, text: cx.module.source.slice(span) };
  });
  const inputs = decl.inputs.map((input): SignatureInput => {
    const type = readTensorType(cx, input.type, rest, restAxis, 'input');
    const value = input.default === undefined ? undefined : literalNumber(cx, input.default);
    return { name: input.name.text, type, default: value };
  });
  const determined = new Set(sizes);
  const outputs = decl.outputs.map((type) => readTensorType(cx, type, rest, restAxis, 'output'));
  const stray = sizes.find((v) => !determined.has(v));
  if (stray !== undefined) {
    cx.error(
      'N4010',
      decl.outputs[0]?.span ?? decl.span,
      `no input of \`${decl.name.text}\` says what \`${stray.name}\` stands for`,
    );
  }
  const unknowns = [...cx.opaque].map((v) => ({ variable: v, min: cx.facts.bounds.get(v)?.min }));
  return { entity, sizes, hyperCount, unknowns, inputs, outputs, where, paramSizes: [], hasWeights: false };
}

/** Binds the hyper-parameters; sizes among them become variables of the signature. */
function declareHypers(cx: Context, decl: BlockDecl, hypers: Hypers, sizes: SizeVar[]): void {
  const spans = new Map<string, Span>();
  for (const { name } of decl.hypers) {
    if (spans.has(name.text))
      cx.error('N2002', name.span, `the hyper-parameter \`${name.text}\` is declared twice`);
    spans.set(name.text, name.span);
  }
  const symbolic = mapHyperSizes(hypers, (_size, name) => {
    const v = freshVar(name);
    sizes.push(v);
    return variable(v);
  });
  for (const { name } of decl.hypers) {
    const val = symbolic.get(name.text) ?? POISON;
    // An axis is called by the hyper-parameter's name inside; calls rename.
    cx.hyperScope.bind(name.text, val.kind === 'axis' ? { kind: 'axis', name: name.text } : val, name.span);
    const size = val.kind === 'int' ? val.size : val.kind === 'labels' ? val.count : undefined;
    const v = size === undefined ? undefined : soleVariable(size);
    if (v !== undefined) {
      cx.origins.set(v, {
        span: name.span,
        what: `the hyper-parameter of \`${decl.name.text}\` declared here`,
      });
      if (val.kind === 'labels') cx.facts = cx.facts.withVar(v);
    }
    if (val.kind === 'unknownList') declareUnknown(cx, val.length, 0);
  }
}

/** A size of a hyper-parameter of which the caller knows no more. */
function declareUnknown(cx: Context, size: Size, min: number): void {
  const v = soleVariable(size);
  if (v === undefined) return;
  cx.opaque.add(v);
  cx.facts = cx.facts.withVar(v, { min });
}

/** Finds the axes of the inputs that introduce a size: `C`, or `C: D` where D is no hyper-parameter. */
function declareAxisSizes(cx: Context, decl: BlockDecl, sizes: SizeVar[]): void {
  const formulas: { readonly expr: Expr; readonly axis: string }[] = [];
  for (const input of decl.inputs) {
    for (const axis of input.type.axes) {
      if (axis.kind === 'RestAxes') continue;
      const name = sizeNameOf(axis);
      if (name === undefined) {
        if (axis.size !== undefined) formulas.push({ expr: axis.size, axis: axis.name.text });
        continue;
      }
      const bound = cx.scope.lookup(name);
      if (bound !== undefined && bound.val.kind !== 'axis') continue;
      const v = freshVar(name);
      sizes.push(v);
      cx.facts = cx.facts.withVar(v);
      cx.origins.set(v, {
        span: axis.span,
        what: `the size of axis ${axis.name.text} of \`${input.name.text}\``,
      });
      cx.scope.bind(name, { kind: 'int', size: variable(v) }, axis.span);
    }
  }
  for (const { expr, axis } of formulas) refuseOpenNames(cx, expr, axis);
}

/** Complains of names in the size of an input's axis that no other axis and no hyper-parameter gives. */
export function refuseOpenNames(cx: Context, expr: Expr, axis: string): void {
  for (const name of freeNamesOf(expr)) {
    if (cx.scope.lookup(name.text) !== undefined || isGlobalName(cx, name.text)) continue;
    cx.error('N4010', name.span, `the inputs do not determine the size \`${name.text}\``, {
      help: `let an axis have it alone, as in \`[${axis}: ${name.text}]\`, or make it a hyper-parameter`,
    });
    cx.scope.bind(name.text, POISON, name.span);
  }
}

/** The axes of rest variables by their names inside; each has one size wherever it stands. */
function restAxesOf(cx: Context, sizes: SizeVar[]): (formal: string) => Axis {
  const axes = new Map<string, Axis>();
  return (formal) => {
    let axis = axes.get(formal);
    if (axis === undefined) {
      const v = freshVar(formal);
      sizes.push(v);
      cx.facts = cx.facts.withVar(v);
      axis = { name: formal, size: variable(v) };
      axes.set(formal, axis);
    }
    return axis;
  };
}

/** The name that an axis declaration uses for its size, when it is a bare name. */
export function sizeNameOf(axis: Extract<AxisDecl, { kind: 'NamedAxis' }>): string | undefined {
  if (axis.size === undefined) return axis.name.text;
  return axis.size.kind === 'NameExpr' ? axis.size.name.text : undefined;
}

function literalNumber(cx: Context, expr: Expr): number | undefined {
  if (expr.kind === 'NumberLiteral') return expr.value;
  if (expr.kind === 'UnaryExpr' && expr.operator === '-' && expr.operand.kind === 'NumberLiteral')
    return -expr.operand.value;
  return cx.error('N3005', expr.span, 'the default of an input is a number: the value of every element');
}

/** A declared tensor type over the sizes in scope. Axes that it complains of are left out. */
export function readTensorType(
  cx: Context,
  type: TensorType,
  rest: RestAxes,
  restAxis: (formal: string) => Axis,
  role: 'input' | 'output',
): IrTensorType {
  const axes: Axis[] = [];
  const names = new Set<string>();
  const push = (axis: Axis, span: Span): void => {
    if (names.has(axis.name)) cx.error('N4003', span, `axis ${axis.name} appears twice`);
    else axes.push(axis);
    names.add(axis.name);
  };
  for (const axis of type.axes) {
    if (axis.kind === 'RestAxes') {
      const formals = rest.get(axis.name.text) ?? [`...${axis.name.text}`];
      for (const formal of formals) push(restAxis(formal), axis.span);
      continue;
    }
    // An axis whose size failed is there all the same: a size that could be any says no more about it.
    const { text } = axis.name;
    push({ name: text, size: axisSize(cx, axis, role) ?? variable(cx.freshOpaque(text, 1)) }, axis.span);
  }
  return { kind: 'tensor', dtype: dtypeOf(cx, type), axes };
}

function axisSize(
  cx: Context,
  axis: Extract<AxisDecl, { kind: 'NamedAxis' }>,
  role: 'input' | 'output',
): Size | undefined {
  if (axis.size !== undefined) return evalSize(cx, axis.size);
  const name = axis.name.text;
  const val: Val | undefined = cx.scope.lookup(name)?.val;
  if (val?.kind === 'int') return val.size;
  if (val?.kind === 'labels') return val.count;
  if (val?.kind === 'poison') return undefined;
  const help =
    role === 'input' ? {} : { help: `write \`${name}: <size>\`, in terms of the sizes of the inputs` };
  return cx.error('N4010', axis.span, `nothing says what the size of axis ${name} is`, help);
}
