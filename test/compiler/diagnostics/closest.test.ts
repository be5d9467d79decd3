import { describe, expect, it } from 'vitest';
import { closest } from '../../../src/compiler/diagnostics/closest.ts';

describe('closest', () => {
  it.each([
    ['rleu', 'relu'],
    ['e2', 'e1'],
    ['encoder', 'Encoder'],
    ['nestrov', 'nesterov'],
    ['x', 'X'],
  ])('%s means %s', (word, meant) => {
    expect(closest(word, ['relu', 'e1', 'Encoder', 'nesterov', 'X', 'y'])).toBe(meant);
  });

  it.each(['q', 'depth', 'flatten', ''])('nothing is meant by %j', (word) => {
    expect(closest(word, ['relu', 'e1', 'X', 'y'])).toBeUndefined();
  });
});
