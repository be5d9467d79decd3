import { add, floorDiv, isConstant, mod, mul, neg, sub, type Size } from '../shapes/size.ts';
import { and, compare, divides, known, or, positiveDivisor, type CompareOp } from '../shapes/prop.ts';
import { divide, minus, multiply, plus } from '../ops/binary.ts';
import type { Op } from '../ops/op.ts';
import type { BinaryExpr, BinaryOperator } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { emitOne, scalar } from './emit.ts';
import { appendLists } from './lists.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';

const tensorOps: Readonly<Partial<Record<BinaryOperator, Op<Record<string, never>>>>> = {
  '+': plus,
  '-': minus,
  '*': multiply,
  '/': divide,
};

/** Operators on integers (exact, symbolic), floats, conditions, lists and tensors. */
export function binary(cx: Context, operator: BinaryOperator, left: Val, right: Val, expr: BinaryExpr): Val {
  if (left.kind === 'poison' || right.kind === 'poison') return POISON;
  if (operator === '++') return appendLists(cx, left, right, expr.span);
  if (operator === 'and' || operator === 'or') {
    if (left.kind === 'bool' && right.kind === 'bool') {
      return { kind: 'bool', prop: operator === 'and' ? and(left.prop, right.prop) : or(left.prop, right.prop) };
    }
    return mismatch(cx, operator, left, right, expr);
  }
  const a = asNumber(left);
  const b = asNumber(right);
  if (left.kind === 'tensor' || right.kind === 'tensor') return tensors(cx, operator, a, b, expr);
  if (isComparison(operator)) return comparison(cx, operator, a, b, expr);
  if (a.kind === 'int' && b.kind === 'int') return integers(cx, operator, a.size, b.size, expr);
  if ((a.kind === 'int' || a.kind === 'float') && (b.kind === 'int' || b.kind === 'float')) {
    return { kind: 'float', value: floats(operator, numberOf(a), numberOf(b)) };
  }
  return mismatch(cx, operator, left, right, expr);
}

/** Labels count as the number of labels. */
function asNumber(val: Val): Val {
  return val.kind === 'labels' ? { kind: 'int', size: val.count } : val;
}

function numberOf(val: Extract<Val, { kind: 'int' | 'float' }>): number | undefined {
  return val.kind === 'int' ? isConstant(val.size) : val.value;
}

function integers(cx: Context, operator: BinaryOperator, a: Size, b: Size, expr: BinaryExpr): Val {
  switch (operator) {
    case '+':
      return { kind: 'int', size: add(a, b) };
    case '-':
      return { kind: 'int', size: sub(a, b) };
    case '*':
      return { kind: 'int', size: mul(a, b) };
    case '%':
      if (!cx.require(positiveDivisor(b), 'N4009', expr.right.span, 'a divisor must be at least 1')) return POISON;
      return { kind: 'int', size: mod(a, b) };
    case '/': {
      if (!cx.require(positiveDivisor(b), 'N4009', expr.right.span, 'a divisor must be at least 1')) return POISON;
      const exact = cx.require(divides(a, b), 'N4005', expr.span, '`/` between integers is exact', {
        notes: ['use `floordiv` or `ceildiv` to round, or a float (`1.0 / 6`) for a quotient of numbers'],
      });
      return exact ? { kind: 'int', size: floorDiv(a, b) } : POISON;
    }
    default:
      return mismatch(cx, operator, { kind: 'int', size: a }, { kind: 'int', size: b }, expr);
  }
}

function floats(operator: BinaryOperator, a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a - b * Math.floor(a / b);
    default:
      return undefined;
  }
}

function isComparison(operator: BinaryOperator): operator is CompareOp {
  return ['==', '!=', '<', '<=', '>', '>='].includes(operator);
}

function comparison(cx: Context, operator: CompareOp, a: Val, b: Val, expr: BinaryExpr): Val {
  if (a.kind === 'int' && b.kind === 'int') return { kind: 'bool', prop: compare(a.size, operator, b.size) };
  if ((a.kind === 'int' || a.kind === 'float') && (b.kind === 'int' || b.kind === 'float')) {
    const x = numberOf(a);
    const y = numberOf(b);
    // An unknown float: the instantiation, where it is known, decides.
    if (x === undefined || y === undefined) return { kind: 'bool', prop: known(true) };
    return { kind: 'bool', prop: known(compareFloats(operator, x, y)) };
  }
  if (a.kind === 'string' && b.kind === 'string' && (operator === '==' || operator === '!=')) {
    if (a.value === undefined || b.value === undefined) return { kind: 'bool', prop: known(true) };
    return { kind: 'bool', prop: known((a.value === b.value) === (operator === '==')) };
  }
  if (a.kind === 'bool' && b.kind === 'bool' && a.prop.kind === 'known' && b.prop.kind === 'known') {
    if (operator === '==' || operator === '!=') {
      return { kind: 'bool', prop: known((a.prop.value === b.prop.value) === (operator === '==')) };
    }
  }
  return mismatch(cx, operator, a, b, expr);
}

function compareFloats(operator: CompareOp, a: number, b: number): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

function tensors(cx: Context, operator: BinaryOperator, a: Val, b: Val, expr: BinaryExpr): Val {
  const op = tensorOps[operator];
  const left = toOperand(cx, a);
  const right = toOperand(cx, b);
  if (op === undefined || left === undefined || right === undefined) return mismatch(cx, operator, a, b, expr);
  const result = emitOne(cx, op, [left, right], {}, expr.operatorSpan, { hint: op.name });
  return result === undefined ? POISON : tensorVal(result);
}

/** A tensor as it is; a number as a scalar of f32. */
function toOperand(cx: Context, val: Val): ReturnType<typeof scalar> | undefined {
  if (val.kind === 'tensor') return val.tensor;
  if (val.kind === 'int') return scalar(cx, isConstant(val.size) ?? val.size);
  if (val.kind === 'float') return scalar(cx, val.value ?? NaN);
  return undefined;
}

export function negate(cx: Context, val: Val, span: Span): Val {
  switch (val.kind) {
    case 'int':
      return { kind: 'int', size: neg(val.size) };
    case 'float':
      return { kind: 'float', value: val.value === undefined ? undefined : -val.value };
    case 'tensor': {
      const result = emitOne(cx, multiply, [val.tensor, scalar(cx, -1)], {}, span, { hint: 'neg' });
      return result === undefined ? POISON : tensorVal(result);
    }
    default:
      cx.error('N3007', span, `\`-\` applies to numbers and tensors, not to ${describe(val)}`);
      return POISON;
  }
}

function mismatch(cx: Context, operator: BinaryOperator, a: Val, b: Val, expr: BinaryExpr): Val {
  cx.error('N3007', expr.operatorSpan, `\`${operator}\` does not apply to ${describe(a)} and ${describe(b)}`);
  return POISON;
}
