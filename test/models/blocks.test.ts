import { beforeAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { arrange, type NdArray } from '../../src/compiler/ops/nd-array.ts';
import { emitOnnx } from '../../src/compiler/targets/onnx.ts';
import type { SafeTensor, Safetensors } from '../../src/runtime/safetensors.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';
import { runOnnx } from '../support/onnx-runtime.ts';
import { ortGradients } from '../support/ort-step.ts';
import { askOracle, numbersOf, oracleMissing } from '../support/oracle.ts';
import { relativeDifference } from '../support/random-values.ts';
import { runProgram } from '../support/tfjs-program.ts';
import { batch, blockCases, keyOf, type Sizes } from './block-cases.ts';
import { knownName, movedName, sourceOf } from './block-source.ts';

const missing = oracleMissing('torch', 'torchvision');
const unless = missing === undefined ? '' : ` (skipped: ${missing})`;
const magnitude = (values: Float64Array): number =>
  values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const tensor = (shape: readonly number[], values: Float64Array): SafeTensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from(values),
});
const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

describe.skipIf(missing !== undefined)(`blocks of the library beside those of PyTorch${unless}`, () => {
  let reference: Safetensors;
  beforeAll(async () => {
    const cases = blockCases.map(({ oracle, inputs }, i) => ({
      ...oracle,
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, sizes]) => [name, Object.values(sizes)])),
      seed: i,
    }));
    reference = await askOracle('blocks', { cases });
  });

  describe.each(blockCases.map((own, number) => ({ own, number, title: `${own.title} #${number}` })))(
    '$title',
    ({ own, number }) => {
      const module = moduleOf('models/case.net', { text: sourceOf(own) });
      const graphs = { infer: graphOf(module, { mode: 'infer' }), train: graphOf(module, { mode: 'train' }) };
      const moved = new Set(Object.keys(own.inputs).map(movedName));
      const params = graphs.infer.params.filter(({ path }) => !moved.has(path));
      const shapeOf = ({ value }: Graph['params'][number]): readonly number[] =>
        value.type.axes.map(({ size }) => size.value ?? NaN);

      const wanted = (name: string): Float64Array => numbersOf(reference, `${number}/${name}`);

      function weights(): Map<string, Float64Array> {
        const given = params.map(({ path }) => [path, wanted(`state/${keyOf(own, path)}`)] as const);
        const zeros = graphs.infer.params
          .filter(({ path }) => moved.has(path))
          .map((param) => [param.path, new Float64Array(product(shapeOf(param)))] as const);
        return new Map([...given, ...zeros]);
      }

      const inputs = (): Map<string, NdArray> =>
        new Map(
          Object.entries(own.inputs).map(([name, sizes]) => [name, array(sizes, wanted(`input/${name}`))]),
        );

      /** A result in the order of axes that the oracle has; the model's own order is that of its graph. */
      function inOrder(graph: Graph, i: number, data: ArrayLike<number>): Float64Array {
        const sizes: Sizes = own.outputs[i] ?? {};
        const names = graph.outputs[i]?.value.type.axes.map(({ name }) => name) ?? [];
        const found = array(
          Object.fromEntries(names.map((name) => [name, sizes[name] ?? NaN])),
          Float64Array.from(data),
        );
        return arrange(found, array(sizes, new Float64Array()).type).data;
      }

      it('takes every tensor of its state, each once', () => {
        const taken = params.map(({ path }) => `${number}/state/${keyOf(own, path)}`);
        const given = [...reference.tensors.keys()].filter((name) => name.startsWith(`${number}/state/`));
        expect(taken.toSorted()).toEqual(given.toSorted());
      });

      it.each(['infer', 'train'] as const)('the interpreter computes the same, mode %s', (mode) => {
        const { outputs, updates } = interpretGraph(graphs[mode], inputs(), weights());
        for (const i of own.outputs.keys()) {
          const data = inOrder(graphs[mode], i, outputs.get(`y${i}`)?.data ?? []);
          expect(relativeDifference(data, wanted(`${mode}/${i}`)), `y${i}`).toBeLessThan(1e-12);
        }
        expect(updates.size).toBe(
          mode === 'train' ? params.filter(({ role }) => role === 'state').length : 0,
        );
        for (const [path, { data }] of updates) {
          expect(relativeDifference(data, wanted(`updated/${keyOf(own, path)}`)), path).toBeLessThan(1e-12);
        }
      });

      it('ONNX Runtime computes the same', async () => {
        const provenance = { sourceSha256: '0'.repeat(64), languageVersion: '1', compilerVersion: '0.0.0' };
        const in32 = new Map([...weights()].map(([path, data]) => [path, Float32Array.from(data)]));
        const { model, diagnostics } = emitOnnx(module, { provenance, weights: in32 });
        expect(diagnostics).toEqual([]);
        if (model === undefined) throw new Error('there is no model');
        const outputs = await runOnnx(await encodeOnnx(model), inputs());
        for (const i of own.outputs.keys()) {
          const data = inOrder(graphs.infer, i, outputs.get(`y${i}`)?.data ?? []);
          expect(relativeDifference(data, wanted(`infer/${i}`)), `y${i}`).toBeLessThan(1e-5);
        }
      });

      /** All that a training step is given. */
      function given(nameOf: (path: string) => string): ReadonlyMap<string, SafeTensor> {
        const own32 = weights();
        return new Map([
          ...graphs.infer.params.map(
            (param) =>
              [
                nameOf(param.path),
                tensor(shapeOf(param), own32.get(param.path) ?? new Float64Array()),
              ] as const,
          ),
          ...[...inputs()].map(
            ([name, { type, data }]) =>
              [
                name,
                tensor(
                  type.axes.map(({ size }) => size),
                  data,
                ),
              ] as const,
          ),
          ...own.outputs.map(
            (sizes, i) => [knownName(i), tensor(Object.values(sizes), wanted(`known/${i}`))] as const,
          ),
        ]);
      }

      function expectGradients(computedBy: (path: string) => Float64Array): void {
        const gradients = [
          ...params
            .filter(({ role }) => role === 'weight')
            .map(({ path }) => [path, wanted(`gradient/${keyOf(own, path)}`)] as const),
          ...Object.keys(own.inputs).map(
            (name) => [movedName(name), wanted(`gradient/input/${name}`)] as const,
          ),
        ];
        const largest = Math.max(...gradients.map(([, values]) => magnitude(values)));
        for (const [path, values] of gradients) {
          // The bias before a batch norm has none, but for rounding.
          const scale = magnitude(values) > 1e-9 * largest ? magnitude(values) : largest;
          const computed = computedBy(path);
          expect(computed.length, path).toBe(values.length);
          const difference = magnitude(computed.map((x, i) => x - (values[i] ?? NaN)));
          expect(difference / scale, path).toBeLessThan(1e-4);
        }
      }

      it('ONNX Runtime computes the same gradients', async () => {
        const gradients = await ortGradients(
          module,
          batch,
          given((path) => path),
        );
        expectGradients((path) => Float64Array.from(gradients.get(path) ?? []));
      });

      it('TensorFlow.js computes the same, gradients and running statistics included', async () => {
        const program = await runProgram(
          module,
          'network',
          given((path) => `weight/${path}`),
        );
        for (const i of own.outputs.keys()) {
          for (const mode of ['infer', 'train'] as const) {
            const data = inOrder(graphs[mode], i, numbersOf(program, `${mode}/y${i}`));
            expect(relativeDifference(data, wanted(`${mode}/${i}`)), `${mode} y${i}`).toBeLessThan(1e-5);
          }
        }
        for (const { path } of params.filter(({ role }) => role === 'state')) {
          const updated = wanted(`updated/${keyOf(own, path)}`);
          expect(relativeDifference(numbersOf(program, `updated/${path}`), updated), path).toBeLessThan(1e-5);
        }
        expectGradients((path) => numbersOf(program, `gradient/${path}`));
      });
    },
  );
});
