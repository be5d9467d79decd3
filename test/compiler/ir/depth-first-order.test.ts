import { expect, test } from 'vitest';
import { depthFirstOrder, depthsOf, leavesOf } from '../../../src/compiler/ir/depth-first-order.ts';

test('what is needed first stands first, and nothing stands before it is needed', () => {
  // 0 and 1 begin; 2 reads 0, 3 reads 2 and 1: 1 waits for 2.
  expect(depthFirstOrder([[], [], [0], [2, 1]])).toEqual([0, 2, 1, 3]);
});

test('the result with the shortest way comes first, wherever it stands', () => {
  expect(depthFirstOrder([[], [0], [1], [2], [0]])).toEqual([0, 4, 1, 2, 3]);
});

test('of equals the first comes first', () => {
  expect(depthFirstOrder([[], [], [0], [1]])).toEqual([0, 2, 1, 3]);
});

test('every node stands once, behind all that it reads, however deep they are', () => {
  const reads = Array.from({ length: 100_000 }, (_, at) => (at === 0 ? [] : [at - 1, Math.floor(at / 2)]));
  const order = depthFirstOrder(reads.map((own, at) => [...new Set(own.filter((read) => read < at))]));
  expect(order).toEqual(reads.map((_own, at) => at));
});

test('no nodes have no order', () => {
  expect(depthFirstOrder([])).toEqual([]);
});

test('depths and leaves', () => {
  const reads = [[], [0], [1, 0], [0]];
  expect(depthsOf(reads)).toEqual([1, 2, 3, 2]);
  expect(leavesOf(reads)).toEqual([2, 3]);
});
