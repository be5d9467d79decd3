import { expect, test } from 'vitest';
import { changeDifference } from '../../src/verify/change-difference.ts';
import { stateFloors } from '../../src/verify/state-floors.ts';
import { GraphBuilder } from '../support/graph-builder.ts';
import { array } from '../support/model-graph.ts';

/** A running mean of what has two channels: the first with a mean of 0.5, the second without any but for rounding. */
const x = array({ N: 2, C: 2 }, Float64Array.of(1.5, 3, -0.5, -3));

function floorOfMean(): number {
  const b = new GraphBuilder();
  const old = b.weight('mean', { C: 2 });
  const mean = b.op('mean', [b.input('x', { N: 2, C: 2 })], { over: ['N'] });
  b.update('mean', b.op('add', [b.op('mul', [old, b.number(0.9)]), b.op('mul', [mean, b.number(0.1)])]));
  const floors = stateFloors(b.build(), new Map([['x', x]]), new Map([['mean', new Float32Array(2)]]));
  return floors.get('mean') ?? NaN;
}

const differenceOf = (actual: readonly number[], expected: readonly number[]): number =>
  changeDifference(
    { before: [0, 0], actual, expected },
    { gradient: undefined, largest: 1, floor: floorOfMean() },
  );

test('a sum has the digits of what it adds up', () => {
  expect(floorOfMean()).toBe(3 * 2 ** -22);
});

test('a mean of 0 is one with the rounding of what was summed', () => {
  expect(differenceOf([3e-7, -3e-7], [1e-18, -1e-17])).toBe(0);
  expect(differenceOf([3e-7, -3e-6], [1e-18, -1e-17])).toBeGreaterThan(1);
});

test('a mean that is 5 % off is a mistake', () => {
  expect(differenceOf([0.05 * 1.05, 0], [0.05, 0])).toBeCloseTo(0.05, 4);
  expect(differenceOf([0.05, NaN], [0.05, 0])).toBe(Infinity);
});
