import { fixAt } from '../diagnostics/diagnostic.ts';
import type {
  ArgumentKind,
  ArgumentSpec,
  ArgumentTypes,
  AxisMapping,
  AxisSize,
  PaddingArgument,
  PerAxis,
} from '../ops/arguments.ts';
import type { Argument, Expr, Name } from '../syntax/ast.ts';
import { axesIn } from '../syntax/walk.ts';
import type { Context } from './context.ts';
import { evalSize } from './evaluate-as.ts';
import { readInitializer } from './initializer-argument.ts';
import { placeOf } from './place-of.ts';
import { readBool, readChoice, readNumber, readWord } from './plain-arguments.ts';

/** An argument as its spec wants it; `title` is how messages call it: `` `over` of `conv` ``. */
export function readArgument(
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
      return mapping(cx, arg, title, spec);
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

function mapping(
  cx: Context,
  arg: Argument,
  title: string,
  { isSized }: ArgumentSpec,
): AxisMapping | undefined {
  if (arg.to === undefined) {
    const message = `${title} is a mapping of axes, such as \`C -> K: 14\``;
    return cx.error('N3005', arg.span, message, isSized === true && isSize(cx, arg.value) ? byName : {});
  }
  if (isSized === true && arg.value.kind === 'NameExpr' && isSizeName(cx, arg.value.name)) {
    const { text, span } = arg.value.name;
    return cx.error('N3005', span, `\`${text}\` is a size, and no axis`, byName);
  }
  const from = axisNames(cx, arg.value, title);
  if (from === undefined) return undefined;
  const to: { axis: string; size: AxisMapping['to'][number]['size'] }[] = [];
  for (const target of arg.to.axes) {
    const axis = resolveAxis(cx, target.name);
    if (isSized === true && target.size === undefined && isSizeName(cx, target.name))
      return complainOfSize(cx, arg.value, target.name);
    if (to.some((t) => t.axis === axis)) return cx.error('N4003', target.span, `axis ${axis} appears twice`);
    const size = target.size === undefined ? undefined : evalSize(cx, target.size);
    if (target.size !== undefined && size === undefined) return undefined;
    to.push({ axis, size });
  }
  return { from, to };
}

/** What to say of the two numbers with which other libraries make a layer. */
const byName = {
  help: 'axes have names: `C -> K: 14` makes an axis K of 14 out of the axis C, whose size is known',
};

function isSize(cx: Context, expr: Expr): boolean {
  if (expr.kind === 'NameExpr') return isSizeName(cx, expr.name);
  return expr.kind === 'NumberLiteral' || expr.kind === 'BinaryExpr';
}

/** Whether a name stands for a size and for no axis: the C of `x: [N, C]` is both. */
function isSizeName(cx: Context, name: Name): boolean {
  const kind = cx.scope.lookup(name.text)?.val.kind;
  return (kind === 'int' || kind === 'labels') && !isAxisInSight(cx, name);
}

/** Whether an axis is called so, in the types around a place or of a tensor that is there. */
function isAxisInSight(cx: Context, { text, span }: Name): boolean {
  const declaration = cx.block ?? placeOf(cx, span)?.declaration;
  if (declaration !== undefined && axesIn(declaration).has(text)) return true;
  return [...cx.scope.visible()].some((owner) => {
    const val = cx.scope.lookup(owner)?.val;
    return val?.kind === 'tensor' && val.tensor.type.axes.some(({ name }) => name === text);
  });
}

/** `C -> planes`, where planes are a number. */
function complainOfSize(cx: Context, from: Expr, { text, span }: Name): undefined {
  // What is sorted into classes gets an axis of its own, whose name only the author knows.
  const isClasses = cx.scope.lookup(text)?.val.kind === 'labels';
  const axis = from.kind === 'NameExpr' && !isClasses ? from.name.text : undefined;
  const shown = axis ?? 'K';
  return cx.error('N3005', span, `\`${text}\` is a size, and the axis that is made has no name`, {
    help: `name the axis, and say its size behind a colon: \`-> ${shown}: ${text}\``,
    ...(axis === undefined ? {} : { fix: fixAt(`Call the axis \`${axis}\``, span.before, `${axis}: `) }),
  });
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

/** What to write in place of a value that other libraries take. */
export function insteadOf(spec: ArgumentSpec | undefined, value: Expr): string | undefined {
  if (isNumbers(value, 1) && spec?.insteadOfOne !== undefined) return spec.insteadOfOne;
  return value.kind === 'ListLiteral' ? spec?.insteadOfList : undefined;
}

/** Whether a value is a number, or several of them, as `7` and `(7, 7)`; with `only`, this one. */
export function isNumbers(value: Expr, only?: number): boolean {
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
