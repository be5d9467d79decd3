import { describe, expect, test } from 'vitest';
import type { CompareOp } from '../../../src/compiler/shapes/prop.ts';
import {
  and,
  compare,
  compareNumbers,
  divides,
  holds,
  known,
  negate,
  not,
  or,
  print,
  substitute,
  varsOf,
} from '../../../src/compiler/shapes/prop.ts';
import {
  add,
  constant,
  floorDiv,
  freshVar,
  mod,
  SizeDivision,
  variable,
} from '../../../src/compiler/shapes/size.ts';

const [h, c] = [freshVar('H'), freshVar('C')];
const [H, C] = [variable(h), variable(c)];
const n = constant;
const even = divides(C, n(2));
const large = compare(H, '>=', n(3));

describe('print', () => {
  test.each([
    [even, 'C % 2 == 0'],
    [divides(add(C, n(1)), H), '(C + 1) % H == 0'],
    [compare(mod(C, n(4)), '==', n(0)), 'C % 4 == 0'],
    [large, 'H >= 3'],
    [and(large, even), 'H >= 3 and C % 2 == 0'],
    [and(large, or(even, known(false))), 'H >= 3 and (C % 2 == 0 or false)'],
    [or(and(large, even), known(true)), '(H >= 3 and C % 2 == 0) or true'],
    [not(even), 'not (C % 2 == 0)'],
    [and(), 'true'],
    [or(), 'false'],
  ])('%#', (prop, text) => {
    expect(print(prop)).toBe(text);
  });
});

test('negate is the opposite for every value', () => {
  const ops: readonly CompareOp[] = ['==', '!=', '<', '<=', '>', '>='];
  const props = [
    ...ops.map((op) => compare(H, op, C)),
    even,
    and(large, even),
    or(large, not(even)),
    known(true),
  ];
  for (const prop of props) {
    for (let x = -3; x <= 5; x++) {
      for (let y = -3; y <= 5; y++) {
        const valueOf = (v: typeof h): number => (v === h ? x : y);
        expect(holds(negate(prop), valueOf)).toBe(!holds(prop, valueOf));
      }
    }
  }
});

test('a divisor that is not positive divides nothing', () => {
  expect(holds(divides(n(4), n(2)), () => 0)).toBe(true);
  expect(holds(divides(n(4), C), () => 0)).toBe(false);
  expect(holds(divides(n(4), C), () => -2)).toBe(false);
  expect(() => holds(compare(floorDiv(H, C), '==', n(0)), () => 0)).toThrow(SizeDivision);
});

test('compareNumbers', () => {
  expect(compareNumbers(1, '<', 2)).toBe(true);
  expect(compareNumbers(2, '!=', 2)).toBe(false);
});

test('substitute and varsOf look into every part', () => {
  const prop = and(large, or(not(even), known(false)));
  expect(varsOf(prop)).toEqual([h, c]);
  const replaced = substitute(
    prop,
    new Map([
      [h, C],
      [c, add(H, n(1))],
    ]),
  );
  expect(print(replaced)).toBe('C >= 3 and (not (H % 2 == 1) or false)');
});
