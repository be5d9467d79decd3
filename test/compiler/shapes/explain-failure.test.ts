import { expect, test } from 'vitest';
import { explainFailure } from '../../../src/compiler/shapes/explain-failure.ts';
import { and, compare, divides, known, not, or, type Prop } from '../../../src/compiler/shapes/prop.ts';
import {
  add,
  ceilDiv,
  constant,
  floorDiv,
  freshVar,
  mod,
  scale,
  sub,
  variable,
} from '../../../src/compiler/shapes/size.ts';

const v = { H: freshVar('H'), kernel: freshVar('kernel'), stride: freshVar('stride') };
const H = variable(v.H);
const kernel = variable(v.kernel);
const stride = variable(v.stride);
const n = constant;

const explain = (prop: Prop, h: number, k = 1, s = 1): string | undefined =>
  explainFailure(prop, new Map([[v.H, h], [v.kernel, k], [v.stride, s]])); // prettier-ignore

test('an inequality shows what its sides come to', () => {
  const fits = compare(add(sub(H, kernel), n(1)), '>=', n(1));
  expect(explain(fits, 5, 7)).toBe('5 + 1 - 7 = -1 is not >= 1');
});

test('an equality shows both sides', () => {
  expect(explain(compare(scale(floorDiv(H, n(2)), 2), '==', H), 15)).toBe(
    '2 * floordiv(15, 2) = 14 on one side, 15 on the other',
  );
  expect(explain(compare(ceilDiv(H, stride), '==', floorDiv(H, stride)), 3, 1, 2)).toBe(
    'ceildiv(3, 2) = 2 on one side, floordiv(3, 2) = 1 on the other',
  );
});

test('divisibility is a division that leaves something', () => {
  expect(explain(divides(H, n(2)), 15)).toBe('15 / 2 is not exact');
  expect(explain(divides(H, stride), 4, 1, 0)).toBe('0 is not >= 1');
  expect(explain(divides(add(scale(H, 2), kernel), stride), 2, 1, 3)).toBe(
    '2 * 2 + 1 = 5, and 5 / 3 is not exact',
  );
  expect(explain(divides(sub(kernel, n(1)), n(2)), 1, 4)).toBe('4 % 2 = 0');
  expect(explain(compare(mod(H, n(4)), '==', n(0)), 6)).toBe('6 % 4 = 2, not 0');
});

test('negative numbers stand in brackets where a name stood', () => {
  expect(explain(compare(add(scale(kernel, 2), H), '>=', n(1)), 3, -2)).toBe('3 + 2 * (-2) = -1 is not >= 1');
});

test('connectives show the part that fails, or all parts', () => {
  const small = compare(scale(H, 2), '<=', n(4));
  const whole = divides(H, n(2));
  expect(explain(and(compare(H, '>=', n(1)), whole), 3)).toBe('3 / 2 is not exact');
  expect(explain(or(small, whole), 3)).toBe('2 * 3 = 6 is not <= 4, and 3 / 2 is not exact');
});

test('nothing is said where there is nothing to work out', () => {
  expect(explain(compare(H, '>=', kernel), 2, 3)).toBeUndefined();
  expect(explain(not(divides(H, n(2))), 4)).toBeUndefined();
  expect(explain(known(false), 1)).toBeUndefined();
});
