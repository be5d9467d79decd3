import { isConstant } from '../shapes/size.ts';
import type { Context } from './context.ts';
import { evaluate } from './expressions.ts';
import { factoryOf } from './instances.ts';
import { surfaceOps } from '../ops/registry.ts';
import type { BlockEntity } from '../resolve/program.ts';
import { didYouMean } from '../resolve/suggest.ts';
import type { Argument, Expr, HyperDecl, HyperType } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import { describe, type Hypers, type Val } from './value.ts';

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
    if (name === undefined || !names.includes(name)) {
      failed = true;
      if (arg.name === undefined) {
        cx.error('N3004', arg.span, `${title} takes ${names.length === 1 ? '1 hyper-parameter' : `${names.length} hyper-parameters`}`, {
          related: [declared],
          help: `tensors go into a second pair of parentheses: \`${decl.name.text}(...)(x)\``,
        });
      } else {
        const help = didYouMean(arg.name.text, names);
        cx.error('N3001', arg.name.span, `${title} has no hyper-parameter \`${arg.name.text}\``, {
          related: [declared],
          ...(help === undefined ? {} : { help }),
        });
      }
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
        : defaultHyper(cx, entity, hyper) ??
          (hyper.default === undefined
            ? cx.error('N3003', span, `${title} needs its hyper-parameter \`${hyper.name.text}\``, { related: [declared] })
            : undefined);
    if (val === undefined || val.kind === 'poison') failed = true;
    else hypers.set(hyper.name.text, val);
  }
  return failed ? undefined : hypers;
}

/** The declared default, read in the file that declares it. */
export function defaultHyper(cx: Context, entity: BlockEntity, hyper: HyperDecl): Val | undefined {
  return hyper.default === undefined ? undefined : cx.checker.constantHyper(cx, entity, hyper, hyper.default);
}

export function evalHyper(cx: Context, hyper: HyperDecl, expr: Expr): Val | undefined {
  return evalAs(cx, hyper.type, expr, `\`${hyper.name.text}\``);
}

/** An expression as a value of a hyper-parameter's type. */
function evalAs(cx: Context, type: HyperType, expr: Expr, title: string): Val | undefined {
  if (type.kind === 'ListHyper') {
    if (expr.kind === 'ListLiteral') {
      const items: Val[] = [];
      for (const item of expr.items) {
        const val = evalAs(cx, type.element, item.value, `an element of ${title}`);
        if (val === undefined) return undefined;
        items.push(val);
      }
      return { kind: 'items', items };
    }
    const val = evaluate(cx, expr);
    if (val.kind === 'items' || val.kind === 'unknownList' || val.kind === 'poison') return val;
    return cx.error('N3005', expr.span, `${title} is a list, not ${describe(val)}`);
  }
  if (type.kind === 'PlainHyper' && type.name === 'axis') {
    if (expr.kind !== 'NameExpr') return cx.error('N3005', expr.span, `${title} is the name of an axis`);
    const bound = cx.scope.lookup(expr.name.text);
    return { kind: 'axis', name: bound?.val.kind === 'axis' ? bound.val.name : expr.name.text };
  }
  // `act: relu` names an op, even where a tensor or size has the same name.
  if (type.kind === 'BlockHyper' && expr.kind === 'NameExpr' && cx.scope.lookup(expr.name.text) === undefined) {
    const op = surfaceOps.get(expr.name.text);
    if (op !== undefined && !cx.module.names.has(expr.name.text)) {
      return { kind: 'factory', make: { of: 'op', op, args: {} }, name: op.name };
    }
  }
  const val = cx.detached(() => evaluate(cx, expr));
  if (val.kind === 'poison') return val;
  return coerce(cx, type, val, expr.span, title);
}

/** A value as a hyper-parameter of a type: an integer will do for a float, an uncalled instance for a block. */
function coerce(cx: Context, type: HyperType, val: Val, span: Span, title: string): Val | undefined {
  const wrong = (what: string): undefined => cx.error('N3005', span, `${title} is ${what}, not ${describe(val)}`);
  if (type.kind === 'BlockHyper') {
    if (val.kind === 'factory' || val.kind === 'abstractBlock') return val;
    if (val.kind === 'instance') {
      const make = factoryOf(val.instance);
      if (make !== undefined) return { kind: 'factory', make, name: make.of === 'op' ? make.op.name : make.entity.decl.name.text };
    }
    if (val.kind === 'block') {
      const hypers = bindHypers(cx, val.entity, [], span);
      if (hypers === undefined) return undefined;
      return { kind: 'factory', make: { of: 'block', entity: val.entity, hypers }, name: val.entity.decl.name.text };
    }
    return wrong('a block');
  }
  if (type.kind === 'ListHyper') return wrong('a list');
  switch (type.name) {
    case 'int':
      if (val.kind === 'labels') return { kind: 'int', size: val.count };
      return val.kind === 'int' ? val : wrong('an integer');
    case 'float':
      if (val.kind === 'int') return { kind: 'float', value: isConstant(val.size) };
      return val.kind === 'float' ? val : wrong('a float');
    case 'bool':
      return val.kind === 'bool' ? val : wrong('true or false');
    case 'string':
      return val.kind === 'string' ? val : wrong('a string');
    case 'labels':
      if (val.kind === 'items' && val.items.every((item) => item.kind === 'string')) return cx.checker.labelsOf(val.items);
      return val.kind === 'labels' ? val : wrong('labels');
    case 'axis':
      return wrong('the name of an axis');
  }
}
