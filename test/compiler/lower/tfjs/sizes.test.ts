import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exactDivisions,
  propExpression,
  sizeExpression,
  sizeOperand,
  type SizeScope,
} from '../../../../src/compiler/lower/tfjs/size-expressions.ts';
import { and, compare, divides, holds, not, or, type Prop } from '../../../../src/compiler/shapes/prop.ts';
import {
  add,
  constant,
  evaluate,
  floorDiv,
  freshVar,
  mod,
  mul,
  sub,
  variable,
  type Size,
} from '../../../../src/compiler/shapes/size.ts';
import { runJavaScript } from './run-javascript.ts';

const variables = ['C', 'k', 'H'].map(freshVar);
const [C, k, H] = variables.map(variable) as [Size, Size, Size];
const scope: SizeScope = { nameOf: ({ name }) => name, isExact: () => false };
const text = (size: Size, facts: readonly Prop[] = []): string =>
  sizeExpression(size, { ...scope, isExact: exactDivisions(facts) });

/** What JavaScript makes of an expression over the variables. */
function run(expression: string, values: readonly number[]): unknown {
  return runJavaScript(
    `return ${expression};`,
    Object.fromEntries(variables.map(({ name }, i) => [name, values[i]])),
  );
}

const valueIn = (values: readonly number[]) => (v: { readonly id: number }) =>
  values[variables.findIndex(({ id }) => id === v.id)] ?? NaN;

const sizes = fc.letrec<{ size: Size }>((tie) => ({
  size: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: -9, max: 9 }).map(constant),
    fc.constantFrom(C, k, H),
    fc.tuple(tie('size'), tie('size')).map(([a, b]) => add(a, b)),
    fc.tuple(tie('size'), tie('size')).map(([a, b]) => sub(a, b)),
    fc.tuple(tie('size'), tie('size')).map(([a, b]) => mul(a, b)),
    fc.tuple(tie('size'), fc.integer({ min: 1, max: 7 })).map(([a, b]) => floorDiv(a, constant(b))),
    fc.tuple(tie('size'), fc.constantFrom(C, k)).map(([a, b]) => floorDiv(a, b)),
  ),
})).size;
const someValues = fc.tuple(...variables.map(() => fc.integer({ min: 1, max: 12 })));

describe('sizes as JavaScript', () => {
  it('have the value of the size, as operands too', () => {
    fc.assert(
      fc.property(sizes, someValues, (size, values) => {
        const wanted = evaluate(size, valueIn(values));
        expect(run(sizeExpression(size, scope), values)).toBeCloseTo(wanted, 6);
        expect(run(`2 * ${sizeOperand(size, scope)}`, values)).toBeCloseTo(2 * wanted, 6);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('keep their value where facts make divisions exact', () => {
    const facts = [divides(C, k), compare(mod(H, constant(4)), '==', constant(3))];
    fc.assert(
      fc.property(sizes, someValues, (size, [c = 1, divisor = 1, h = 1]) => {
        const values = [c * divisor, divisor, 4 * h + 3];
        expect(run(text(size, facts), values)).toBeCloseTo(evaluate(size, valueIn(values)), 4);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it.each([
    [add(mul(constant(2), C), constant(-1)), [], '2 * C - 1'],
    [sub(constant(3), C), [], '3 - C'],
    [floorDiv(C, k), [], 'Math.floor(C / k)'],
    [floorDiv(C, k), [divides(C, k)], 'C / k'],
    [mul(k, floorDiv(C, k)), [divides(C, k)], 'C'],
    [mul(mul(constant(3), H), mul(k, floorDiv(C, k))), [and(divides(C, k))], '3 * C * H'],
    [
      floorDiv(add(k, constant(1)), constant(2)),
      [compare(mod(k, constant(2)), '==', constant(1))],
      '(k + 1) / 2',
    ],
    [floorDiv(k, constant(2)), [compare(mod(k, constant(2)), '==', constant(1))], 'Math.floor(k / 2)'],
    [
      sub(floorDiv(add(k, constant(1)), constant(2)), constant(1)),
      [compare(mod(k, constant(2)), '==', constant(1))],
      '(k - 1) / 2',
    ],
    [sub(floorDiv(add(mul(C, k), C), constant(2)), C), [], 'Math.floor((C * k - C) / 2)'],
    [add(floorDiv(H, constant(2)), constant(1)), [], 'Math.floor(H / 2) + 1'],
    [add(C, floorDiv(sub(H, C), k)), [], 'C + Math.floor((H - C) / k)'],
  ])('%# reads as one would write it', (size, facts, wanted) => {
    expect(text(size, facts)).toBe(wanted);
  });
});

describe('conditions as JavaScript', () => {
  it('hold where the proposition does', () => {
    const props = fc.letrec<{ prop: Prop }>((tie) => ({
      prop: fc.oneof(
        { maxDepth: 3 },
        fc
          .tuple(sizes, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), sizes)
          .map(([a, op, b]) => compare(a, op, b)),
        fc.tuple(fc.constantFrom(C, H), fc.constantFrom(k, constant(3))).map(([a, b]) => divides(a, b)),
        fc.array(tie('prop'), { maxLength: 3 }).map((all) => and(...all)),
        fc.array(tie('prop'), { maxLength: 3 }).map((all) => or(...all)),
        tie('prop').map(not),
      ),
    })).prop;
    fc.assert(
      fc.property(props, someValues, (prop, values) => {
        expect(run(propExpression(prop, scope), values)).toBe(holds(prop, valueIn(values)));
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
