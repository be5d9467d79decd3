import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fastFill } from '../../../src/compiler/random/fast-fill.ts';
import { assembleFillKernels } from '../../../src/compiler/random/fill-kernels.ts';
import { fillInitial, type InitialSpec } from '../../../src/compiler/random/initializers.ts';

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

const specs: { readonly [K in InitialSpec['kind']]: InitialSpec } = {
  zeros: { kind: 'zeros' },
  ones: { kind: 'ones' },
  constant: { kind: 'constant', value: 0.1 },
  uniform: { kind: 'uniform', low: -0.3, high: 1.7 },
  normal: { kind: 'normal', mean: 0.7, std: 0.02 },
  truncated_normal: { kind: 'truncated_normal', mean: -0.1, std: 1.3 },
  he_normal: { kind: 'he_normal', fan: 'out' },
  he_uniform: { kind: 'he_uniform', fan: 'in' },
  glorot_normal: { kind: 'glorot_normal' },
  glorot_uniform: { kind: 'glorot_uniform' },
  lecun_normal: { kind: 'lecun_normal' },
  torch_default: { kind: 'torch_default' },
};

/** As integers: a comparison of floats would take 0 for -0. */
const bits = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/** The index of the first difference in bits; expecting whole arrays to be equal takes seconds for a million. */
function firstDifference(spec: InitialSpec, count: number, seed: number, name: string): number | undefined {
  const fast = fastFill(spec, [count], 9, 14, seed, name);
  const plain = fillInitial(spec, [count], 9, 14, seed, name);
  expect(fast).toHaveLength(count);
  const [a, b] = [bits(fast), bits(plain)];
  const at = a.findIndex((word, i) => word !== b[i]);
  return at < 0 ? undefined : at;
}

describe('fastFill', () => {
  it('has its WebAssembly here, so that the tests below compare two different things', () => {
    expect(WebAssembly.validate(assembleFillKernels())).toBe(true);
  });

  it.each(Object.values(specs))('gives the bytes of fillInitial for $kind', (spec) => {
    for (const count of [0, 1, 2, 3, 4, 5, 15, 16, 17, 63, 4095, 4096, 4097, 8190, 300_001]) {
      expect(firstDifference(spec, count, 3, 'stem/conv/weight'), `${count} values`).toBeUndefined();
    }
  });

  // What differs in float64 seldom differs after rounding to float32: a wrong last digit needs many values to be seen.
  it('gives them for millions of normal values', () => {
    expect(firstDifference(specs.normal, 4_000_000, 1, 'a')).toBeUndefined();
    expect(firstDifference({ kind: 'normal', mean: 0, std: 1 }, 4_000_000, 2, 'b')).toBeUndefined();
  });

  it('gives them for any seed, name, size and order of calls', () => {
    const spec = fc.constantFrom(...Object.values(specs));
    fc.assert(
      fc.property(spec, fc.nat({ max: 9000 }), fc.maxSafeNat(), fc.string(), (spec, count, seed, name) => {
        expect(firstDifference(spec, count, seed, name)).toBeUndefined();
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('refuses what fillInitial refuses', () => {
    expect(() => fastFill(specs.he_normal, [1], 9, 0, 0, 'a')).toThrow(RangeError);
    expect(() => fastFill(specs.normal, [1], 9, 9, -1, 'a')).toThrow(RangeError);
  });
});

describe('where there is no WebAssembly, or none with SIMD', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['none', undefined],
    ['no SIMD', { validate: () => false }],
  ])('fastFill is fillInitial: %s', async (_title, engine) => {
    vi.stubGlobal('WebAssembly', engine);
    vi.resetModules();
    const fresh = await import('../../../src/compiler/random/fast-fill.ts');
    const values = fresh.fastFill(specs.he_normal, [5, 7], 9, 14, 3, 'a');
    expect(bits(values)).toEqual(bits(fillInitial(specs.he_normal, [5, 7], 9, 14, 3, 'a')));
  });
});
