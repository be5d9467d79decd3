import { describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { cost } from '../../src/compiler/passes/cost.ts';
import { uniforms } from '../../src/compiler/random/philox.ts';
import { initialWeights } from '../../src/compiler/targets/initial-weights.ts';
import { emitOnnx } from '../../src/compiler/targets/onnx.ts';
import type { SafeTensor } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { runOnnx } from '../support/onnx-runtime.ts';
import { runProgram } from '../support/tfjs-program.ts';
import { numbersOf } from '../support/oracle.ts';
import { relativeDifference } from '../support/random-values.ts';

const batch = 2;

function parametersOf(path: string): number | undefined {
  return cost(graphOf(moduleOf(path), { mode: 'infer' }))[0]?.parameters;
}

/** The sizes of each output behind the batch. */
function shapesOf(graph: Graph): Record<string, readonly (number | undefined)[]> {
  return Object.fromEntries(
    graph.outputs.map(({ name, value }) => [name, value.type.axes.slice(1).map(({ size }) => size.value)]),
  );
}

/** A kernel of so many elements from every channel to every channel. */
const filter = (from: number, to: number, elements: number): number => from * to * elements;
/** Scale and shift. */
const norm = (channels: number): number => 2 * channels;

describe('fpn-detector', () => {
  it('has the weights of ResNet-50, of the pyramid and of two heads', () => {
    const width = 256;
    const conv3 = filter(width, width, 9) + width;
    // torchvision's, but for the classifier.
    const backbone = 25_557_032 - (2048 * 1000 + 1000);
    const laterals = [512, 1024, 2048].reduce((sum, channels) => sum + filter(channels, width, 1) + width, 0);
    const head = (each: number): number => 4 * conv3 + filter(width, 9 * each, 9) + 9 * each;
    const expected = backbone + laterals + 5 * conv3 + head(91) + head(4);
    expect(expected).toBe(34_014_999 + 53_120);
    expect(parametersOf('models/fpn-detector.net')).toBe(expected);
  });

  it('gives scores and boxes of five levels', () => {
    const module = moduleOf('models/fpn-detector.net', { set: { size: '384', classes: '3' } });
    const shapes = shapesOf(graphOf(module, { mode: 'infer' }));
    for (const [i, side] of [48, 24, 12, 6, 3].entries()) {
      const level = i + 3;
      expect(shapes[`scores${level}`]).toEqual([9, 3, side, side]);
      expect(shapes[`boxes${level}`]).toEqual([9, 4, side, side]);
    }
    expect(Object.keys(shapes)).toHaveLength(10);
  });
});

describe('resnet1d', () => {
  it('has the weights of its stem, of four units and of its classifier', () => {
    const widths = [64, 128, 196, 256, 320];
    const units = widths.slice(1).reduce((sum, to, i) => {
      const from = widths[i] ?? NaN;
      return sum + filter(from, to, 17) + filter(to, to, 17) + 2 * norm(to) + filter(from, to, 1);
    }, 0);
    const expected = filter(12, 64, 17) + norm(64) + units + (320 * 16 + 1) * 6;
    expect(expected).toBe(6_810_790);
    expect(parametersOf('models/resnet1d.net')).toBe(expected);
  });

  it('gives one score for each abnormality', () => {
    const shapes = shapesOf(graphOf(moduleOf('models/resnet1d.net'), { mode: 'infer' }));
    expect(shapes).toEqual({ logits: [6], probability: [6] });
  });
});

describe('autoencoder', () => {
  it('has the weights of its way down, of its code and of its way up', () => {
    const down = [1, 32, 64, 128, 256];
    const steps = down.slice(1).reduce((sum, to, i) => sum + filter(down[i] ?? NaN, to, 16) + norm(to), 0);
    const up = [256, 128, 64, 32];
    const back = up.slice(1).reduce((sum, to, i) => sum + filter(up[i] ?? NaN, to, 16) + norm(to), 0);
    const code = (256 * 4 * 4 + 1) * 64 + (64 + 1) * 256 * 4 * 4;
    const expected = steps + code + back + filter(32, 1, 16) + 1;
    expect(expected).toBe(1_907_137);
    expect(parametersOf('models/autoencoder.net')).toBe(expected);
  });

  it('gives back an image of the size it was given', () => {
    const module = moduleOf('models/autoencoder.net', { set: { size: '48' } });
    const shapes = shapesOf(graphOf(module, { mode: 'infer' }));
    expect(shapes).toEqual({ reconstruction: [1, 48, 48], z: [64], error: [] });
  });
});

describe.each([
  { name: 'resnet1d', input: 'signal', sizes: { C: 12, T: 256 }, set: { samples: '256', kernel: '5' } },
  { name: 'autoencoder', input: 'image', sizes: { C: 1, H: 32, W: 32 }, set: { size: '32', width: '4' } },
])('$name on its targets', ({ name, input, sizes, set }) => {
  const module = moduleOf(`models/${name}.net`, { set });
  const graph = graphOf(module, { mode: 'infer' });
  const weights = initialWeights(graph.params, 3);
  const count = Object.values(sizes).reduce((product, size) => product * size, batch);
  const values = uniforms(count, 5, input).map((u) => 2 * u - 1);
  const given = array({ N: batch, ...sizes }, Float64Array.from(values));
  const { outputs: wanted } = interpretGraph(graph, new Map([[input, given]]), weights);

  it('is what the interpreter computes, on ONNX Runtime', async () => {
    const provenance = { sourceSha256: '0'.repeat(64), languageVersion: '1', compilerVersion: '0.0.0' };
    const { model } = emitOnnx(module, { provenance, weights });
    if (model === undefined) throw new Error('there is no model');
    const outputs = await runOnnx(await encodeOnnx(model), new Map([[input, given]]));
    expect(outputs.size).toBe(wanted.size);
    for (const [output, { data }] of wanted) {
      expect(relativeDifference(outputs.get(output)?.data ?? [], data), output).toBeLessThan(1e-5);
    }
  });

  it('is what the interpreter computes, on TensorFlow.js', async () => {
    const shapes = new Map(
      graph.params.map(({ path, value }) => [path, value.type.axes.map(({ size }) => size.value ?? NaN)]),
    );
    const tensors = new Map<string, SafeTensor>([
      [input, { dtype: 'F32', shape: [batch, ...Object.values(sizes)], data: values }],
      ...[...weights].map(
        ([path, data]) =>
          [
            `weight/${path}`,
            { dtype: 'F32', shape: shapes.get(path) ?? [], data: Float32Array.from(data) },
          ] as const,
      ),
    ]);
    const program = await runProgram(module, 'network', tensors);
    for (const [output, { data }] of wanted) {
      const computed = numbersOf(program, `infer/${output}`);
      expect(relativeDifference(computed, data), output).toBeLessThan(1e-5);
    }
  });
});
