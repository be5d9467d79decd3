import type { Axis } from '../ir/tensor-type.ts';
import { constant, isConstant, SizeError } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { BindStmt, Body, Expr, ParamStmt, Statement } from '../syntax/ast.ts';
import type { TensorValue } from '../ir/module.ts';
import { checkIf } from './branch.ts';
import { claimPath } from './claim-path.ts';
import type { Context } from './context.ts';
import { assertion } from './demands.ts';
import { evalCondition } from './evaluate-as.ts';
import { indexList } from './lists.ts';
import { poisonAssigned } from './carried.ts';
import { checkLoop } from './loop.ts';
import { declareParam } from './op-call.ts';
import { readInitializer } from './initializer-argument.ts';
import { readTensorType } from './signature.ts';
import { describe, POISON, type Instance, type Val } from './value.ts';

/** Checks the statements of a body in order. `return` is not among them: the caller takes it off. */
export function checkStatements(cx: Context, statements: readonly Statement[]): void {
  for (const statement of statements) {
    if (cx.checker.complaints.isExhausted) return;
    const isFine = guarded(cx, statement, () => {
      checkStatement(cx, statement);
    });
    if (!isFine) poisonAssigned(cx, statement);
  }
}

/** Turns sizes that outgrow what can be computed into a message at the statement; false where they do. */
export function guarded(cx: Context, at: { readonly span: Span }, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof SizeError)) throw error;
    cx.error('N6002', at.span, `a size cannot be computed here: ${error.message}`);
    return false;
  }
}

function checkStatement(cx: Context, statement: Statement): void {
  switch (statement.kind) {
    case 'BindStmt':
      bind(cx, statement);
      return;
    case 'ForStmt':
      checkLoop(cx, statement);
      return;
    case 'IfStmt':
      checkIf(cx, statement);
      return;
    case 'AssertStmt': {
      const prop = evalCondition(cx, statement.condition);
      if (prop === undefined) return;
      const text = cx.module.source.slice(statement.condition.span);
      assertion(cx, prop, statement.condition.span, text);
      return;
    }
    case 'ParamStmt':
      checkParam(cx, statement);
      return;
    case 'ReturnStmt':
      cx.error('N3009', statement.span, '`return` is the last statement of a block', {
        help: 'bind the value to a name in each branch, and return the name at the end',
      });
      return;
    case 'InputStmt':
    case 'OutputStmt':
      // In a model these are handled before; in a block the parser has refused them.
      return;
  }
}

/** `x = e` and `(a, b) = e`. */
export function bind(cx: Context, statement: BindStmt): void {
  const [first] = statement.targets;
  const binding = statement.tuple ? undefined : first?.text;
  const since = cx.mark;
  const val = named(cx, binding, statement.value, () => cx.evaluate(statement.value));
  if (!statement.tuple) {
    if (first === undefined) return;
    nameAfter(cx, val, first.text, since);
    cx.declare(first, val);
    return;
  }
  const parts = takeApart(cx, val, statement);
  statement.targets.forEach((target, i) => {
    const part = parts?.[i] ?? POISON;
    nameAfter(cx, part, target.text, since);
    cx.declare(target, part);
  });
}

function nameAfter(cx: Context, val: Val, name: string, since: number): void {
  if (val.kind === 'tensor') cx.nameValue(val.tensor, name, since);
  else if (val.kind === 'list') cx.nameValue(val.list, name, since);
}

/** Evaluates with instances and ops named after a binding. */
export function named<T>(cx: Context, binding: string | undefined, value: Expr, run: () => T): T {
  const outer = cx.naming;
  cx.naming = {
    binding,
    sole: binding !== undefined && cx.checker.instanceCounter.count(cx.scope, cx.module, value) === 1,
  };
  try {
    return run();
  } finally {
    cx.naming = outer;
  }
}

function takeApart(cx: Context, val: Val, statement: BindStmt): readonly Val[] | undefined {
  const wanted = statement.targets.length;
  const complain = (count: number): undefined =>
    cx.error('N3008', statement.span, `${wanted} names for ${count} value${count === 1 ? '' : 's'}`);
  switch (val.kind) {
    case 'poison':
      return undefined;
    case 'tuple':
    case 'items':
      return val.items.length === wanted ? val.items : complain(val.items.length);
    case 'list': {
      const length = isConstant(val.list.type.length);
      if (length !== undefined && length !== wanted) return complain(length);
      return statement.targets.map((target, i) => indexList(cx, val, constant(i), target.span));
    }
    default:
      return cx.error(
        'N3008',
        statement.value.span,
        `${describe(val)} cannot be taken apart into ${wanted} names`,
      );
  }
}

function checkParam(cx: Context, statement: ParamStmt): void {
  const errors = cx.errorCount;
  const type = readTensorType(
    cx,
    statement.type,
    new Map(),
    (formal) => restOfParam(cx, formal, statement.span),
    'output',
  );
  const start = readInitializer(cx, statement.init);
  if (start === undefined || statement.type.isDamaged || cx.errorCount > errors) {
    cx.declare(statement.name, POISON);
    return;
  }
  const path = [statement.name.text, ...cx.region.turns];
  if (!claimPath(cx, path, statement.name.span, false)) return;
  const [first, second] = type.axes;
  const one = constant(1);
  const holder: Pick<Instance, 'params' | 'path' | 'region' | 'span'> = {
    params: new Map<string, TensorValue>(),
    path: [],
    region: cx.region,
    span: statement.span,
  };
  const fan = { in: second?.size ?? first?.size ?? one, out: first?.size ?? one };
  const value = declareParam(
    cx,
    holder,
    'weight',
    statement.name.text,
    type.axes,
    start,
    fan,
    statement.span,
    path,
  );
  cx.declare(statement.name, { kind: 'tensor', tensor: value }, true);
}

function restOfParam(cx: Context, formal: string, span: Span): Axis {
  cx.error('N4010', span, `a parameter cannot have the axes ${formal}`, {
    help: 'name the axes that it has',
  });
  return { name: formal, size: constant(1) };
}

/** The statements before the `return`, and its expression. */
export function splitReturn(body: Body): {
  readonly statements: readonly Statement[];
  readonly value: Expr | undefined;
} {
  const last = body.statements.at(-1);
  if (last?.kind !== 'ReturnStmt') return { statements: body.statements, value: undefined };
  return { statements: body.statements.slice(0, -1), value: last.value };
}
