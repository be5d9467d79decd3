import { describe, expect, it } from 'vitest';
import { fillInitial, initializers, initialSpec } from '../../../src/compiler/random/initializers.ts';
import type { InitialSpec } from '../../../src/compiler/random/initializers.ts';
import { normalQuantile, philox4x32, keyOf } from '../../../src/compiler/random/philox.ts';

const count = 200_000;
const fanIn = 50;
const fanOut = 200;
const draw = (spec: InitialSpec, name = 'weight', seed = 7) =>
  fillInitial(spec, [count], fanIn, fanOut, seed, name);

describe('fillInitial', () => {
  it('fills with constants', () => {
    expect([...fillInitial({ kind: 'zeros' }, [2, 2], 1, 1, 0, 'a')]).toEqual([0, 0, 0, 0]);
    expect([...fillInitial({ kind: 'ones' }, [3], 1, 1, 0, 'a')]).toEqual([1, 1, 1]);
    expect([...fillInitial({ kind: 'constant', value: -2.5 }, [], 1, 1, 0, 'a')]).toEqual([-2.5]);
  });

  // The deviations are those of the definitions; `reach` is the largest magnitude that may occur.
  const he = Math.sqrt(2 / fanIn);
  const glorot = Math.sqrt(2 / (fanIn + fanOut));
  const root3 = Math.sqrt(3);
  it.each<[InitialSpec, number, number, number]>([
    [{ kind: 'uniform', low: -1, high: 3 }, 1, 2 / root3, 3],
    [{ kind: 'normal', mean: 0.5, std: 2 }, 0.5, 2, Infinity],
    [{ kind: 'truncated_normal', mean: 0, std: 2 }, 0, 2 * 0.87962566, 4],
    [{ kind: 'he_normal', fan: 'in' }, 0, he, Infinity],
    [{ kind: 'he_normal', fan: 'out' }, 0, Math.sqrt(2 / fanOut), Infinity],
    [{ kind: 'he_uniform', fan: 'in' }, 0, he, he * root3],
    [{ kind: 'glorot_normal' }, 0, glorot, Infinity],
    [{ kind: 'glorot_uniform' }, 0, glorot, glorot * root3],
    [{ kind: 'lecun_normal' }, 0, Math.sqrt(1 / fanIn), Infinity],
    [{ kind: 'torch_default' }, 0, 1 / Math.sqrt(3 * fanIn), 1 / Math.sqrt(fanIn)],
  ])('%j has its mean, deviation and reach', (spec, mean, deviation, reach) => {
    const values = draw(spec);
    const sum = values.reduce((total, value) => total + value, 0);
    const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const error = 4 / Math.sqrt(count);
    expect(Math.abs(sum / count - mean)).toBeLessThan(error * deviation);
    expect(Math.abs(Math.sqrt(squares / count) / deviation - 1)).toBeLessThan(error);
    expect(largest).toBeLessThanOrEqual(Math.fround(reach));
    if (Number.isFinite(reach)) expect(largest).toBeGreaterThan(0.999 * reach);
  });

  it('draws normals with the right tails', () => {
    const values = draw({ kind: 'normal', mean: 0, std: 1 });
    // P(|Z| > z), and four deviations of its estimate.
    for (const [z, p] of [
      [1, 0.3173105],
      [2, 0.0455003],
      [3, 0.0026998],
    ] as const) {
      const share = values.filter((value) => Math.abs(value) > z).length / count;
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / count));
    }
  });

  it('takes element i from word i of the sequence, rounded once', () => {
    const values = draw({ kind: 'normal', mean: 1, std: 3 });
    const block = philox4x32([5, 0, 0, 0], keyOf(7, 'weight'));
    for (let i = 0; i < 4; i++) {
      const z = normalQuantile(((block[i] ?? Number.NaN) + 0.5) / 2 ** 32 - 0.5);
      expect(values[20 + i]).toBe(Math.fround(1 + 3 * z));
    }
  });

  it('depends on seed and name alone', () => {
    const spec: InitialSpec = { kind: 'normal', mean: 0, std: 1 };
    expect(draw(spec)).toEqual(draw(spec));
    expect(draw(spec, 'other')).not.toEqual(draw(spec));
    expect(draw(spec, 'weight', 8)).not.toEqual(draw(spec));
  });

  // Kept so that no change of the generator goes unnoticed: checkpoints and comparisons between targets rest on it.
  it('keeps its bytes', () => {
    expect([...fillInitial({ kind: 'normal', mean: 0, std: 1 }, [4], 1, 1, 0, 'head/weight')])
      .toMatchInlineSnapshot(`
      [
        0.9473848342895508,
        0.032607968896627426,
        0.6070675849914551,
        -0.9655192494392395,
      ]
    `);
    expect([...fillInitial({ kind: 'torch_default' }, [4], 9, 1, 42, 'stem/bias')]).toMatchInlineSnapshot(`
      [
        -0.31084463000297546,
        0.20582930743694305,
        -0.1131044551730156,
        -0.027303922921419144,
      ]
    `);
  });

  it('refuses a fan of zero where the fan matters', () => {
    expect(() => fillInitial({ kind: 'he_normal', fan: 'in' }, [1], 0, 1, 0, 'a')).toThrow(RangeError);
    expect(() => fillInitial({ kind: 'zeros' }, [1], 0, 0, 0, 'a')).not.toThrow();
  });
});

describe('initialSpec', () => {
  it('fills the defaults of the table in', () => {
    expect(initialSpec('normal', { std: 0.02 })).toEqual({ kind: 'normal', mean: 0, std: 0.02 });
    expect(initialSpec('he_normal', {})).toEqual({ kind: 'he_normal', fan: 'in' });
    expect(initialSpec('he_uniform', { fan: 'out' })).toEqual({ kind: 'he_uniform', fan: 'out' });
    expect(initialSpec('constant', { value: 3 })).toEqual({ kind: 'constant', value: 3 });
    expect(initialSpec('uniform', { low: -1, high: 1 })).toEqual({ kind: 'uniform', low: -1, high: 1 });
  });

  it('makes of every name in the table a specification that can be filled', () => {
    for (const name of Object.keys(initializers)) {
      const spec = initialSpec(name, { value: 1, low: 0, high: 1 });
      expect(spec.kind).toBe(name);
      expect(fillInitial(spec, [3], 2, 2, 0, 'a')).toHaveLength(3);
    }
  });

  it.each([
    ['nonsense', {}],
    ['toString', {}],
    ['constant', {}],
    ['uniform', { low: 0 }],
    ['he_normal', { fan: 'both' }],
  ])('refuses %s(%j)', (name, args) => {
    expect(() => initialSpec(name, args)).toThrow(RangeError);
  });
});
