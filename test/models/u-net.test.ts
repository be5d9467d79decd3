import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { cost } from '../../src/compiler/passes/cost.ts';
import { uniforms } from '../../src/compiler/random/philox.ts';
import { initialWeights } from '../../src/compiler/targets/initial-weights.ts';
import { emitOnnx } from '../../src/compiler/targets/onnx.ts';
import type { Safetensors } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { runOnnx } from '../support/onnx-runtime.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { relativeDifference } from '../support/random-values.ts';
import { runProgram } from '../support/tfjs-program.ts';

const missing = oracleMissing('torch');
const size = 32;
const batch = 2;

describe('u-net', () => {
  it('has as many weights as its publication says', () => {
    const graph = graphOf(moduleOf('models/u-net.net'), { mode: 'infer' });
    expect(cost(graph)[0]?.parameters).toBe(31_037_698);
  });
});

describe.skipIf(missing !== undefined)(
  `u-net beside PyTorch by hand${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const module = moduleOf('models/u-net.net', { set: { classes: '3', size: String(size), width: '4' } });
    const graphs = { infer: graphOf(module, { mode: 'infer' }), train: graphOf(module, { mode: 'train' }) };
    const shapeOf = (path: string): readonly number[] =>
      graphs.infer.params
        .find((param) => param.path === path)
        ?.value.type.axes.map((axis) => axis.size.value ?? NaN) ?? [];
    // Fresh batch norms would hide mistakes in their statistics.
    const weights = new Map(
      [...initialWeights(graphs.infer.params, 3)].map(([path, values]) => {
        const draws = uniforms(values.length, 4, path);
        const isSpread = /batch_norm\/(weight|running_var)$/.test(path);
        const isShift = /batch_norm\/(bias|running_mean)$/.test(path);
        return [
          path,
          values.map((x, i) => (isSpread ? 0.5 + (draws[i] ?? 0) : isShift ? (draws[i] ?? 0) - 0.5 : x)),
        ];
      }),
    );
    const pixels = uniforms(batch * 3 * size * size, 5, 'image').map((u) => 2 * u - 1);
    const image = array({ N: batch, C: 3, H: size, W: size }, Float64Array.from(pixels));
    const tensors = new Map([
      ['image', { dtype: 'F32' as const, shape: [batch, 3, size, size], data: pixels }],
      ...[...weights].map(
        ([path, data]) => [`weight/${path}`, { dtype: 'F32' as const, shape: shapeOf(path), data }] as const,
      ),
    ]);
    let reference: Safetensors;
    beforeAll(async () => {
      reference = await askOracle('u_net', {}, tensors);
    });

    it.each(['infer', 'train'] as const)('the interpreter computes its logits, mode %s', (mode) => {
      const { outputs, updates } = interpretGraph(graphs[mode], new Map([['image', image]]), weights);
      const logits = outputs.get('logits')?.data ?? [];
      expect(relativeDifference(logits, numbersOf(reference, `${mode}/logits`))).toBeLessThan(1e-10);
      for (const [path, { data }] of updates) {
        expect(relativeDifference(data, numbersOf(reference, `updated/${path}`)), path).toBeLessThan(1e-10);
      }
      expect(updates.size).toBe(mode === 'train' ? 36 : 0);
    });

    it('ONNX Runtime computes its logits', async () => {
      const provenance = { sourceSha256: '0'.repeat(64), languageVersion: '1', compilerVersion: '0.0.0' };
      const { model, diagnostics } = emitOnnx(module, { provenance, weights });
      expect(diagnostics).toEqual([]);
      if (model === undefined) throw new Error('there is no model');
      const outputs = await runOnnx(await encodeOnnx(model), new Map([['image', image]]));
      const logits = outputs.get('logits')?.data ?? [];
      expect(relativeDifference(logits, numbersOf(reference, 'infer/logits'))).toBeLessThan(1e-5);
    });

    it('TensorFlow.js computes its logits, in training too, and its running statistics', async () => {
      const program = await runProgram(module, 'network', tensors);
      const difference = (got: string, wanted = got) =>
        relativeDifference(numbersOf(program, got), numbersOf(reference, wanted));
      expect(difference('infer/logits')).toBeLessThan(1e-5);
      expect(difference('train/logits')).toBeLessThan(1e-4);
      for (const { path } of graphs.infer.params.filter(({ role }) => role === 'state')) {
        expect(difference(`updated/${path}`), path).toBeLessThan(1e-4);
      }
    });
  },
);
