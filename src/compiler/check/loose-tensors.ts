import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import type { Argument, CallExpr, Expr } from '../syntax/ast.ts';
import { isWordForAxes } from './axis-words.ts';
import type { Context } from './context.ts';
import { isOperand } from './instances.ts';
import type { Val } from './value.ts';

/** What comes through a pipe, and what it is. */
export interface Piped {
  readonly expr: Expr;
  readonly val: Val;
}

/**
 * Complains of tensors that are given one by one to an op which takes them as one list: `concat(a, b, along: C)`. The first
 * is known to be a tensor.
 */
export function complainOfLooseTensors(cx: Context, op: SurfaceOp, { args }: CallExpr): boolean {
  const [first, second] = args;
  const { loose, rest } = looseTensors(cx, args);
  const last = loose.at(-1);
  if (first === undefined || second === undefined || last === undefined || last === first) return false;
  const { source } = cx.module;
  const list = `[${source.slice(first.span.upTo(last.span))}]`;
  const edits = [
    { span: first.span.before, text: '[' },
    { span: last.span.after, text: ']' },
  ];
  complain(cx, op, second, { list, edits, title: 'Make them a list' }, rest);
  return true;
}

/** Complains of `a |> concat(b, along: C)` and `a |> concat([b], along: C)`, where one of the tensors comes through the pipe. */
export function complainOfPipedTensor(
  cx: Context,
  op: SurfaceOp,
  { args }: CallExpr,
  { expr, val }: Piped,
): boolean {
  const [first, ...others] = args;
  if (op.takesList !== true || first === undefined) return false;
  // What is not known may be a list already; two things that are not known are no mistake of this call.
  if (val.kind === 'poison') return first.name === undefined && isOperand(cx, first.value)?.kind === 'poison';
  if (val.kind !== 'tensor') return false;
  const { source } = cx.module;
  const [piped, before] = [source.slice(expr.span), { span: expr.span.before, text: `${op.name}([` }];
  const title = 'Put it into the list';
  if (first.value.kind === 'ListLiteral' && first.name === undefined) {
    if (isOperand(cx, first.value)?.kind !== 'items') return false;
    const inside = source.slice(first.span).slice(1);
    const joint = { span: expr.span.elsewhere(expr.span.end, first.span.start + 1), text: ', ' };
    complain(cx, op, first, { list: `[${piped}, ${inside}`, edits: [before, joint], title }, others);
    return true;
  }
  const { loose, rest } = looseTensors(cx, args);
  const last = loose.at(-1);
  if (last === undefined) return false;
  const list = `[${piped}, ${source.slice(first.span.upTo(last.span))}]`;
  const joint = { span: expr.span.elsewhere(expr.span.end, first.span.start), text: ', ' };
  const edits = [before, joint, { span: last.span.after, text: ']' }];
  complain(cx, op, first, { list, edits, title }, rest);
  return true;
}

/** The leading arguments that are tensors, or were meant to be, and those behind them. */
function looseTensors(
  cx: Context,
  args: readonly Argument[],
): { readonly loose: readonly Argument[]; readonly rest: readonly Argument[] } {
  const isLoose = ({ name, to, value }: Argument): boolean =>
    name === undefined && to === undefined && ['tensor', 'poison'].includes(isOperand(cx, value)?.kind ?? '');
  const end = args.findIndex((arg) => !isLoose(arg));
  return end < 0 ? { loose: args, rest: [] } : { loose: args.slice(0, end), rest: args.slice(end) };
}

/** What the list would be, and what makes it of what was written. */
interface ListMeant extends Fix {
  readonly list: string;
}

function complain(
  cx: Context,
  op: SurfaceOp,
  { span }: Argument,
  { list, edits, title }: ListMeant,
  rest: readonly Argument[],
): void {
  const message = `\`${op.name}\` takes its tensors as one list`;
  const axis = axisOf(op, rest);
  if (axis === undefined) {
    cx.error('N3004', span, message, { help: `for example \`${op.example}\`` });
    return;
  }
  const meant = `${op.name}(${list}, ${axis.name}: ${cx.module.source.slice(axis.value.span)})`;
  const help = meant.includes('\n') ? `for example \`${op.example}\`` : `write \`${meant}\``;
  cx.error('N3004', span, message, { help, fix: { title, edits: [...edits, ...axis.edits] } });
}

/** Which argument names the axis, if that is all there is besides, and what it takes to call it so. */
function axisOf(
  { arguments: specs }: SurfaceOp,
  [arg, more]: readonly Argument[],
): (Pick<Argument, 'value'> & { readonly name: string; readonly edits: readonly Edit[] }) | undefined {
  const [name] = Object.keys(specs);
  if (arg === undefined || name === undefined || more !== undefined || arg.value.kind !== 'NameExpr')
    return undefined;
  const { value } = arg;
  if (arg.name === undefined) return { name, value, edits: [{ span: arg.span.before, text: `${name}: ` }] };
  if (arg.name.text === name) return { name, value, edits: [] };
  if (!isWordForAxes(arg.name.text)) return undefined;
  return { name, value, edits: [{ span: arg.name.span, text: name }] };
}
