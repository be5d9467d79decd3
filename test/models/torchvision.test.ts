import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import { cost } from '../../src/compiler/passes/cost.ts';
import type { Safetensors } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { relativeDifference } from '../support/random-values.ts';
import { torchvisionKey } from './torchvision-names.ts';

const missing = oracleMissing('torch', 'torchvision');
const networks = [
  { architecture: 'densenet121', parameters: 7_978_856 },
  { architecture: 'resnet50', parameters: 25_557_032 },
] as const;

describe.each(networks)('$architecture', ({ architecture, parameters }) => {
  it('has as many weights as its publication says', () => {
    const graph = graphOf(moduleOf(`models/${architecture}.net`), { mode: 'infer' });
    expect(cost(graph)[0]?.parameters).toBe(parameters);
  });
});

// 32 pixels leave one pixel in the last stage: training mode then normalises over the samples alone.
const size = 32;
const batch = 3;
const classes = 10;

describe.skipIf(missing !== undefined).each(networks)(
  `$architecture beside torchvision's${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  ({ architecture }) => {
    const module = moduleOf(`models/${architecture}.net`, {
      set: { classes: String(classes), size: String(size) },
    });
    const key = (path: string) => torchvisionKey(architecture, path);
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

    it('computes its logits and running statistics in training', () => {
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
