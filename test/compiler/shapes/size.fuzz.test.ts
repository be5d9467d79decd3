import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Size, SizeVar } from '../../../src/compiler/shapes/size.ts';
import {
  add,
  ceilDiv,
  constant,
  equalSize,
  evaluate,
  floorDiv,
  freshVar,
  mod,
  mul,
  neg,
  scale,
  SizeError,
  sub,
  substitute,
  variable,
} from '../../../src/compiler/shapes/size.ts';

const PARAMETERS = { seed: 20250711, numRuns: 3000 };
const names = ['a', 'b', 'c'] as const;
const variables = names.map((name) => freshVar(name));

/** An expression as written, to be compared with its normal form. */
type Expression =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'variable'; readonly index: number }
  | {
      readonly kind: 'add' | 'sub' | 'mul' | 'floor' | 'ceil' | 'mod';
      readonly left: Expression;
      readonly right: Expression;
    };

const { expression } = fc.letrec<{ expression: Expression; divisor: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('constant' as const), value: fc.integer({ min: -9, max: 9 }) }),
    fc.record({ kind: fc.constant('variable' as const), index: fc.nat(2) }),
    fc.record({
      kind: fc.constantFrom('add', 'sub', 'add', 'sub', 'mul'),
      left: tie('expression'),
      right: tie('expression'),
    }),
    fc.record({
      kind: fc.constantFrom('floor', 'floor', 'ceil', 'mod'),
      left: tie('expression'),
      right: tie('divisor'),
    }),
  ),
  // At least 1 wherever variables are.
  divisor: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('constant' as const), value: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('variable' as const), index: fc.nat(2) }),
    fc.record({ kind: fc.constantFrom('add', 'mul'), left: tie('divisor'), right: tie('divisor') }),
  ),
}));

function normalForm(e: Expression, atom: (index: number) => Size): Size {
  if (e.kind === 'constant') return constant(e.value);
  if (e.kind === 'variable') return atom(e.index);
  const operations = { add, sub, mul, floor: floorDiv, ceil: ceilDiv, mod };
  return operations[e.kind](normalForm(e.left, atom), normalForm(e.right, atom));
}

const atomOf = (index: number): Size => variable(at(variables, index));

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index}`);
  return item;
}

function floorBig(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b > a ? quotient - 1n : quotient;
}

function exactValue(e: Expression, values: readonly number[]): bigint {
  if (e.kind === 'constant') return BigInt(e.value);
  if (e.kind === 'variable') return BigInt(at(values, e.index));
  const [left, right] = [exactValue(e.left, values), exactValue(e.right, values)];
  switch (e.kind) {
    case 'add':
      return left + right;
    case 'sub':
      return left - right;
    case 'mul':
      return left * right;
    case 'floor':
      return floorBig(left, right);
    case 'ceil':
      return -floorBig(-left, right);
    case 'mod':
      return left - right * floorBig(left, right);
  }
}

const valueIn =
  (values: readonly number[]) =>
  (v: SizeVar): number =>
    at(values, variables.indexOf(v));

/** Runs a property on sizes; expressions that outgrow the limits are not counted. */
function withinLimits(property: () => void): void {
  try {
    property();
  } catch (error) {
    if (!(error instanceof SizeError)) throw error;
    fc.pre(false);
  }
}

const values = fc.tuple(...names.map(() => fc.integer({ min: 1, max: 40 })));

describe('the normal form of random expressions', () => {
  test('has the value of the expression', () => {
    fc.assert(
      fc.property(expression, fc.array(values, { minLength: 3, maxLength: 3 }), (e, assignments) => {
        withinLimits(() => {
          const size = normalForm(e, atomOf);
          for (const assignment of assignments) {
            expect(BigInt(evaluate(size, valueIn(assignment)))).toBe(exactValue(e, assignment));
          }
        });
      }),
      PARAMETERS,
    );
  });

  test('is its own normal form', () => {
    const identity = new Map(variables.map((v) => [v, variable(freshVar(v.name))]));
    const back = new Map([...identity].map(([v, size]) => [size, v] as const));
    fc.assert(
      fc.property(expression, (e) => {
        withinLimits(() => {
          const size = normalForm(e, atomOf);
          const renamed = substitute(size, identity);
          const names = new Map([...back].map(([other, v]) => [soleVariable(other), variable(v)]));
          expect(substitute(renamed, names).key).toBe(size.key);
        });
      }),
      PARAMETERS,
    );
  });

  test('commutes with substitution', () => {
    fc.assert(
      fc.property(expression, values, values, (e, factors, assignment) => {
        withinLimits(() => {
          const scaled = (index: number): Size => scale(atomOf(index), at(factors, index));
          const replacements = new Map(variables.map((v, index) => [v, scaled(index)]));
          const substituted = substitute(normalForm(e, atomOf), replacements);
          const direct = normalForm(e, scaled);
          expect(evaluate(substituted, valueIn(assignment))).toBe(evaluate(direct, valueIn(assignment)));
        });
      }),
      PARAMETERS,
    );
  });

  test('obeys the laws of a ring, and of floors', () => {
    fc.assert(
      fc.property(expression, expression, expression, fc.integer({ min: 1, max: 12 }), (e, f, g, k) => {
        withinLimits(() => {
          const [a, b, c] = [e, f, g].map((x) => normalForm(x, atomOf)) as [Size, Size, Size];
          const same = (left: Size, right: Size): void => {
            expect(left.key).toBe(right.key);
            expect(equalSize(left, right)).toBe(true);
          };
          same(add(a, b), add(b, a));
          same(add(add(a, b), c), add(a, add(b, c)));
          same(mul(a, b), mul(b, a));
          same(mul(mul(a, b), c), mul(a, mul(b, c)));
          same(mul(a, add(b, c)), add(mul(a, b), mul(a, c)));
          same(sub(a, a), constant(0));
          same(neg(neg(a)), a);
          same(floorDiv(add(a, scale(b, k)), constant(k)), add(floorDiv(a, constant(k)), b));
          same(floorDiv(scale(a, k), constant(k)), a);
        });
      }),
      PARAMETERS,
    );
  });
});

function soleVariable(size: Size): SizeVar {
  const atom = size.terms[0]?.monomial.factors[0]?.atom;
  if (atom?.kind !== 'variable') throw new Error('the size is a variable');
  return atom.variable;
}
