import { describe, expect, test } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { elementCount, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { gainGradient, gainGradientSample } from '../../../src/compiler/ops/gain-gradient.ts';
import { gainFromWeights } from '../../../src/compiler/passes/gain-from-weights.ts';
import { normBeforeConvolution } from '../../support/norm-before-convolution.ts';
import { randomInputs, randomNumbers, relativeError } from '../../support/random-values.ts';
import { onnxGradients } from '../autodiff/onnx-gradients.ts';
import { onnxGraph, runOnnx } from './onnx-functions.ts';
import { physical } from './physical.ts';
import { sampleRun } from './sample-runs.ts';

/** A gain, an offset and a variance for each of three channels. */
interface Vectors {
  readonly gain: readonly number[];
  readonly offset: readonly number[];
  readonly variance: readonly number[];
}

/**
 * The way by which it is computed in ONNX Runtime. The inputs have nothing to do with each other here, and so neither have
 * the sum of g x and what stands for it.
 */
async function wayOf({ gain, offset, variance }: Vectors): Promise<'weights' | 'images' | 'neither'> {
  const run = sampleRun(gainGradient, gainGradientSample({ N: 2, C: 3, H: 5, W: 4 }, [1, 2]), 0);
  const [g, , , , total, weight, dweight, ...pieces] = run.inputs;
  if (g === undefined || total === undefined || weight === undefined || dweight === undefined)
    throw new Error('inputs are missing');
  const vector = (values: readonly number[]): NdArray => ({
    type: total.type,
    data: Float64Array.from(values, Math.fround),
  });
  const vectors = [gain, offset, variance].map(vector);
  const inputs = [g, ...vectors, total, weight, dweight, ...pieces];
  const placed = physical({ ...run, inputs }, 'channels-first', {
    name: 'as written',
    sort: (names) => names,
  });
  const [result] = await runOnnx(onnxGraph(placed), placed.arranged);
  const actual = result?.data as Float32Array;
  const fromImages = placed.expected[0]?.data ?? new Float64Array();
  const taps = elementCount(weight.type) / (3 * 2);
  const fromWeights = Float64Array.from(gain, (divisor, c) => {
    let sum = -(offset[c] ?? NaN) * (total.data[c] ?? NaN);
    weight.data.forEach((w, at) => {
      if (Math.floor(at / taps) % 3 === c) sum += w * (dweight.data[at] ?? NaN);
    });
    return sum / divisor;
  });
  if (relativeError(actual, fromImages) < 1e-5) return 'images';
  return relativeError(actual, fromWeights) < 1e-5 ? 'weights' : 'neither';
}

describe('which way it goes, it says when it runs', () => {
  const variance = [1, 4, 0.25];
  test.each<readonly [string, 'weights' | 'images', Vectors]>([
    ['gains with small offsets', 'weights', { gain: [1, -0.5, 2], offset: [0.9, -0.9, 0], variance }],
    ['gains near 0', 'weights', { gain: [1e-6, -1e-8, 2], offset: [0.9e-6, 0, 0], variance }],
    ['large negative offsets', 'weights', { gain: [0.1, -0.5, 2], offset: [-100, -1, -3], variance }],
    ['an offset above the deviation', 'images', { gain: [1, -0.5, 2], offset: [0, 1.01, 0], variance }],
    ['a gain of 0', 'images', { gain: [1, 0, 2], offset: [0, 0, 0], variance }],
    ['a gain of 0, where nothing passes', 'images', { gain: [1, 0, 2], offset: [0, -1, 0], variance }],
    ['a gain of next to nothing', 'images', { gain: [1, 1e-30, 2], offset: [0, 0, 0], variance }],
    ['a channel that does not vary', 'images', { gain: [1, 1, 2], offset: [0, 0, 0], variance: [1, 0, 1] }],
  ])('%s: by the %s', async (_what, way, vectors) => {
    expect(await wayOf(vectors)).toBe(way);
  });
});

/** How gamma and beta of a channel are drawn from its number and from something in [-1, 1). */
type Draw = (channel: number, drawn: number) => readonly [gamma: number, beta: number];

const sign = (channel: number): number => (channel % 2 === 0 ? 1 : -1);

describe('in float32 it is at most four times as far from float64 as the sum of products is', () => {
  const cases: readonly (readonly [string, Draw])[] = [
    ['as a net starts', () => [1, 0]],
    ['gammas of both signs', (c, u) => [sign(c) * (1 + u / 2), u / 2]],
    ['betas as large as may be', (c) => [sign(c), 0.95]],
    ['betas that let little through', (c, u) => [sign(c) * 0.2, -0.2 + u / 10]],
    ['betas that are too large', (c, u) => [sign(c) / 10, 10 * u]],
    ['gammas near 0', (c, u) => [sign(c) * 1e-8 * (1.5 + u), -1e-9]],
    ['gammas next to 0', (c, u) => [sign(c) * 1e-20 * (1.5 + u), 0]],
    ['a gamma of 0 among others', (c, u) => [c === 3 ? 0 : 1 + u / 2, 0.1]],
    ['a gamma of 0 behind which nothing is', (c, u) => [c === 3 ? 0 : 1 + u / 2, -0.1]],
  ];
  const shapes = [
    { pieces: [8], kernel: 1, stride: 1 },
    { pieces: [3, 5], kernel: 3, stride: 1, size: 12 },
    { pieces: [8], kernel: 3, stride: 2, size: 13 },
  ];
  test.each(cases.flatMap(([name, draw]) => shapes.map((shape) => ({ name, draw, shape }))))(
    '$name: $shape',
    async ({ draw, shape }) => {
      const before = normBeforeConvolution(shape).build();
      const after = gainFromWeights.run(before);
      expect(after.nodes.map(({ op }) => op)).toContain('gain_gradient');
      const inputs = new Map(randomInputs(before, 1));
      const vectorOf = (which: 0 | 1): NdArray => ({
        type: { dtype: 'f32', axes: [{ name: 'C', size: 8 }] },
        data: Float64Array.from(randomNumbers(8, 5), (u, c) => Math.fround(draw(c, u)[which])),
      });
      inputs.set('gamma', vectorOf(0)).set('beta', vectorOf(1));
      const exact = interpretGraph(before, inputs, new Map()).outputs.get('dgain')?.data;
      if (exact === undefined) throw new Error('there is no gradient');
      const errorOf = async (graph: Graph): Promise<number> =>
        relativeError((await onnxGradients({ graph, inputs })).get('dgain') ?? [], exact);
      expect(await errorOf(after)).toBeLessThan(4 * Math.max(await errorOf(before), 2e-7));
    },
  );
});
