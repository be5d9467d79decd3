import { describe, expect, test } from 'vitest';
import { deviationOf, difference } from '../../src/verify/difference.ts';
import { firstDifferentBlock } from '../../src/verify/first-different-block.ts';
import { Span } from '../../src/compiler/source/span.ts';

describe('difference', () => {
  test('counts the largest deviation against the largest value', () => {
    expect(difference([1.5, -4, 0.25], [1, -4, 0]).relative).toBe(0.125);
  });

  test.each([
    ['lengths that differ', [1, 2], [1]],
    ['what is not a number', [NaN], [1]],
    ['what is infinite', [Infinity], [1]],
    ['a reference that is not a number', [1], [NaN]],
  ])('is infinite for %s', (_, actual, reference) => {
    expect(difference(actual, reference).relative).toBe(Infinity);
  });

  test('is the deviation itself where the reference is 0', () => {
    expect(difference([0.5, 0], [0, 0]).relative).toBe(0.5);
    expect(difference([], []).relative).toBe(0);
  });
});

test('deviationOf is that of the whole population', () => {
  expect(deviationOf([1, 3])).toBe(1);
  expect(deviationOf([2, 2, 2])).toBe(0);
});

describe('firstDifferentBlock', () => {
  const block = (path: string) => ({ path, block: 'B', values: [], span: Span.startOf('') });
  const blocks = [block('a'), block('b'), block('c')];
  const value = (...data: number[]) => [{ shape: [data.length], data }];

  test('finds the first, not the worst', () => {
    const reference = [value(1, 2), value(3, 4), value(5, 6)];
    const actual = [value(1, 2), value(3, 4.1), value(50, 60)];
    expect(firstDifferentBlock(blocks, actual, reference, 1e-4)?.path).toBe('b');
    expect(firstDifferentBlock(blocks, reference, reference, 1e-4)).toBeUndefined();
  });

  test('does not mind in which order axes lie', () => {
    const [chw, hwc] = [
      { shape: [2, 1, 3], data: [1, 2, 3, 4, 5, 6] },
      { shape: [1, 3, 2], data: [1, 4, 2, 5, 3, 6] },
    ];
    const shuffled = { ...hwc, data: [1, 2, 3, 4, 5, 6] };
    expect(firstDifferentBlock([block('a')], [[hwc]], [[chw]], 1e-6)).toBeUndefined();
    expect(firstDifferentBlock([block('a')], [[shuffled]], [[chw]], 1e-6)?.path).toBe('a');
  });

  test('passes over what a pass has removed, and blames nobody where calls cannot be matched', () => {
    const reference = [value(1), [undefined], value(2)];
    expect(firstDifferentBlock(blocks, [value(1), value(9), value(3)], reference, 1e-4)?.path).toBe('c');
    expect(firstDifferentBlock(blocks, [value(9)], reference, 1e-4)).toBeUndefined();
  });
});
