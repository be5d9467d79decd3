import { replacement } from '../diagnostics/did-you-mean.ts';
import type { Axis } from '../ir/tensor-type.ts';
import { add, constant, mod, sub, type Size } from '../shapes/size.ts';
import type { Argument, Body, CallExpr, Expr, ListItem } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { isEqual } from './demands.ts';
import { withParts } from './expression-parts.ts';
import { expressionsIn, withInner } from './statement-parts.ts';
import type { Remedy } from './where-remedy.ts';

const ONE = constant(1);
const TWO = constant(2);

/**
 * `padding: same` in the one convolution whose padding is a number and makes the sizes differ that a block declares and
 * returns. With stride 1 it keeps every size; it takes kernels that are odd.
 */
export function samePadding(
  cx: Context,
  body: Body,
  unequal: readonly (readonly [Axis, Axis])[],
): Remedy | undefined {
  const gains = new Map(unequal.map(([declared, found]) => [declared.name, sub(found.size, declared.size)]));
  const paddings = [...withInner(body.statements)]
    .flatMap(expressionsIn)
    .flatMap(withParts)
    .flatMap((expr) => (expr.kind === 'CallExpr' ? (paddingThatGains(cx, expr, gains) ?? []) : []));
  const [padding, another] = paddings;
  if (padding === undefined || another !== undefined) return undefined;
  const { span } = padding.value;
  return {
    help: '`padding: same` keeps the sizes that `conv` is given',
    fix: replacement(cx.module.source.slice(span), span, 'same'),
  };
}

/** The padding of a convolution of stride 1 that adds to its axes what `gains` says, and nothing to others. */
function paddingThatGains(
  cx: Context,
  { callee, args }: CallExpr,
  gains: ReadonlyMap<string, Size>,
): Argument | undefined {
  if (callee.kind !== 'NameExpr' || callee.name.text !== 'conv') return undefined;
  const argument = (name: string) => args.find((arg) => arg.name?.text === name);
  const [over, padding, stride] = [argument('over'), argument('padding'), argument('stride')];
  if (padding === undefined || over?.value.kind !== 'ListLiteral' || argument('dilation') !== undefined)
    return undefined;
  if (stride !== undefined && sizeIn(cx, stride.value)?.value !== 1) return undefined;
  const added = sizeIn(cx, padding.value);
  if (added === undefined) return undefined;
  const { items } = over.value;
  const isKept = [...gains.keys()].every((name) => items.some(({ key }) => key?.text === name));
  return isKept && items.every((item) => gainsAlong(cx, item, added, gains)) ? padding : undefined;
}

function gainsAlong(
  cx: Context,
  { key, value }: ListItem,
  padding: Size,
  gains: ReadonlyMap<string, Size>,
): boolean {
  const kernel = sizeIn(cx, value);
  if (key === undefined || kernel === undefined || !isEqual(cx, mod(kernel, TWO), ONE)) return false;
  const gain = sub(add(add(padding, padding), ONE), kernel);
  return gain.key === (gains.get(key.text) ?? constant(0)).key;
}

/** The size that a number or the name of a hyper-parameter says. */
function sizeIn(cx: Context, expr: Expr): Size | undefined {
  if (expr.kind === 'NumberLiteral') return expr.integer ? constant(expr.value) : undefined;
  const val = expr.kind === 'NameExpr' ? cx.hyperScope.lookup(expr.name.text)?.val : undefined;
  return val?.kind === 'int' ? val.size : undefined;
}
