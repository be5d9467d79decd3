import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { cost } from '../../src/compiler/passes/cost.ts';
import { emitOnnx } from '../../src/compiler/targets/onnx.ts';
import type { SafeTensor, Safetensors } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { runOnnx } from '../support/onnx-runtime.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { relativeDifference } from '../support/random-values.ts';
import { runProgram } from '../support/tfjs-program.ts';
import { torchvisionKey } from './torchvision-names.ts';

const missing = oracleMissing('torch', 'torchvision');
const networks = [
  { model: 'densenet121', architecture: 'densenet121', parameters: 7_978_856 },
  { model: 'resnet50', architecture: 'resnet50', parameters: 25_557_032 },
  { model: 'mobilenetv3-large', architecture: 'mobilenet_v3_large', parameters: 5_483_032 },
  { model: 'efficientnet-b0', architecture: 'efficientnet_b0', parameters: 5_288_548 },
  { model: 'convnext-tiny', architecture: 'convnext_tiny', parameters: 28_589_128 },
  // The publication's 42,004,074 are with the auxiliary classifier, which has 2,365,205.
  { model: 'deeplabv3', architecture: 'deeplabv3_resnet50', parameters: 39_638_869 },
] as const;

describe.each(networks)('$model', ({ model, parameters }) => {
  it('has as many weights as its publication says', () => {
    const graph = graphOf(moduleOf(`models/${model}.net`), { mode: 'infer' });
    expect(cost(graph)[0]?.parameters).toBe(parameters);
  });
});

// 32 pixels leave one pixel in the last stage: training mode then normalises over the samples alone.
const size = 32;
const batch = 3;
const classes = 10;

describe.skipIf(missing !== undefined).each(networks)(
  `$model beside torchvision's${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  ({ model, architecture }) => {
    const module = moduleOf(`models/${model}.net`, {
      set: { classes: String(classes), size: String(size) },
    });
    const key = (path: string) => torchvisionKey(model, path);
    const graphs = { infer: graphOf(module, { mode: 'infer' }), train: graphOf(module, { mode: 'train' }) };
    let reference: Safetensors;
    let weights: ReadonlyMap<string, Float64Array>;
    beforeAll(async () => {
      reference = await askOracle('torchvision_network', { architecture, classes, batch, size, seed: 1 });
      weights = new Map(
        graphs.infer.params.map(({ path }) => [path, numbersOf(reference, `state/${key(path)}`)]),
      );
    });

    function run(mode: 'infer' | 'train') {
      const image = array({ N: batch, C: 3, H: size, W: size }, numbersOf(reference, 'image'));
      return interpretGraph(graphs[mode], new Map([['image', image]]), weights);
    }

    it('takes every tensor of its state dict, each once', () => {
      const taken = graphs.infer.params.map(({ path }) => `state/${key(path)}`);
      const given = [...reference.tensors.keys()].filter((name) => name.startsWith('state/'));
      expect(taken.toSorted()).toEqual(given.toSorted());
      expect(cost(graphs.infer)[0]?.parameters).toBe(Number(reference.metadata.parameters));
    });

    it('computes its logits in inference', () => {
      const { outputs } = run('infer');
      const logits = outputs.get('logits')?.data ?? [];
      expect(relativeDifference(logits, numbersOf(reference, 'f64/infer/logits'))).toBeLessThan(1e-12);
    });

    // Without running statistics nothing differs in training, where nothing is dropped.
    const hasState = graphs.train.updates.length > 0;
    it.runIf(hasState)('computes its logits and running statistics in training', () => {
      const { outputs, updates } = run('train');
      const logits = outputs.get('logits')?.data ?? [];
      // Three values to a mean: batch norms of nearly constant channels magnify what rounding leaves.
      expect(relativeDifference(logits, numbersOf(reference, 'f64/train/logits'))).toBeLessThan(1e-8);
      const expected = [...reference.tensors.keys()].filter((name) => name.startsWith('f64/updated/'));
      expect(updates.size).toBe(expected.length);
      for (const [path, { data }] of updates) {
        const wanted = numbersOf(reference, `f64/updated/${key(path)}`);
        expect(relativeDifference(data, wanted), path).toBeLessThan(1e-8);
      }
    });
  },
);

// In float32, on what runs them: 64 pixels and 4 samples, so that each mean is over 16 values at least.
const pixels = 64;
const images = 4;

describe.skipIf(missing !== undefined).each(networks)(
  `$model on the targets, beside torchvision's${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  ({ model, architecture }) => {
    const module = moduleOf(`models/${model}.net`, {
      set: { classes: String(classes), size: String(pixels) },
    });
    const { params } = graphOf(module, { mode: 'infer' });
    const key = (path: string) => torchvisionKey(model, path);
    let reference: Safetensors;
    beforeAll(async () => {
      const request = { architecture, classes, batch: images, size: pixels, seed: 2 };
      reference = await askOracle('torchvision_network', request);
    });

    function tensor(name: string): SafeTensor {
      const found = reference.tensors.get(name);
      if (found === undefined) throw new Error(`the oracle gave no tensor ${name}`);
      return found;
    }

    it('ONNX Runtime computes its logits', async () => {
      const weights = new Map(
        params.map(({ path }) => [path, Float32Array.from(numbersOf(reference, `state/${key(path)}`))]),
      );
      const provenance = { sourceSha256: '0'.repeat(64), languageVersion: '1', compilerVersion: '0.0.0' };
      const { model: graph, diagnostics } = emitOnnx(module, { provenance, weights });
      expect(diagnostics).toEqual([]);
      if (graph === undefined) throw new Error('there is no model');
      const image = array({ N: images, C: 3, H: pixels, W: pixels }, numbersOf(reference, 'image'));
      const outputs = await runOnnx(await encodeOnnx(graph), new Map([['image', image]]));
      const logits = outputs.get('logits')?.data ?? [];
      expect(relativeDifference(logits, numbersOf(reference, 'f64/infer/logits'))).toBeLessThan(1e-5);
    });

    it('TensorFlow.js computes its logits, in training too, and its running statistics', async () => {
      // torchvision's gates are convolutions of one pixel, the library's are linear: the numbers are the same.
      const weights = params.map(({ path, value }) => {
        const shape = value.type.axes.map(({ size }) => size.value ?? NaN);
        return [`weight/${path}`, { ...tensor(`state/${key(path)}`), shape }] as const;
      });
      const program = await runProgram(module, 'network', new Map([['image', tensor('image')], ...weights]));
      const difference = (got: string, wanted: string) =>
        relativeDifference(numbersOf(program, got), numbersOf(reference, `f64/${wanted}`));
      expect(difference('infer/logits', 'infer/logits')).toBeLessThan(1e-5);
      // PyTorch itself, in float32, is up to 5e-5 away from float64 here, and 1e-4 where DeepLabv3 normalises means of images
      // over the samples alone.
      const wanted = numbersOf(reference, 'f64/train/logits');
      const torch = relativeDifference(numbersOf(reference, 'f32/train/logits'), wanted);
      expect(torch).toBeLessThan(1.5e-4);
      expect(difference('train/logits', 'train/logits')).toBeLessThan(2 * Math.max(torch, 5e-5));
      for (const { path } of params.filter(({ role }) => role === 'state')) {
        expect(difference(`updated/${path}`, `updated/${key(path)}`), path).toBeLessThan(1e-4);
      }
    });
  },
);
