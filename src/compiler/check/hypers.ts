import { fixAt, type DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import { surfaceOps } from '../ops/registry.ts';
import type { BlockEntity } from '../resolve/program.ts';
import { suggest } from '../diagnostics/did-you-mean.ts';
import { known } from '../shapes/prop.ts';
import type { Span } from '../source/span.ts';
import type { Argument, Expr, HyperDecl, HyperType } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { settle } from './demands.ts';
import { takeApartFirst } from './evaluate-as.ts';
import { makeLabels } from './labels.ts';
import { bindOpArguments } from './op-arguments.ts';
import { describe, factoryOf, POISON, type BlockHyperType, type Hypers, type Val } from './value.ts';

/** Ties the arguments of `f(...)` to the hyper-parameters that `f` declares. */
export function bindHypers(
  cx: Context,
  entity: BlockEntity,
  args: readonly Argument[],
  span: Span,
): Hypers | undefined {
  const { decl } = entity;
  const given = new Map<string, Expr>();
  const names = decl.hypers.map((hyper) => hyper.name.text);
  let next = 0;
  let failed = false;
  const title = `\`${decl.name.text}\``;
  const declared = { span: decl.name.span, message: `${title} is declared here` };
  for (const arg of args) {
    if (arg.to !== undefined) {
      cx.error('N3005', arg.span, `${title} takes no axis mapping`, { related: [declared] });
      failed = true;
      continue;
    }
    const name = arg.name?.text ?? names[next++];
    if (name === undefined) {
      // One message for all of them: tensors where hyper-parameters go are one mistake.
      return cx.error(
        'N3004',
        arg.span,
        `${title} takes ${names.length === 1 ? '1 hyper-parameter' : `${names.length} hyper-parameters`}, not ${args.length}`,
        { related: [declared], help: secondPair(decl.name.text) },
      );
    }
    if (!names.includes(name)) {
      failed = true;
      const span = arg.name?.span ?? arg.span;
      cx.error('N3001', span, `${title} has no hyper-parameter \`${name}\``, {
        related: [declared],
        ...suggest(name, span, names.filter((other) => !args.some((one) => one.name?.text === other))), // prettier-ignore
      });
      continue;
    }
    if (given.has(name)) {
      cx.error('N3002', arg.span, `\`${name}\` is given twice`);
      failed = true;
      continue;
    }
    given.set(name, arg.value);
  }
  const hypers = new Map<string, Val>();
  for (const hyper of decl.hypers) {
    const expr = given.get(hyper.name.text);
    const val =
      expr !== undefined
        ? evalHyper(cx, hyper, expr)
        : (defaultHyper(cx, entity, hyper) ??
          (hyper.default === undefined
            ? cx.error('N3003', span, `${title} needs its hyper-parameter \`${hyper.name.text}\``, {
                related: [declared],
              })
            : undefined));
    if (val === undefined || val.kind === 'poison') failed = true;
    else hypers.set(hyper.name.text, val);
  }
  return failed ? undefined : hypers;
}

/** The declared default, read in the file that declares it. */
export function defaultHyper(cx: Context, entity: BlockEntity, hyper: HyperDecl): Val | undefined {
  return hyper.default === undefined
    ? undefined
    : cx.checker.constants.defaultOf(entity.module, hyper, hyper.default);
}

export function evalHyper(cx: Context, hyper: HyperDecl, expr: Expr): Val | undefined {
  return evalAs(cx, hyper.type, expr, hyper.name.text, `\`${hyper.name.text}\``);
}

/** An expression as a value of a hyper-parameter's type; `title` is how messages call it. */
function evalAs(cx: Context, type: HyperType, expr: Expr, name: string, title: string): Val | undefined {
  if (type.kind === 'ListHyper') {
    if (expr.kind === 'ListLiteral') {
      const items: Val[] = [];
      for (const item of expr.items) {
        const val = evalAs(cx, type.element, item.value, name, `an element of ${title}`);
        if (val === undefined || val.kind === 'poison') return val;
        items.push(val);
      }
      return { kind: 'items', items };
    }
    const val = cx.evaluate(expr);
    return coerce(cx, type, val, expr.span, name, title);
  }
  if (type.kind === 'PlainHyper' && type.name === 'axis') {
    if (expr.kind !== 'NameExpr') return cx.error('N3005', expr.span, `${title} is the name of an axis`);
    const bound = cx.scope.lookup(expr.name.text);
    return { kind: 'axis', name: bound?.val.kind === 'axis' ? bound.val.name : expr.name.text };
  }
  // `act: relu` names an op, even where a tensor or size has the same name.
  if (
    type.kind === 'BlockHyper' &&
    expr.kind === 'NameExpr' &&
    cx.scope.lookup(expr.name.text) === undefined
  ) {
    const op = surfaceOps.get(expr.name.text);
    if (op !== undefined && !cx.module.names.has(expr.name.text)) {
      const args = bindOpArguments(cx, op, [], expr.span);
      return args && { kind: 'factory', make: { of: 'op', op, args }, name, declared: type };
    }
  }
  const val = cx.detached(() => cx.evaluate(expr));
  return coerce(cx, type, val, expr.span, name, title);
}

/** A value as a hyper-parameter of a type: an integer will do for a float, an uncalled instance for a block. */
function coerce(
  cx: Context,
  type: HyperType,
  val: Val,
  span: Span,
  name: string,
  title: string,
): Val | undefined {
  if (val.kind === 'poison') return val;
  const wrong = (what: string): undefined =>
    cx.error('N3005', span, `${title} is ${what}, not ${describe(val)}`, remedyFor(type, val, span));
  switch (type.kind) {
    case 'BlockHyper':
      return asBlock(cx, type, val, span, name) ?? wrong('a block');
    case 'ListHyper':
      if (val.kind === 'unknownList') return { ...val, name };
      return val.kind === 'items' ? asList(cx, type.element, val.items, span, name, title) : wrong('a list');
    case 'PlainHyper':
      return asPlain(cx, type.name, val, span, title) ?? wrong(articles[type.name]);
  }
}

/** What was probably meant by a value of another kind. */
function remedyFor(type: HyperType, val: Val, span: Span): DiagnosticDetails {
  const isInt = type.kind === 'PlainHyper' && type.name === 'int';
  if (val.kind === 'tensor') return { help: secondPair('f') };
  if (type.kind === 'BlockHyper' && val.kind === 'string' && surfaceOps.has(val.value ?? '')) {
    const text = val.value ?? '';
    return { help: `write \`${text}\`, which is no string`, fix: fixAt(`Write \`${text}\``, span, text) };
  }
  if (val.kind === 'tuple' || (isInt && val.kind === 'items')) return { help: takeApartFirst };
  if (isInt && val.kind === 'float' && Number.isInteger(val.value)) {
    return { help: `write \`${val.value}\``, fix: fixAt(`Write \`${val.value}\``, span, String(val.value)) };
  }
  return {};
}

function secondPair(name: string): string {
  return `tensors go into a second pair of parentheses: \`${name}(...)(x)\``;
}

type PlainName = Extract<HyperType, { kind: 'PlainHyper' }>['name'];

const articles: Readonly<Record<PlainName, string>> = {
  int: 'an integer',
  float: 'a float',
  bool: 'true or false',
  string: 'a string',
  labels: 'labels',
  axis: 'the name of an axis',
};

function asList(
  cx: Context,
  element: HyperType,
  items: readonly Val[],
  span: Span,
  name: string,
  title: string,
): Val | undefined {
  const coerced: Val[] = [];
  for (const item of items) {
    const val = coerce(cx, element, item, span, name, `an element of ${title}`);
    if (val === undefined || val.kind === 'poison') return val;
    coerced.push(val);
  }
  return { kind: 'items', items: coerced };
}

/** A value as a block: undefined where it is none. */
function asBlock(cx: Context, declared: BlockHyperType, val: Val, span: Span, name: string): Val | undefined {
  if (val.kind === 'factory') return { ...val, name, declared };
  if (val.kind === 'abstractBlock') return { ...val, name };
  if (val.kind === 'instance') {
    const make = factoryOf(val.instance);
    return make && { kind: 'factory', make, name, declared };
  }
  if (val.kind === 'block') {
    const hypers = bindHypers(cx, val.entity, [], span);
    return hypers === undefined
      ? POISON
      : { kind: 'factory', make: { of: 'block', entity: val.entity, hypers }, name, declared };
  }
  return undefined;
}

function asPlain(cx: Context, type: PlainName, val: Val, span: Span, title: string): Val | undefined {
  switch (type) {
    case 'int':
      if (val.kind === 'labels') return { kind: 'int', size: val.count };
      return val.kind === 'int' ? val : undefined;
    case 'float':
      if (val.kind !== 'int') return val.kind === 'float' ? val : undefined;
      return val.size.value === undefined
        ? unknownNow(cx, span, title)
        : { kind: 'float', value: val.size.value };
    case 'bool': {
      if (val.kind !== 'bool' || val.prop.kind === 'known') return val.kind === 'bool' ? val : undefined;
      const truth = settle(cx, val.prop);
      return truth === undefined ? unknownNow(cx, span, title) : { kind: 'bool', prop: known(truth) };
    }
    case 'string':
      return val.kind === 'string' ? val : undefined;
    case 'labels':
      return val.kind === 'items'
        ? makeLabels(cx, val.items, () => span, span)
        : val.kind === 'labels'
          ? val
          : undefined;
    case 'axis':
      return undefined;
  }
}

/** Only integers may depend on sizes: of everything else a function of its own is made. */
function unknownNow(cx: Context, span: Span, title: string): Val {
  cx.error('N3012', span, `${title} depends on sizes, which are not known when the block is compiled`, {
    help: 'an integer may depend on sizes; for a condition, use `if` with a call in each branch',
  });
  return POISON;
}
