import type { IfStatement, Value } from '../ir/module.ts';
import { printType, type ValueType } from '../ir/tensor-type.ts';
import { not, type Prop } from '../shapes/prop.ts';
import type { Body, IfStmt } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { evalCondition } from './expressions.ts';
import { sameType, toIrList } from './lists.ts';
import { RegionBuilder } from './region.ts';
import { Scope } from './scope.ts';
import { checkStatements } from './statements.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';

interface Arm {
  readonly region: RegionBuilder;
  readonly scope: Scope;
  readonly facts: Context['facts'];
}

/** An `if` whose condition depends on sizes: both branches are checked, each under what it may assume. */
export function checkBranch(cx: Context, statement: IfStmt, prop: Prop): void {
  const before = { region: cx.region, scope: cx.scope, facts: cx.facts, paths: cx.paths };
  const arm = (condition: Prop, body: Body | IfStmt | undefined): Arm => {
    cx.region = new RegionBuilder(before.region.turns);
    cx.scope = new Scope(before.scope);
    cx.facts = before.facts.assume(condition);
    // The branches exclude each other, so that they may use the same names.
    cx.paths = new Map(before.paths);
    cx.guards.push(condition);
    if (body?.kind === 'IfStmt') checkNested(cx, body);
    else if (body !== undefined) checkStatements(cx, body.statements);
    cx.guards.pop();
    return { region: cx.region, scope: cx.scope, facts: cx.facts };
  };
  const then = arm(prop, statement.then);
  const thenPaths = cx.paths;
  const otherwise = arm(not(prop), statement.otherwise);
  const paths = new Map([...thenPaths, ...cx.paths]);
  Object.assign(cx, { region: before.region, scope: before.scope, paths });
  // What a branch inferred of the signature is a requirement with the branch's condition; nothing of it holds here.
  cx.facts = before.facts;

  const results: IfStatement['results'][number][] = [];
  for (const name of assignedNames(then, otherwise)) {
    const outer = before.scope.lookup(name);
    const a = then.scope.lookup(name);
    const b = otherwise.scope.lookup(name);
    const span = a?.span ?? b?.span ?? statement.span;
    if (a === undefined || b === undefined) continue; // Local to one branch.
    if (outer !== undefined && a.val === outer.val && b.val === outer.val) continue;
    cx.scope.bind(name, join(cx, name, a.val, b.val, { then, otherwise }, results, span), span);
  }
  cx.region.statements.push({
    kind: 'if',
    condition: prop,
    then: then.region.finish(),
    otherwise: otherwise.region.finish(),
    results,
    span: statement.span,
  });
}

function checkNested(cx: Context, statement: IfStmt): void {
  const prop = evalCondition(cx, statement.condition);
  if (prop === undefined) return;
  const decided = cx.decide(prop);
  if (decided === undefined) checkBranch(cx, statement, prop);
  else if (decided) checkStatements(cx, statement.then.statements);
  else if (statement.otherwise?.kind === 'IfStmt') checkNested(cx, statement.otherwise);
  else if (statement.otherwise !== undefined) checkStatements(cx, statement.otherwise.statements);
}

function assignedNames(then: Arm, otherwise: Arm): ReadonlySet<string> {
  return new Set([...[...then.scope.own()].map(([name]) => name), ...[...otherwise.scope.own()].map(([name]) => name)]);
}

/** One value for a name that the branches leave different: they must agree in shape. */
function join(
  cx: Context,
  name: string,
  a: Val,
  b: Val,
  arms: { readonly then: Arm; readonly otherwise: Arm },
  results: IfStatement['results'][number][],
  span: Span,
): Val {
  if (a.kind === 'poison' || b.kind === 'poison') return POISON;
  if (a === b) return a;
  if (a.kind === 'int' && b.kind === 'int' && cx.equal(a.size, b.size)) return a;
  const x = inArm(cx, arms.then, () => toValue(cx, a, span));
  const y = inArm(cx, arms.otherwise, () => toValue(cx, b, span));
  if (x === undefined || y === undefined) {
    cx.error('N3006', span, `\`${name}\` is ${describe(a)} in one branch and ${describe(b)} in the other`);
    return POISON;
  }
  // Under what a branch may assume, its type may be written like the other's.
  const type = inArm(cx, arms.otherwise, () => agree(cx, x.type, y.type))
    ? x.type
    : inArm(cx, arms.then, () => agree(cx, x.type, y.type))
      ? y.type
      : undefined;
  if (type === undefined) {
    cx.error('N4001', span, `\`${name}\` has different shapes in the two branches`, {
      notes: [`where the condition holds it is ${printType(x.type)}`, `otherwise it is ${printType(y.type)}`],
    });
    return POISON;
  }
  const output = cx.value(name, type);
  results.push({ output, then: x, otherwise: y });
  return output.kind === 'list' ? { kind: 'list', list: output } : tensorVal(output);
}

function inArm<T>(cx: Context, arm: Arm, run: () => T): T {
  const { region, facts } = cx;
  cx.region = arm.region;
  cx.facts = arm.facts;
  try {
    return run();
  } finally {
    cx.region = region;
    cx.facts = facts;
  }
}

function toValue(cx: Context, val: Val, span: Span): Value | undefined {
  if (val.kind === 'tensor') return val.tensor;
  if (val.kind === 'list' || val.kind === 'items') return toIrList(cx, val, span);
  return undefined;
}

export function agree(cx: Context, a: ValueType, b: ValueType): boolean {
  if (a.kind === 'list' && b.kind === 'list') return cx.equal(a.length, b.length) && sameType(cx, a.element, b.element);
  return a.kind === 'tensor' && b.kind === 'tensor' && sameType(cx, a, b);
}
