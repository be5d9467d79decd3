import { describe, expect, test } from 'vitest';
import type { Size } from '../../../src/compiler/shapes/size.ts';
import {
  add,
  ceilDiv,
  constant,
  equalSize,
  evaluate,
  floorDiv,
  freshVar,
  isConstant,
  isSize,
  mod,
  mul,
  neg,
  pow,
  print,
  scale,
  SizeDivision,
  SizeOverflow,
  SizeTooLarge,
  sub,
  substitute,
  variable,
  varsOf,
} from '../../../src/compiler/shapes/size.ts';

const vars = {
  H: freshVar('H'),
  W: freshVar('W'),
  C: freshVar('C'),
  growth: freshVar('growth'),
  i: freshVar('i'),
  paths: freshVar('paths'),
};
const H = variable(vars.H);
const W = variable(vars.W);
const C = variable(vars.C);
const growth = variable(vars.growth);
const i = variable(vars.i);
const paths = variable(vars.paths);
const n = constant;

/** Output size of a convolution or a pooling. */
function windows(size: Size, kernel: number, stride: number, padding: number): Size {
  return add(floorDiv(add(size, n(2 * padding - kernel)), n(stride)), n(1));
}

function expectEqual(a: Size, b: Size): void {
  expect(print(a)).toBe(print(b));
  expect(a.key).toBe(b.key);
  expect(equalSize(a, b)).toBe(true);
}

describe('normal form', () => {
  test('sums and products do not depend on the way they are written', () => {
    expectEqual(mul(add(H, W), sub(H, W)), sub(mul(H, H), mul(W, W)));
    expectEqual(add(add(C, mul(i, growth)), growth), add(C, mul(add(i, n(1)), growth)));
    expectEqual(sub(H, H), n(0));
    expectEqual(pow(add(H, n(1)), 2), add(add(mul(H, H), scale(H, 2)), n(1)));
  });

  test('whole parts move out of a floor', () => {
    expectEqual(floorDiv(add(H, n(7)), n(4)), add(floorDiv(add(H, n(3)), n(4)), n(1)));
    expectEqual(floorDiv(sub(scale(H, 4), W), n(4)), add(H, floorDiv(neg(W), n(4))));
    expectEqual(floorDiv(add(C, paths), paths), add(floorDiv(C, paths), n(1)));
    expectEqual(floorDiv(mul(C, paths), paths), C);
  });

  test('common factors cancel', () => {
    expectEqual(floorDiv(scale(C, 2), n(4)), floorDiv(C, n(2)));
    expectEqual(floorDiv(add(scale(C, 2), n(1)), n(4)), floorDiv(C, n(2)));
    expectEqual(floorDiv(mul(C, paths), mul(growth, paths)), floorDiv(C, growth));
    expectEqual(floorDiv(n(1), scale(paths, 2)), n(0));
  });

  test('nested floors become one', () => {
    expectEqual(floorDiv(floorDiv(H, n(2)), n(3)), floorDiv(H, n(6)));
    expectEqual(floorDiv(add(floorDiv(H, n(2)), n(1)), n(2)), floorDiv(add(H, n(2)), n(4)));
    expectEqual(floorDiv(floorDiv(C, paths), n(2)), floorDiv(floorDiv(C, n(2)), paths));
  });

  test('ceildiv and % are floors', () => {
    expectEqual(ceilDiv(H, n(2)), floorDiv(add(H, n(1)), n(2)));
    expectEqual(mod(H, n(3)), sub(H, scale(floorDiv(H, n(3)), 3)));
    expectEqual(mod(scale(H, 6), n(3)), n(0));
    expectEqual(mod(sub(scale(H, 6), n(1)), n(3)), n(2));
  });

  test('the taps of DenseNet come out as floors of H + 3', () => {
    const stem = windows(windows(H, 7, 2, 3), 3, 2, 1);
    const eighth = windows(stem, 2, 2, 0);
    const sixteenth = windows(eighth, 2, 2, 0);
    const thirtySecond = windows(sixteenth, 2, 2, 0);
    expect([eighth, sixteenth, thirtySecond].map((size) => print(size))).toEqual([
      'floordiv(H + 3, 8)',
      'floordiv(H + 3, 16)',
      'floordiv(H + 3, 32)',
    ]);
    expect(evaluate(thirtySecond, () => 224)).toBe(7);
  });

  test('the key does not depend on the names of variables, but on their identity', () => {
    const other = variable(freshVar('H'));
    expect(equalSize(H, other)).toBe(false);
    expect(H.key).not.toBe(other.key);
  });
});

describe('constants', () => {
  test('compute exactly', () => {
    expect(isConstant(floorDiv(n(-7), n(2)))).toBe(-4);
    expect(isConstant(ceilDiv(n(-7), n(2)))).toBe(-3);
    expect(isConstant(mod(n(-7), n(2)))).toBe(1);
    expect(isConstant(floorDiv(n(Number.MAX_SAFE_INTEGER), n(2)))).toBe(4503599627370495);
    expect(isConstant(mul(n(0), n(-5)))).toBe(0);
    expect(Object.is(isConstant(neg(n(0))), 0)).toBe(true);
    expect(isConstant(H)).toBeUndefined();
  });

  test('are recognised where they come out of variables', () => {
    expect(isConstant(sub(add(H, n(5)), H))).toBe(5);
  });
});

describe('limits', () => {
  test('leaving the safe integers throws SizeOverflow', () => {
    const large = n(2 ** 52);
    expect(() => add(large, large)).toThrow(SizeOverflow);
    expect(() => mul(large, n(4))).toThrow(SizeOverflow);
    expect(() => scale(mul(H, large), 4)).toThrow(SizeOverflow);
    expect(() => constant(0.5)).toThrow(SizeOverflow);
    expect(() => evaluate(mul(H, H), () => 2 ** 40)).toThrow(SizeOverflow);
  });

  test('expressions that explode throw SizeTooLarge', () => {
    const sum = [H, W, C, growth, i, paths].reduce(add);
    expect(() => pow(sum, 8)).toThrow(SizeTooLarge);
    expect(() => pow(H, 1000)).toThrow(SizeTooLarge);
    let nested = H;
    expect(() => {
      for (let k = 0; k < 100; k++) nested = floorDiv(add(mul(nested, nested), nested), add(paths, n(1)));
    }).toThrow(SizeTooLarge);
  });

  test('a divisor below 1 throws SizeDivision', () => {
    expect(() => floorDiv(H, n(0))).toThrow(SizeDivision);
    expect(() => mod(H, n(-2))).toThrow(SizeDivision);
    expect(() => evaluate(floorDiv(H, W), (v) => (v === vars.W ? 0 : 3))).toThrow(SizeDivision);
    expect(() => substitute(floorDiv(H, W), new Map([[vars.W, n(0)]]))).toThrow(SizeDivision);
  });
});

describe('substitute', () => {
  test('replaces all at once, inside floors too', () => {
    const size = add(floorDiv(H, W), scale(W, 2));
    const swapped = new Map([
      [vars.H, W],
      [vars.W, H],
    ]);
    expectEqual(substitute(size, swapped), add(floorDiv(W, H), scale(H, 2)));
    expect(
      isConstant(
        substitute(
          size,
          new Map([
            [vars.H, n(7)],
            [vars.W, n(2)],
          ]),
        ),
      ),
    ).toBe(7);
  });

  test('returns a size without the variables as it is', () => {
    const size = add(mul(H, H), n(1));
    expect(substitute(size, new Map([[vars.W, n(3)]]))).toBe(size);
  });
});

test('varsOf finds variables inside floors, each once', () => {
  expect(varsOf(add(floorDiv(H, add(paths, n(1))), mul(H, C)))).toEqual([vars.H, vars.C, vars.paths]);
});

test('isSize tells sizes from other values', () => {
  expect([H, n(3)].every(isSize)).toBe(true);
  expect([3, 'H', null, { terms: [] }].some(isSize)).toBe(false);
});

describe('print', () => {
  test.each([
    [n(0), '0'],
    [n(-3), '-3'],
    [sub(H, n(1)), 'H - 1'],
    [sub(n(1), H), '1 - H'],
    [neg(H), '-H'],
    [add(scale(C, 2), mul(growth, i)), '2 * C + growth * i'],
    [floorDiv(C, n(2)), 'floordiv(C, 2)'],
    [floorDiv(add(H, n(3)), n(8)), 'floordiv(H + 3, 8)'],
    [floorDiv(scale(H, 3), n(8)), 'floordiv(3 * H, 8)'],
    [mul(paths, floorDiv(C, paths)), 'paths * floordiv(C, paths)'],
    [floorDiv(C, add(paths, n(1))), 'floordiv(C, paths + 1)'],
    [floorDiv(sub(H, W), n(2)), 'floordiv(H - W, 2)'],
    [neg(floorDiv(C, n(2))), '-floordiv(C, 2)'],
    [windows(H, 3, 2, 0), 'floordiv(H - 1, 2)'],
    [mod(C, n(4)), 'C % 4'],
    [add(scale(mod(C, paths), 3), H), '3 * (C % paths) + H'],
    [neg(mod(C, n(4))), '-(C % 4)'],
    [mul(H, H), 'H * H'],
  ])('%#: $1', (size, text) => {
    expect(print(size)).toBe(text);
  });

  test('shows a quotient as exact when told so', () => {
    expect(print(floorDiv(C, n(2)), { isExact: () => true })).toBe('C / 2');
    expect(print(mul(H, floorDiv(C, paths)), { isExact: (_, by) => by === paths })).toBe('H * (C / paths)');
  });
});
