import type { Edit } from '../diagnostics/diagnostic.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import type { Argument, CallExpr } from '../syntax/ast.ts';
import { isWordForAxes } from './axis-words.ts';
import type { Context } from './context.ts';
import { isOperand } from './instances.ts';

/**
 * Complains of tensors that are given one by one to an op which takes them as one list: `concat(a, b, along: C)`. The first
 * is known to be a tensor.
 */
export function complainOfLooseTensors(cx: Context, op: SurfaceOp, { args }: CallExpr): boolean {
  const [first, second] = args;
  const isLoose = ({ name, to, value }: Argument): boolean =>
    name === undefined && to === undefined && ['tensor', 'poison'].includes(isOperand(cx, value)?.kind ?? '');
  const end = args.findIndex((arg, i) => i > 0 && !isLoose(arg));
  const rest = end < 0 ? [] : args.slice(end);
  const last = end < 0 ? args.at(-1) : args[end - 1];
  if (first === undefined || second === undefined || last === undefined || last === first) return false;
  const message = `\`${op.name}\` takes its tensors as one list`;
  const axis = axisOf(op, rest);
  if (axis === undefined) {
    cx.error('N3004', second.span, message, { help: `for example \`${op.example}\`` });
    return true;
  }
  const edits = [{ span: first.span.before, text: '[' }, { span: last.span.after, text: ']' }, ...axis.edits];
  const { source } = cx.module;
  const list = `[${source.slice(first.span.upTo(last.span))}]`;
  const help = `write \`${op.name}(${list}, ${axis.name}: ${source.slice(axis.value.span)})\``;
  cx.error('N3004', second.span, message, { help, fix: { title: 'Make them a list', edits } });
  return true;
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
