import { expect, test } from 'vitest';
import { median, row } from '../../bench/row.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([10, 9, 100])).toBe(10);
  expect(median([4, 1, 100, 2])).toBe(3);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('a claim holds up to its limit', () => {
  expect(row('a', 3, 2, 1.5)).toEqual({ name: 'a', ours: 3, peer: 2, ratio: 1.5, limit: 1.5, holds: true });
  expect(row('a', 3.1, 2, 1.5).holds).toBe(false);
});

test('a claim does not hold where nothing was measured', () => {
  expect(row('a', NaN, 2, 1.5).holds).toBe(false);
  expect(row('a', 1, median([]), 1.5).holds).toBe(false);
});
