import type { ArgumentKind, ArgumentSpec, ArgumentTypes } from '../ops/arguments.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import { replacement, suggest } from '../diagnostics/did-you-mean.ts';
import { fixAt } from '../diagnostics/diagnostic.ts';
import type { Argument, Expr, ListItem } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import { isWordForAxes } from './axis-words.ts';
import type { Context } from './context.ts';
import { insteadOf, isNumbers, readArgument } from './read-argument.ts';
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
