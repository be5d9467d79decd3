import { expect, test } from 'vitest';
import { giveBackMemory } from '../../../src/runtime/training/give-back-memory.mjs';

test('what nobody needs any more is given back at once', () => {
  const left = new Set([Array.from({ length: 200_000 }, (_, i) => ({ name: `left behind ${i}` }))]);
  const { heapUsed: before } = process.memoryUsage();
  left.clear();
  giveBackMemory();
  expect(before - process.memoryUsage().heapUsed).toBeGreaterThan(8e6);
  // Nobody else finds a way to it that was not there before.
  expect(globalThis).not.toHaveProperty('gc');
});
