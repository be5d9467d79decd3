import type { IfStatement, Value } from '../ir/module.ts';
import { findAxis, printType, type Axis, type TensorType, type ValueType } from '../ir/tensor-type.ts';
import { compare, not, type Prop } from '../shapes/prop.ts';
import { variable, type Size } from '../shapes/size.ts';
import type { Body, IfStmt } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import { assignedIn, type CarriedSize } from './carried.ts';
import type { Context } from './context.ts';
import { decide, isEqual, mentionsOpaque } from './demands.ts';
import { evalCondition } from './evaluate-as.ts';
import { toIrList } from './lists.ts';
import type { RegionBuilder } from './region.ts';
import { Scope } from './scope.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';

/** A branch that has been checked: what it made and bound, and what it may assume. */
interface Arm {
  readonly region: RegionBuilder;
  readonly scope: Scope;
  readonly facts: Context['facts'];
}

interface Arms {
  readonly then: Arm;
  readonly otherwise: Arm;
}

type Result = IfStatement['results'][number];

/**
 * `if`. A condition that is decided for all sizes leaves only the branch that is taken. Otherwise both are checked,
 * each under what it may assume, and what they bind is joined.
 */
export function checkIf(cx: Context, statement: IfStmt): void {
  const prop = evalCondition(cx, statement.condition);
  if (prop === undefined) {
    for (const name of assignedIn([statement])) cx.scope.bind(name, POISON, statement.span);
    return;
  }
  const decided = decide(cx, prop);
  if (decided === undefined) checkBoth(cx, statement, prop);
  else checkArm(cx, decided ? statement.then : statement.otherwise);
}

function checkArm(cx: Context, body: Body | IfStmt | undefined): void {
  if (body?.kind === 'IfStmt') checkIf(cx, body);
  else if (body !== undefined) cx.checkStatements(body.statements);
}

function checkBoth(cx: Context, statement: IfStmt, prop: Prop): void {
  const { region, scope, facts } = cx;
  const arm = (condition: Prop, body: Body | IfStmt | undefined): Arm => {
    cx.region = region.branch();
    cx.scope = new Scope(scope);
    cx.facts = facts.assume(condition);
    cx.guards.push(condition);
    checkArm(cx, body);
    cx.guards.pop();
    return { region: cx.region, scope: cx.scope, facts: cx.facts };
  };
  const [then, otherwise] = cx.either(
    () => arm(prop, statement.then),
    () => arm(not(prop), statement.otherwise),
  );
  // What a branch has inferred of the signature is a requirement under the branch's condition; nothing of it holds here.
  Object.assign(cx, { region, scope, facts });

  const results: Result[] = [];
  for (const name of new Set([...then.scope.ownNames(), ...otherwise.scope.ownNames()])) {
    const a = then.scope.lookup(name);
    const b = otherwise.scope.lookup(name);
    if (a === undefined || b === undefined) {
      // Local to one branch; whoever reads it afterwards is told so.
      cx.scope.bindPartly(name, (a ?? b)?.span ?? statement.span);
      continue;
    }
    const span = then.scope.owns(name) ? a.span : b.span;
    cx.scope.bind(name, join(cx, name, a.val, b.val, { then, otherwise }, results, span), span);
  }
  const arms = { then: then.region.finish(), otherwise: otherwise.region.finish() };
  cx.region.statements.push({ kind: 'if', condition: prop, ...arms, results, span: statement.span });
}

/** One value for a name that the branches leave different: they must agree in shape. */
function join(cx: Context, name: string, a: Val, b: Val, arms: Arms, results: Result[], span: Span): Val {
  if (a.kind === 'poison' || b.kind === 'poison') return POISON;
  if (a === b || isSameConstant(cx, a, b)) return a;
  const x = inArm(cx, arms.then, () => toValue(cx, a, span));
  const y = inArm(cx, arms.otherwise, () => toValue(cx, b, span));
  if (x === undefined || y === undefined) {
    cx.error('N3006', span, `\`${name}\` is ${describe(a)} in one branch and ${describe(b)} in the other`, {
      help: 'a branch on sizes chooses between tensors of one shape; other values must be the same in both branches',
    });
    return POISON;
  }
  const type = joinTypes(cx, x.type, y.type, arms, { name, span });
  if (type === undefined) {
    cx.error('N4001', span, `\`${name}\` has different shapes in the two branches`, {
      related: cx.placesOf([x, y], span),
      notes: [`where the condition holds it is ${printType(x.type)}`, `otherwise it is ${printType(y.type)}`],
    });
    return POISON;
  }
  const output = cx.value(name, type, span);
  results.push({ output, then: x, otherwise: y });
  return output.kind === 'list' ? { kind: 'list', list: output } : tensorVal(output);
}

function isSameConstant(cx: Context, a: Val, b: Val): boolean {
  if (a.kind === 'int') return b.kind === 'int' && isEqual(cx, a.size, b.size);
  if (a.kind === 'float' || a.kind === 'string')
    return a.kind === b.kind && a.value !== undefined && a.value === b.value;
  if (a.kind === 'axis') return b.kind === 'axis' && a.name === b.name;
  return a.kind === 'bool' && b.kind === 'bool' && a.prop.kind === 'known' && b.prop.kind === 'known' && a.prop.value === b.prop.value; // prettier-ignore
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

/** The name that the branches bind, and where. */
interface Bound {
  readonly name: string;
  readonly span: Span;
}

function joinTypes(cx: Context, a: ValueType, b: ValueType, arms: Arms, bound: Bound): ValueType | undefined {
  if (a.kind === 'tensor') return b.kind === 'tensor' ? joinTensors(cx, a, b, arms, bound) : undefined;
  if (b.kind === 'tensor') return undefined;
  const element = joinTensors(cx, a.element, b.element, arms, bound);
  const opaque = { name: 'length?', what: `the length of \`${bound.name}\``, min: 0 };
  const length = joinSizes(cx, a.length, b.length, arms, opaque, bound);
  return element === undefined || length === undefined ? undefined : { kind: 'list', element, length };
}

function joinTensors(
  cx: Context,
  a: TensorType,
  b: TensorType,
  arms: Arms,
  bound: Bound,
): TensorType | undefined {
  if (a.dtype !== b.dtype || a.axes.length !== b.axes.length) return undefined;
  const axes: Axis[] = [];
  for (const { name, size } of a.axes) {
    const other = findAxis(b, name);
    const opaque = { name: `${name}?`, what: `the size of axis ${name} of \`${bound.name}\``, min: 1 };
    const joined = other === undefined ? undefined : joinSizes(cx, size, other.size, arms, opaque, bound);
    if (joined === undefined) return undefined;
    axes.push({ name, size: joined });
  }
  return { ...a, axes };
}

/**
 * A size that is right after both branches. Under what one branch may assume, its size may be written like the other's,
 * which then is right in both. What is opaque stays so.
 */
function joinSizes(
  cx: Context,
  a: Size,
  b: Size,
  arms: Arms,
  { name, what, min }: Omit<CarriedSize, 'size'>,
  { span }: Bound,
): Size | undefined {
  if (inArm(cx, arms.otherwise, () => isEqual(cx, a, b))) return a;
  if (inArm(cx, arms.then, () => isEqual(cx, a, b))) return b;
  if (!mentionsOpaque(cx, compare(a, '==', b))) return undefined;
  const origin = { span, what: `${what} as one branch or the other leaves it` };
  return variable(cx.freshOpaque(name, min, origin));
}
