import { add, floorDiv, isConstant, mod, mul, neg, sub, type Size } from '../shapes/size.ts';
import { and, compare, compareNumbers, divides, known, not, or, type CompareOp } from '../shapes/prop.ts';
import { divide, minus, multiply, plus } from '../ops/binary.ts';
import { castTo } from '../ops/cast.ts';
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from '../ops/compare.ts';
import { logicalAnd, logicalNot, logicalOr } from '../ops/logic.ts';
import { negate as negateTensor } from '../ops/unary.ts';
import type { NoAttributes } from '../ops/attributes.ts';
import type { TensorValue } from '../ir/module.ts';
import type { DType } from '../ir/tensor-type.ts';
import type { Op } from '../ops/op.ts';
import { fixAt } from '../diagnostics/diagnostic.ts';
import type { BinaryExpr, BinaryOperator } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { demand, demandDivisor } from './demands.ts';
import { emitOne, scalar } from './emit.ts';
import { takeApartFirst } from './evaluate-as.ts';
import { appendLists } from './lists.ts';
import { unknownCondition } from './unknown.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';

/** What operators mean between tensors, element by element. */
export const tensorOperators: Readonly<Partial<Record<BinaryOperator, Op<NoAttributes>>>> = {
  '+': plus,
  '-': minus,
  '*': multiply,
  '/': divide,
  '==': equal,
  '!=': notEqual,
  '<': less,
  '<=': lessEqual,
  '>': greater,
  '>=': greaterEqual,
  and: logicalAnd,
  or: logicalOr,
};

/** Operators on integers (exact, symbolic), floats, conditions, lists and tensors. */
export function binary(cx: Context, operator: BinaryOperator, left: Val, right: Val, expr: BinaryExpr): Val {
  if (left.kind === 'poison' || right.kind === 'poison') return POISON;
  if (operator === '++') return appendLists(cx, left, right, expr.span);
  const a = asNumber(left);
  const b = asNumber(right);
  if (left.kind === 'tensor' || right.kind === 'tensor') return tensors(cx, operator, a, b, expr);
  if (operator === 'and' || operator === 'or') {
    if (left.kind === 'bool' && right.kind === 'bool') {
      return {
        kind: 'bool',
        prop: operator === 'and' ? and(left.prop, right.prop) : or(left.prop, right.prop),
      };
    }
    return mismatch(cx, operator, left, right, expr);
  }
  if (isComparison(operator)) return comparison(cx, operator, a, b, expr);
  if (a.kind === 'int' && b.kind === 'int') return integers(cx, operator, a.size, b.size, expr);
  if ((a.kind === 'int' || a.kind === 'float') && (b.kind === 'int' || b.kind === 'float')) {
    // A float that depends on a size is a number only where the size is one: until then it is a scalar.
    if (isSymbolic(a) || isSymbolic(b)) return tensors(cx, operator, a, b, expr);
    return { kind: 'float', value: floats(operator, numberOf(a), numberOf(b)) };
  }
  return mismatch(cx, operator, left, right, expr);
}

/** Labels count as the number of labels. */
function asNumber(val: Val): Val {
  return val.kind === 'labels' ? { kind: 'int', size: val.count } : val;
}

function isSymbolic(val: Val): boolean {
  return val.kind === 'int' && isConstant(val.size) === undefined;
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
      if (!demandDivisor(cx, b, expr.right.span)) return POISON;
      return { kind: 'int', size: mod(a, b) };
    case '/': {
      if (!demandDivisor(cx, b, expr.right.span)) return POISON;
      const exact = demand(cx, divides(a, b), 'N4005', expr.span, '`/` between integers is exact', () => ({
        notes: ['use `floordiv` or `ceildiv` to round, or a float (`1.0 / 6`) for a quotient of numbers'],
      }));
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
    if (isSymbolic(a) || isSymbolic(b)) {
      cx.error(
        'N3012',
        expr.span,
        'a float is compared with a size, which is not known when the block is compiled',
        {
          help: 'compare integers with integers',
        },
      );
      return POISON;
    }
    return truth(cx, numberOf(a), numberOf(b), (x, y) => compareNumbers(x, operator, y));
  }
  if (operator === '==' || operator === '!=') {
    const same = operator === '==';
    if (a.kind === 'string' && b.kind === 'string')
      return truth(cx, a.value, b.value, (x, y) => (x === y) === same);
    if (a.kind === 'bool' && b.kind === 'bool') {
      const [p, q] = [a.prop, b.prop];
      const equal = or(and(p, q), and(not(p), not(q)));
      return { kind: 'bool', prop: same ? equal : not(equal) };
    }
  }
  return mismatch(cx, operator, a, b, expr);
}

/** A comparison of constants; where a definition does not know one of them, it may turn out either way. */
function truth<T>(cx: Context, a: T | undefined, b: T | undefined, holds: (a: T, b: T) => boolean): Val {
  const prop = a === undefined || b === undefined ? unknownCondition(cx) : known(holds(a, b));
  return { kind: 'bool', prop };
}

function tensors(cx: Context, operator: BinaryOperator, a: Val, b: Val, expr: BinaryExpr): Val {
  const op = tensorOperators[operator];
  const left = toOperand(cx, a, dtypeOf(b), expr.left.span);
  const right = toOperand(cx, b, dtypeOf(a), expr.right.span);
  if (op === undefined || left === undefined || right === undefined)
    return mismatch(cx, operator, a, b, expr);
  const result = emitOne(cx, op, [left, right], {}, expr.operatorSpan, { hint: op.name });
  return result === undefined ? POISON : tensorVal(result);
}

function dtypeOf(val: Val): DType | undefined {
  return val.kind === 'tensor' ? val.tensor.type.dtype : undefined;
}

/** A tensor as it is; a number as a scalar of f32, or of int32 where it is an integer beside a tensor of those. */
function toOperand(cx: Context, val: Val, beside: DType | undefined, span: Span): TensorValue | undefined {
  if (val.kind === 'tensor') return val.tensor;
  if (val.kind === 'float') return scalar(cx, val.value ?? NaN, span);
  if (val.kind !== 'int') return undefined;
  const number = scalar(cx, isConstant(val.size) ?? val.size, span);
  if (beside !== 'int32') return number;
  return emitOne(cx, castTo, [number], { to: 'int32' }, span, { hint: 'scalar' });
}

export function negate(cx: Context, val: Val, span: Span): Val {
  switch (val.kind) {
    case 'int':
      return { kind: 'int', size: neg(val.size) };
    case 'float':
      return { kind: 'float', value: val.value === undefined ? undefined : -val.value };
    case 'tensor': {
      const result = emitOne(cx, negateTensor, [val.tensor], {}, span, { hint: 'neg' });
      return result === undefined ? POISON : tensorVal(result);
    }
    default:
      cx.error('N3007', span, `\`-\` applies to numbers and tensors, not to ${describe(val)}`);
      return POISON;
  }
}

/** `not` of a condition, or of a tensor of them. */
export function negateCondition(cx: Context, val: Val, span: Span): Val {
  if (val.kind === 'bool') return { kind: 'bool', prop: not(val.prop) };
  if (val.kind === 'tensor') {
    const result = emitOne(cx, logicalNot, [val.tensor], {}, span, { hint: 'not' });
    return result === undefined ? POISON : tensorVal(result);
  }
  cx.error('N3007', span, `\`not\` applies to conditions, not to ${describe(val)}`);
  return POISON;
}

function isList({ kind }: Val): boolean {
  return kind === 'items' || kind === 'list' || kind === 'unknownList';
}

function mismatch(cx: Context, operator: BinaryOperator, a: Val, b: Val, expr: BinaryExpr): Val {
  if (operator === '+' && isList(a) && isList(b)) {
    const message = `\`+\` does not join lists: ${describe(a)} and ${describe(b)}`;
    const fix = fixAt('Write `++`', expr.operatorSpan, '++');
    cx.error('N3007', expr.operatorSpan, message, { help: 'write `++`', fix });
    return POISON;
  }
  const isUncalled = a.kind === 'instance' || b.kind === 'instance';
  const help = isUncalled
    ? { help: 'call it with a tensor: `f(x)`, or `x |> f`' }
    : a.kind === 'tuple' || b.kind === 'tuple'
      ? { help: takeApartFirst }
      : {};
  const message = `\`${operator}\` does not apply to ${describe(a)} and ${describe(b)}`;
  cx.error('N3007', expr.operatorSpan, message, help);
  return POISON;
}
