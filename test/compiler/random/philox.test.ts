import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fillWords,
  keyOf,
  normalQuantile,
  permutation,
  philox4x32,
  uniforms,
} from '../../../src/compiler/random/philox.ts';

describe('philox4x32', () => {
  // The known-answer vectors that the authors publish with Random123.
  it.each([
    ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [
      'ones',
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      'digits of pi',
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the published words for %s', (_title, counter, key, expected) => {
    expect([...philox4x32(counter, key)]).toEqual(expected);
  });

  it('agrees with a version in big integers', () => {
    const word = fc.nat({ max: 0xffffffff });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        expect([...philox4x32(counter, key)]).toEqual(inBigIntegers(counter, key));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('counts blocks as one number of 64 bits', () => {
    const words = new Uint32Array(8);
    fillWords(words, [5, 6], [0xffffffff, 7, 8, 9]);
    expect([...words]).toEqual([
      ...philox4x32([0xffffffff, 7, 8, 9], [5, 6]),
      ...philox4x32([0, 8, 8, 9], [5, 6]),
    ]);
  });
});

/** Philox 4x32-10 as its paper writes it. */
function inBigIntegers(counter: readonly number[], key: readonly number[]): number[] {
  const mask = 0xffffffffn;
  let [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = counter.map(BigInt);
  let [k0 = 0n, k1 = 0n] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const product0 = c0 * 0xd2511f53n;
    const product1 = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [
      (product1 >> 32n) ^ c1 ^ k0,
      product1 & mask,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & mask,
    ];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

describe('keyOf', () => {
  it('is 64-bit FNV-1a over the seed and the name', () => {
    // Eight zero bytes and then "a", by the definition of FNV-1a.
    let hash = 0xcbf29ce484222325n;
    for (const byte of [0, 0, 0, 0, 0, 0, 0, 0, 0x61])
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    expect(keyOf(0, 'a')).toEqual([Number(hash & 0xffffffffn), Number(hash >> 32n)]);
  });

  it('tells seeds and names apart, also beyond 32 bits and ASCII', () => {
    const keys = [
      keyOf(0, 'a'),
      keyOf(1, 'a'),
      keyOf(2 ** 32, 'a'),
      keyOf(0, 'b'),
      keyOf(0, 'ä'),
      keyOf(0, ''),
    ];
    expect(new Set(keys.map(String)).size).toBe(keys.length);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses the seed %s', (seed) => {
    expect(() => keyOf(seed, 'a')).toThrow(RangeError);
  });
});

describe('uniforms', () => {
  it('are the same for the same name and differ between streams', () => {
    const first = uniforms(1000, 3, 'dropout', 1);
    expect(uniforms(1000, 3, 'dropout', 1)).toEqual(first);
    expect(uniforms(1000, 3, 'dropout', 2)).not.toEqual(first);
    expect(uniforms(1000, 3, 'dropout', 1 + 2 ** 32)).not.toEqual(first);
  });

  it('do not depend on how many are taken', () => {
    const long = uniforms(10_001, 3, 'x');
    for (const count of [0, 1, 3, 4095, 4096, 4097])
      expect(uniforms(count, 3, 'x')).toEqual(long.slice(0, count));
  });

  it('are even, inside [0, 1), and uncorrelated with their neighbours', () => {
    const count = 1_000_000;
    const values = uniforms(count, 11, 'even');
    const bins = new Float64Array(64);
    let product = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? Number.NaN;
      const bin = Math.floor(value * 64);
      bins[bin] = (bins[bin] ?? 0) + 1;
      product += (value - 0.5) * ((values[i + 1] ?? 0.5) - 0.5);
    }
    const expected = count / 64;
    const chiSquare = bins.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeGreaterThan(28); // 63 degrees of freedom: both bounds at about 1 in 20,000
    expect(chiSquare).toBeLessThan(113);
    expect(Math.abs((product / count) * 12)).toBeLessThan(4 / Math.sqrt(count));
  });
});

describe('permutation', () => {
  it('holds each number once', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3000 }), fc.nat(), (count, seed) => {
        expect([...permutation(count, seed, 'order')].sort((a, b) => a - b)).toEqual([
          ...Array(count).keys(),
        ]);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('gives each of the six orders of three equally often', () => {
    const seen = new Map<string, number>();
    for (let stream = 0; stream < 6000; stream++) {
      const order = permutation(3, 1, 'order', stream).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const times of seen.values()) expect(Math.abs(times - 1000)).toBeLessThan(120); // four deviations
  });
});

describe('normalQuantile', () => {
  // erfinv in 40 digits (mpmath).
  it.each([
    [0, 0],
    [0.1, 0.25334710313579981317],
    [0.49, 2.3263478740408407676],
    [-0.4999999, -5.199337582187471548],
  ])('of %s', (q, expected) => {
    expect(Math.abs(normalQuantile(q) - expected)).toBeLessThanOrEqual(4e-16 * Math.abs(expected));
  });

  it('is odd, increasing, and continuous where its two formulas meet', () => {
    for (let k = 1; k < 2 ** 12; k++) {
      const q = k / 2 ** 13;
      expect(normalQuantile(-q)).toBe(-normalQuantile(q));
      expect(normalQuantile(q)).toBeGreaterThan(normalQuantile(q - 2 ** -13));
    }
    expect(normalQuantile(0.425 + 1e-15) - normalQuantile(0.425)).toBeLessThan(2e-14);
  });

  it.each([0.5, -0.5, 1, Number.NaN])('refuses %s', (q) => {
    expect(() => normalQuantile(q)).toThrow(RangeError);
  });
});
