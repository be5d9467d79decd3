import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { cost } from '../../src/compiler/passes/cost.ts';
import { emitOnnx } from '../../src/compiler/targets/onnx.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { Safetensors } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { runOnnx } from '../support/onnx-runtime.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { relativeDifference } from '../support/random-values.ts';
import { runProgram } from '../support/tfjs-program.ts';
import { transformerKey } from './transformer-names.ts';

const missing = oracleMissing('torch', 'torchvision');
const unless = missing === undefined ? '' : ` (skipped: ${missing})`;

/** The same network in the arguments of torchvision's class and in those of our model. */
interface Variant {
  readonly architecture: 'vit' | 'swin';
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly set: Readonly<Record<string, string>>;
  readonly size: number;
  readonly batch: number;
}

const vit = { architecture: 'vit', source: 'models/vit-b16.net' } as const;
const swin = { architecture: 'swin', source: 'models/swin-t.net' } as const;
const small: readonly Variant[] = [
  {
    ...vit,
    options: {
      image_size: 48,
      patch_size: 16,
      num_layers: 3,
      num_heads: 4,
      hidden_dim: 32,
      mlp_dim: 128,
      num_classes: 10,
    },
    set: { size: '48', depth: '3', heads: '4', width: '32', classes: '10' },
    size: 48,
    batch: 3,
  },
  {
    ...swin,
    options: {
      patch_size: [4, 4],
      embed_dim: 32,
      depths: [2, 2, 6, 2],
      num_heads: [1, 2, 4, 8],
      window_size: [2, 2],
      num_classes: 10,
    },
    set: { size: '64', width: '32', window: '2', classes: '10' },
    size: 64,
    batch: 2,
  },
];
/** What the runs of whole networks may take, in ms: much else runs beside them. */
const patience = 300_000;
const whole: readonly Variant[] = [
  {
    ...vit,
    options: {
      image_size: 224,
      patch_size: 16,
      num_layers: 12,
      num_heads: 12,
      hidden_dim: 768,
      mlp_dim: 3072,
    },
    set: {},
    size: 224,
    batch: 1,
  },
  {
    ...swin,
    options: {
      patch_size: [4, 4],
      embed_dim: 96,
      depths: [2, 2, 6, 2],
      num_heads: [3, 6, 12, 24],
      window_size: [7, 7],
    },
    set: {},
    size: 224,
    batch: 1,
  },
];

describe('the vision transformers', () => {
  it.each([
    ['models/vit-b16.net', 86_567_656],
    ['models/swin-t.net', 28_288_354],
  ] as const)('%s has as many weights as its publication', (path, count) => {
    const graph = graphOf(moduleOf(path), { mode: 'infer' });
    expect(cost(graph)[0]?.parameters).toBe(count);
  });
});

function askFor({ architecture, options, size, batch }: Variant): Promise<Safetensors> {
  return askOracle('vision_transformer', { architecture, options, size, batch, seed: 5 });
}

/** The weights of a graph out of torchvision's, each under its own path. */
function weightsOf(
  { architecture }: Variant,
  { params }: Graph,
  reference: Safetensors,
): Map<string, Float64Array> {
  return new Map(
    params.map(({ path }) => [path, numbersOf(reference, `state/${transformerKey(architecture, path)}`)]),
  );
}

function imageOf({ size, batch }: Variant, reference: Safetensors) {
  return array({ N: batch, C: 3, H: size, W: size }, numbersOf(reference, 'image'));
}

describe.skipIf(missing !== undefined).each(small)(
  `$source, small, beside torchvision's${unless}`,
  (variant) => {
    const graph = graphOf(moduleOf(variant.source, { set: variant.set }), { mode: 'infer' });
    let reference: Safetensors;
    beforeAll(async () => {
      reference = await askFor(variant);
    });

    it('takes every weight of its state dict, each once', () => {
      const taken = graph.params.map(({ path }) => `state/${transformerKey(variant.architecture, path)}`);
      const given = [...reference.tensors.keys()].filter((name) => name.startsWith('state/'));
      expect(taken.toSorted()).toEqual(given.toSorted());
      expect(cost(graph)[0]?.parameters).toBe(Number(reference.metadata.parameters));
    });

    it('computes its logits', () => {
      const image = imageOf(variant, reference);
      const { outputs } = interpretGraph(
        graph,
        new Map([['image', image]]),
        weightsOf(variant, graph, reference),
      );
      const logits = outputs.get('logits')?.data ?? [];
      expect(relativeDifference(logits, numbersOf(reference, 'logits'))).toBeLessThan(1e-12);
    });
  },
);

// As they were published, in float32, on what runs them.
describe.skipIf(missing !== undefined).each(whole)(
  `$source on the targets, beside torchvision's${unless}`,
  (variant) => {
    const module = moduleOf(variant.source, { set: variant.set });
    const graph = graphOf(module, { mode: 'infer' });
    let reference: Safetensors;
    beforeAll(async () => {
      reference = await askFor(variant);
    }, patience);

    it(
      'ONNX Runtime computes its logits',
      async () => {
        const weights = new Map(
          [...weightsOf(variant, graph, reference)].map(([path, values]) => [
            path,
            Float32Array.from(values),
          ]),
        );
        const provenance = { sourceSha256: '0'.repeat(64), languageVersion: '1', compilerVersion: '0.0.0' };
        const { model, diagnostics } = emitOnnx(module, { provenance, weights });
        expect(diagnostics).toEqual([]);
        if (model === undefined) throw new Error('there is no model');
        const outputs = await runOnnx(
          await encodeOnnx(model),
          new Map([['image', imageOf(variant, reference)]]),
        );
        const logits = outputs.get('logits')?.data ?? [];
        expect(relativeDifference(logits, numbersOf(reference, 'logits'))).toBeLessThan(1e-4);
      },
      patience,
    );

    it(
      'TensorFlow.js computes its logits',
      async () => {
        const weights = graph.params.map(({ path, value }) => {
          const key = `state/${transformerKey(variant.architecture, path)}`;
          const shape = value.type.axes.map(({ size }) => size.value ?? NaN);
          const data = Float32Array.from(numbersOf(reference, key));
          return [`weight/${path}`, { dtype: 'F32', shape, data }] as const;
        });
        const image = reference.tensors.get('image');
        if (image === undefined) throw new Error('the oracle gave no image');
        const program = await runProgram(module, 'network', new Map([['image', image], ...weights]));
        const logits = numbersOf(program, 'infer/logits');
        expect(relativeDifference(logits, numbersOf(reference, 'logits'))).toBeLessThan(1e-4);
      },
      patience,
    );
  },
);
