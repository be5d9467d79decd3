import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compiler/compile.ts';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { memoryReader } from '../../../src/compiler/source/reader.ts';
import { shapeOf, type Outputs } from '../../../src/verify/tensors.ts';
import { testInputs } from '../../../src/verify/test-inputs.ts';
import { outputsDiffer } from './compare-outputs.ts';
import { roundingAtRandom, roundingDeviations } from './rounding.ts';

/** Outputs of what a model makes of x, every element of which is then off by something. */
function offBy(body: string, by: (value: number) => number): string | undefined {
  const source = `language 1\n\nmodel M {\n  input x: [N, C: 9]\n  output y = ${body}\n}\n`;
  const { module } = compile('m.net', { reader: memoryReader({ 'm.net': source }) });
  const graph = module && flatten(module, { mode: 'infer' }).graph;
  if (graph === undefined) throw new Error('the program does not compile');
  const inputs = testInputs(graph, 3);
  const outputs = [...interpretGraph(graph, inputs, new Map()).outputs];
  const values = (change: (value: number) => number): Outputs =>
    new Map(outputs.map(([name, array]) => [name, { shape: shapeOf(array), data: array.data.map(change) }]));
  return outputsDiffer(
    values((value) => value + by(value)),
    values((value) => value),
    () => roundingDeviations(graph, inputs, new Map()),
  );
}

describe('outputs of a target', () => {
  it('may differ by a share of the largest', () => {
    expect(offBy('tanh(x)', () => 5e-5)).toBeUndefined();
    expect(offBy('tanh(x)', () => 5e-4)).toMatch(/^gives y with values that are off by \d/);
  });

  it('may differ by what rounding does where terms cancel, and by no more', () => {
    const cancels = 'mean(x - mean(x, over: [C]), over: [C])';
    expect(offBy(cancels, () => 1e-6)).toBeUndefined();
    expect(offBy(cancels, () => 1e-4)).toMatch(/and rounding makes \d\.\de-[78]$/);
  });

  it('may differ by what functions that are approximated are granted', () => {
    expect(offBy('sigmoid(x - 40)', (value) => -value)).toBeUndefined();
    expect(offBy('exp(x - 40)', (value) => -value)).toMatch(/^gives y with values that are off/);
  });

  it('may not differ where nothing is rounded', () => {
    expect(offBy('relu(x) - relu(x)', () => 1e-7)).toMatch(/and rounding makes 0\.0e\+0$/);
  });
});

describe('roundingAtRandom', () => {
  const round = roundingAtRandom(1);

  it('leaves what float32 can hold', () => {
    for (const value of [0, 1, -0.5, 2 ** 24, Math.fround(0.1)]) expect(round(value)).toBe(value);
  });

  it('gives one of the two neighbours, in the mean the value', () => {
    for (const value of [0.1, -0.1, 1 / 3, -1e-50, 5e20 / 3]) {
      const rounded = Array.from({ length: 4_000 }, () => round(value));
      const kinds = [...new Set(rounded)].sort((a, b) => a - b);
      const [low = NaN, high = low] = kinds;
      for (const kind of kinds) expect(Math.fround(kind)).toBe(kind);
      if (kinds.length > 1) expect(low < value && value < high).toBe(true);
      const mean = rounded.reduce((sum, x) => sum + x, 0) / rounded.length;
      expect(Math.abs(mean - value)).toBeLessThan(0.05 * Math.max(high - low, 2 ** -149));
    }
  });
});
