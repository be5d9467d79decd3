import type { Init } from '../ops/arguments.ts';
import { initializers, isInitializer } from '../random/initializers.ts';
import { suggest } from '../diagnostics/did-you-mean.ts';
import type { Argument, Expr } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { readChoice, readNumber } from './plain-arguments.ts';

type Entry = (typeof initializers)[keyof typeof initializers];

/** An initialiser with its arguments: `he_normal`, `normal(std: 0.02)`; undefined after a complaint. */
export function readInitializer(cx: Context, expr: Expr): Init | undefined {
  const callee = expr.kind === 'CallExpr' ? expr.callee : expr;
  if (callee.kind === 'ErrorExpr') return undefined; // The parser has said what is wrong with it.
  if (callee.kind !== 'NameExpr') {
    return cx.error('N5004', expr.span, 'an initialiser is expected here, such as `zeros`');
  }
  const name = callee.name.text;
  if (!isInitializer(name)) {
    const message = `there is no initialiser \`${name}\``;
    return cx.error('N5004', callee.span, message, suggest(name, callee.span, Object.keys(initializers)));
  }
  const entry: Entry = initializers[name];
  const args: Record<string, number | string> = {};
  for (const arg of expr.kind === 'CallExpr' ? expr.args : []) {
    const key = arg.name?.text ?? Object.keys(entry.arguments)[0];
    if (key !== undefined && Object.hasOwn(args, key))
      return cx.error('N3002', arg.span, `\`${key}\` is given twice`);
    const value = readArgument(cx, name, entry, key, arg);
    if (key === undefined || value === undefined) return undefined;
    args[key] = value;
  }
  for (const [key, spec] of Object.entries(entry.arguments)) {
    if (Object.hasOwn(args, key)) continue;
    if (spec.default === undefined) return cx.error('N3003', expr.span, `\`${name}\` needs \`${key}\``);
    args[key] = spec.default;
  }
  return { name, args };
}

function readArgument(
  cx: Context,
  name: string,
  entry: Entry,
  key: string | undefined,
  arg: Argument,
): number | string | undefined {
  const spec = key !== undefined && Object.hasOwn(entry.arguments, key) ? entry.arguments[key] : undefined;
  if (key === undefined || spec === undefined) {
    if (arg.name === undefined) return cx.error('N3001', arg.span, `\`${name}\` takes no arguments`);
    const { text, span } = arg.name;
    const message = `\`${name}\` has no argument \`${text}\``;
    return cx.error('N3001', span, message, suggest(text, span, Object.keys(entry.arguments)));
  }
  const title = `\`${key}\` of \`${name}\``;
  if (spec.kind === 'choice') return readChoice(cx, arg.value, title, spec.choices);
  const value = readNumber(cx, arg.value, title);
  if (value !== undefined && spec.min !== undefined && value < spec.min) {
    return cx.error('N3010', arg.value.span, `${title} must be at least ${spec.min}`);
  }
  return value;
}
