import type {
  ArgumentKind,
  ArgumentSpec,
  ArgumentTypes,
  AxisMapping,
  AxisSize,
  PaddingArgument,
  PerAxis,
} from '../ops/arguments.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import { replacement, suggest } from '../diagnostics/did-you-mean.ts';
import { fixAt } from '../diagnostics/diagnostic.ts';
import type { Argument, Expr, ListItem, Name } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import { isWordForAxes } from './axis-words.ts';
import type { Context } from './context.ts';
import { evalSize } from './evaluate-as.ts';
import { readInitializer } from './initializer-argument.ts';
import { readBool, readChoice, readNumber, readWord } from './plain-arguments.ts';
import type { OpArguments } from './value.ts';

/** Checks the arguments of an op against its table; undefined after a complaint. */
export function bindOpArguments(
  cx: Context,
  op: SurfaceOp,
  args: readonly Argument[],
  span: Span,
): OpArguments | undefined {
  const specs = op.arguments;
  const positional = Object.entries(specs).filter(([, spec]) => spec.positional === true).map(([name]) => name); // prettier-ignore
  const bound: Record<string, ArgumentTypes[ArgumentKind] | undefined> = {};
  const given = new Set<string>();
  let next = 0;
  let failed = false;
  /** What the op needs and has not been given so far, nor is further on by name. */
  const open = (): readonly string[] =>
    Object.keys(specs).filter(
      (name) =>
        specs[name]?.optional !== true &&
        !positional.slice(0, next).includes(name) &&
        !args.some((arg) => arg.name?.text === name),
    );
  let stray: Argument | undefined;
  let isUnknown = false;
  for (const arg of args) {
    const name = arg.name?.text ?? positional[next++];
    if (name === undefined) {
      // The first stands for all: `linear(64, 10)` is one mistake.
      if (stray === undefined && !failed) complainStray(cx, op, arg, positional.length, open());
      stray ??= arg;
      continue;
    }
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) {
      failed = isUnknown = true;
      const others = Object.keys(specs).filter((other) => !args.some((one) => one.name?.text === other));
      complainUnknown(cx, op, name, arg, others, open());
      continue;
    }
    if (given.has(name)) {
      failed = true;
      cx.error('N3002', arg.span, `\`${name}\` is given twice`);
      continue;
    }
    given.add(name);
    const value = readArgument(cx, `\`${name}\` of \`${op.name}\``, spec, arg);
    if (value === undefined) failed = true;
    else bound[name] = value;
  }
  // What is missing has been given under a name that the op does not know.
  if (stray !== undefined || isUnknown) return undefined;
  for (const [name, spec] of Object.entries(specs)) {
    if (given.has(name) || spec.optional === true) continue;
    failed = true;
    cx.error('N3003', span, `\`${op.name}\` needs \`${name}\`: ${spec.doc}`, exampleOf(op));
  }
  return failed ? undefined : bound;
}

/** Kinds of arguments that no number can be. */
const ofAxes: ReadonlySet<ArgumentKind | undefined> = new Set([
  'axis',
  'axes',
  'axisSizes',
  'mapping',
] as const);

/** An argument without a name for which the op has no place; `open` is what the op needs by name. */
function complainStray(
  cx: Context,
  op: SurfaceOp,
  { span, value }: Argument,
  positional: number,
  open: readonly string[],
): void {
  const [name, more] = open;
  const isTensor = value.kind === 'NameExpr' && cx.scope.lookup(value.name.text)?.val.kind === 'tensor';
  const instead = name === undefined ? undefined : insteadOf(op.arguments[name], value);
  const takes = `\`${op.name}\` takes ${placesOf(op, positional, isTensor)}`;
  const fix =
    name === undefined ||
    more !== undefined ||
    isTensor ||
    instead !== undefined ||
    (isNumbers(value) && ofAxes.has(op.arguments[name]?.kind))
      ? {}
      : { fix: fixAt(`Name it \`${name}\``, span.before, `${name}: `) };
  const help = instead === undefined ? exampleOf(op) : { help: instead };
  cx.error('N3004', span, takes, { ...help, ...fix });
}

/** What to write in place of a value that other libraries take. */
function insteadOf(spec: ArgumentSpec | undefined, value: Expr): string | undefined {
  if (isNumbers(value, 1) && spec?.insteadOfOne !== undefined) return spec.insteadOfOne;
  return value.kind === 'ListLiteral' ? spec?.insteadOfList : undefined;
}

/** Whether a value is a number, or several of them, as `7` and `(7, 7)`; with `only`, this one. */
function isNumbers(value: Expr, only?: number): boolean {
  switch (value.kind) {
    case 'NumberLiteral':
      return only === undefined || value.value === only;
    case 'TupleExpr':
      return value.items.every((item) => isNumbers(item, only));
    case 'ListLiteral':
      return value.items.every((item) => item.key === undefined && isNumbers(item.value, only));
    default:
      return false;
  }
}

function placesOf(op: SurfaceOp, positional: number, isTensor: boolean): string {
  if (op.takesList === true && isTensor) return 'its tensors as one list';
  const names = Object.keys(op.arguments);
  if (names.length === 0) return op.operands.length === 1 ? 'one tensor' : `${op.operands.length} tensors`;
  if (positional === 0) return `its arguments by name: ${names.map((name) => `\`${name}\``).join(', ')}`;
  return `${positional} argument${positional === 1 ? '' : 's'} without a name`;
}

/** Meant is one of the arguments that are not given by their names, or, where none is near, the one that the op needs. */
function complainUnknown(
  cx: Context,
  op: SurfaceOp,
  name: string,
  arg: Argument,
  others: readonly string[],
  [needed]: readonly string[],
): void {
  const span = arg.name?.span ?? arg.span;
  const spec = needed === undefined ? undefined : op.arguments[needed];
  const isMeant = spec !== undefined && needed !== undefined && isAxisByOtherName(spec, name, arg.value);
  const details = isMeant ? { fix: replacement(name, span, needed) } : suggest(name, span, others);
  const help =
    foreignArguments.get(name.toLowerCase()) ??
    insteadOf(spec, arg.value) ??
    (spec === undefined || (details.fix !== undefined && !isMeant)
      ? (details.help ?? exampleOf(op).help)
      : `it needs \`${needed}\`, ${spec.doc}: \`${op.example}\``);
  cx.error('N3001', span, `\`${op.name}\` has no argument \`${name}\``, { ...details, help });
}

/** `dim: C`, where the axis goes by another name; not `dim: 1`. */
function isAxisByOtherName({ kind }: ArgumentSpec, name: string, value: Expr): boolean {
  if (!isWordForAxes(name)) return false;
  if (kind === 'axis') return value.kind === 'NameExpr';
  const isName = (item: ListItem): boolean => item.key === undefined && item.value.kind === 'NameExpr';
  return kind === 'axes' && value.kind === 'ListLiteral' && value.items.every(isName);
}

/** Arguments of other libraries that have no counterpart, in small letters. */
const foreignArguments: ReadonlyMap<string, string> = new Map([
  ['keepdim', 'broadcasting goes by names, so that no axis of size 1 need be kept: leave it out'],
  ['keepdims', 'broadcasting goes by names, so that no axis of size 1 need be kept: leave it out'],
  ['inplace', 'every value is a new one: leave it out'],
  ['data_format', 'the order of axes means nothing: leave it out'],
  ['activation', 'an activation is a stage of its own: `x |> linear(C -> K: 10) |> relu`'],
]);

function exampleOf(op: SurfaceOp): { readonly help: string } {
  return { help: `for example \`${op.example}\`` };
}

/** An argument as its spec wants it; `title` is how messages call it: `` `over` of `conv` ``. */
function readArgument(
  cx: Context,
  title: string,
  spec: ArgumentSpec,
  arg: Argument,
): ArgumentTypes[ArgumentKind] | undefined {
  const { value } = arg;
  if (value.kind === 'ErrorExpr') return undefined;
  if (arg.to !== undefined && spec.kind !== 'mapping') {
    return cx.error('N3005', arg.span, `${title} is not a mapping of axes`);
  }
  switch (spec.kind) {
    case 'axis':
      return axisName(cx, value, title);
    case 'axes':
      return axisNames(cx, value, title);
    case 'axisSizes':
      return axisSizes(cx, value, title, spec);
    case 'mapping':
      return mapping(cx, arg, title);
    case 'size':
      if (value.kind === 'ListLiteral' && spec.insteadOfList !== undefined) {
        return cx.error('N3005', arg.span, `${title} is a size, not a list`, { help: spec.insteadOfList });
      }
      return evalSize(cx, value);
    case 'number':
      return readNumber(cx, value, title);
    case 'bool':
      return readBool(cx, value, title);
    case 'choice':
      return readChoice(cx, value, title, spec.choices ?? []);
    case 'perAxis':
      return perAxis(cx, value, title, spec);
    case 'padding':
      return padding(cx, value, title, spec);
    case 'init':
      return readInitializer(cx, value);
  }
}

/** The axis that a name means: that of an axis hyper-parameter, or the one of this name. */
function resolveAxis(cx: Context, name: Name): string {
  const bound = cx.scope.lookup(name.text)?.val;
  return bound?.kind === 'axis' ? bound.name : name.text;
}

function axisName(cx: Context, expr: Expr, title: string): string | undefined {
  if (expr.kind === 'NameExpr') return resolveAxis(cx, expr.name);
  return cx.error('N3005', expr.span, `${title} is the name of an axis, such as \`C\``, byNumber(expr));
}

/** What to say of a number where an axis should stand. */
function byNumber(expr: Expr): { readonly help?: string } {
  const { kind } = expr.kind === 'UnaryExpr' ? expr.operand : expr;
  return kind === 'NumberLiteral' ? { help: 'axes have names, and no numbers' } : {};
}

function axisNames(cx: Context, expr: Expr, title: string): readonly string[] | undefined {
  if (expr.kind === 'NameExpr') return [resolveAxis(cx, expr.name)];
  if (expr.kind !== 'ListLiteral')
    return cx.error('N3005', expr.span, `${title} is a list of axes, such as \`[H, W]\``, byNumber(expr));
  const names: string[] = [];
  for (const item of expr.items) {
    if (item.key !== undefined || item.value.kind !== 'NameExpr') {
      const message = `${title} is a list of axes without sizes, such as \`[H, W]\``;
      return cx.error('N3005', item.span, message, byNumber(item.value));
    }
    const axis = resolveAxis(cx, item.value.name);
    if (names.includes(axis)) return cx.error('N4003', item.span, `axis ${axis} appears twice`);
    names.push(axis);
  }
  return names;
}

function axisSizes(
  cx: Context,
  expr: Expr,
  title: string,
  spec: ArgumentSpec,
): readonly AxisSize[] | undefined {
  const instead = insteadOf(spec, expr);
  const details = instead === undefined ? {} : { help: instead };
  const example = 'such as `[H: 3, W: 3]`';
  if (expr.kind !== 'ListLiteral')
    return cx.error('N3005', expr.span, `${title} is a list of axes with sizes, ${example}`, details);
  const sizes: AxisSize[] = [];
  for (const item of expr.items) {
    if (item.key === undefined) {
      return cx.error('N3005', item.span, `${title} is a list of axes with sizes, ${example}`, details);
    }
    const axis = resolveAxis(cx, item.key);
    if (sizes.some((s) => s.axis === axis))
      return cx.error('N4003', item.key.span, `axis ${axis} appears twice`);
    const size = evalSize(cx, item.value);
    if (size === undefined) return undefined;
    sizes.push({ axis, size });
  }
  return sizes;
}

function mapping(cx: Context, arg: Argument, title: string): AxisMapping | undefined {
  if (arg.to === undefined) {
    return cx.error('N3005', arg.span, `${title} is a mapping of axes, such as \`C -> K: 14\``);
  }
  const from = axisNames(cx, arg.value, title);
  if (from === undefined) return undefined;
  const to: { axis: string; size: AxisMapping['to'][number]['size'] }[] = [];
  for (const target of arg.to.axes) {
    const axis = resolveAxis(cx, target.name);
    if (to.some((t) => t.axis === axis)) return cx.error('N4003', target.span, `axis ${axis} appears twice`);
    const size = target.size === undefined ? undefined : evalSize(cx, target.size);
    if (target.size !== undefined && size === undefined) return undefined;
    to.push({ axis, size });
  }
  return { from, to };
}

function perAxis(cx: Context, expr: Expr, title: string, spec: ArgumentSpec): PerAxis | undefined {
  if (expr.kind === 'ListLiteral') {
    const sizes = axisSizes(cx, expr, title, spec);
    return sizes === undefined ? undefined : { kind: 'each', sizes };
  }
  if (expr.kind === 'TupleExpr') {
    const help = 'a pair would go by the order of the axes, which means nothing';
    return cx.error('N3005', expr.span, `${title} is a number, or numbers by axis: \`[H: 2, W: 1]\``, {
      help,
    });
  }
  const size = evalSize(cx, expr);
  return size === undefined ? undefined : { kind: 'all', size };
}

const paddings = ['same', 'valid'] as const;

function padding(cx: Context, expr: Expr, title: string, spec: ArgumentSpec): PaddingArgument | undefined {
  const word = readWord(cx, expr, paddings);
  if (word === undefined) {
    const by = perAxis(cx, expr, title, spec);
    return by === undefined ? undefined : { kind: 'explicit', by };
  }
  const kind = paddings.find((padding) => padding === word);
  if (kind !== undefined) return { kind };
  const message = `${title} is \`same\`, \`valid\`, a number, or numbers by axis: \`[H: 1, W: 0]\``;
  return cx.error('N3010', expr.span, message);
}
