import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import type { GraphParam } from '../../src/compiler/ir/graph.ts';
import { isConstant } from '../../src/compiler/shapes/size.ts';
import { uniforms } from '../../src/compiler/random/generator.mjs';
import type { SafeTensor, Safetensors } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { relativeDifference } from '../support/random-values.ts';
import { runProgram } from '../support/tfjs-program.ts';

const missing = oracleMissing('torch');
const size = 64;
const batch = 3;
const findings = 14;

/** Numbers of [low, high), always the same for one name. */
function numbers(name: string, count: number, low: number, high: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(uniforms(count, 0, name), (u) => low + (high - low) * u);
}

/** Weights of the size that keeps activations near 1; scales and variances away from 0. */
function weightOf({ path, value }: GraphParam): SafeTensor {
  const shape = value.type.axes.map((axis) => isConstant(axis.size) ?? NaN);
  const count = shape.reduce((product, n) => product * n, 1);
  const positive = path.endsWith('running_var') || (shape.length === 1 && path.endsWith('/weight'));
  const reach = shape.length > 1 ? Math.sqrt((3 * (shape[0] ?? 1)) / count) : 0.3;
  return {
    dtype: 'F32',
    shape,
    data: positive ? numbers(path, count, 0.5, 1.5) : numbers(path, count, -reach, reach),
  };
}

describe.skipIf(missing !== undefined)(
  `mair-small.net beside the same network by hand${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const module = moduleOf('models/mair-small.net', { set: { size: String(size) } });
    const model = graphOf(module, { mode: 'infer' });
    const weights = new Map(model.params.map((param) => [param.path, weightOf(param)]));
    const values = new Map([...weights].map(([path, { data }]) => [path, Float64Array.from(data, Number)]));
    const image = numbers('image', batch * 3 * size * size, -2, 2);
    const target = numbers('findings', batch * findings, 0, 1).map(Math.round);
    const known = numbers('known', batch * findings, 0, 1).map((u) => (u < 0.2 ? 0 : 1));
    const samples = new Map<string, SafeTensor>([
      ['image', { dtype: 'F32', shape: [batch, 3, size, size], data: image }],
      ['findings', { dtype: 'F32', shape: [batch, findings], data: target }],
      ['known', { dtype: 'F32', shape: [batch, findings], data: known }],
    ]);
    const inputs = new Map([['image', array({ N: batch, C: 3, H: size, W: size }, new Float64Array(image))]]);
    let reference: Safetensors;

    beforeAll(async () => {
      reference = await askOracle('mair_small', {}, new Map([...weights, ...samples]));
    });

    it('computes the same logits in inference', () => {
      const { outputs } = interpretGraph(model, inputs, values);
      const wanted = numbersOf(reference, 'infer/logits');
      expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(0.1);
      expect(relativeDifference(outputs.get('logits')?.data ?? [], wanted)).toBeLessThan(1e-10);
    });

    it('computes the same logits, running statistics and loss in training', () => {
      const logits = interpretGraph(graphOf(module, { mode: 'train' }), inputs, values).outputs.get('logits');
      expect(relativeDifference(logits?.data ?? [], numbersOf(reference, 'train/logits'))).toBeLessThan(
        1e-10,
      );

      const training = graphOf(module, { mode: 'train', entry: 'training' });
      const labelled = new Map([
        ...inputs,
        ['findings', array({ N: batch, K: findings }, new Float64Array(target))] as const,
        ['known', array({ N: batch, K: findings }, new Float64Array(known))] as const,
      ]);
      const { outputs, updates } = interpretGraph(training, labelled, values);
      expect(
        relativeDifference(outputs.get('loss')?.data ?? [], numbersOf(reference, 'train/loss')),
      ).toBeLessThan(1e-10);
      expect(updates.size).toBeGreaterThan(0);
      for (const [path, { data }] of updates) {
        expect(relativeDifference(data, numbersOf(reference, `updated/${path}`)), path).toBeLessThan(1e-10);
      }
    });

    it('computes the same on TensorFlow.js, gradients included', async () => {
      const own = new Map([...weights].map(([path, tensor]) => [`weight/${path}`, tensor]));
      const program = await runProgram(module, 'network', new Map([...own, ...samples]));
      const checked = [...program.tensors.keys()].filter((name) => !name.endsWith('/probability'));
      for (const name of checked) {
        // Relative to the largest element: a few gradients are sums that nearly cancel.
        const limit = name.startsWith('gradient/') ? 5e-4 : 1e-5;
        expect(relativeDifference(numbersOf(program, name), numbersOf(reference, name)), name).toBeLessThan(
          limit,
        );
      }
      expect(checked.filter((name) => name.startsWith('gradient/'))).toHaveLength(
        model.params.filter(({ role }) => role === 'weight').length,
      );
    });
  },
);
