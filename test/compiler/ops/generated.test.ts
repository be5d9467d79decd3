import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useWasm } from '../../../src/compiler/lower/tfjs/assets/wasm-kernels.mjs';
import { ops } from '../../../src/compiler/ops/registry.ts';
import type { Dialect } from '../../../src/compiler/ops/op.ts';
import { expectClose } from './expect-close.ts';
import { generatedCount, generatedRuns } from './generated-samples.ts';
import { onnxGraph, runOnnx } from './onnx-functions.ts';
import { physical, programOrders, type PhysicalRun } from './physical.ts';
import { isOfPrograms, type SampleRun } from './sample-runs.ts';
import { tfjsFunction, toTensor } from './tfjs-functions.ts';

const all = [...ops.values()].map((op) => ({ op, name: op.name, runs: generatedRuns(op) }));

/** The runs in the formats of a target, its axes in one of the orders that a program may have. */
function placed(runs: readonly SampleRun[], dialect: Dialect): readonly PhysicalRun[] {
  return runs.flatMap((run, i) => {
    const order = programOrders[i % programOrders.length];
    return order === undefined ? [] : [physical(run, dialect, order)];
  });
}

function expectResults(
  { label, op, expected }: PhysicalRun,
  results: readonly { readonly shape: readonly number[]; readonly data: ArrayLike<number> }[],
): void {
  expect(
    results.map(({ shape }) => shape),
    label,
  ).toEqual(expected.map(({ type }) => type.axes.map(({ size }) => size)));
  results.forEach(({ data }, i) => expectClose(data, expected[i]?.data ?? [], op.tolerance ?? 1e-5, label));
}

describe.each(all)('$name, over generated shapes and attributes', ({ runs }) => {
  test(`has ${generatedCount} samples whose results have the shapes that its rule says`, () => {
    expect(runs.length).toBe(generatedCount);
    for (const { label, op, sample, inputs, outputs } of runs) {
      const results = op.evaluate(inputs, sample.attributes, outputs);
      expect(
        results.map(({ type }) => type),
        label,
      ).toEqual(outputs);
    }
  });

  test('ONNX Runtime computes what the interpreter says', async () => {
    for (const run of placed(runs, 'channels-first')) {
      const results = await runOnnx(onnxGraph(run), run.arranged);
      expectResults(
        run,
        results.map(({ dims, data }) => ({
          shape: [...dims],
          data: Float64Array.from(data as ArrayLike<number>),
        })),
      );
    }
  });
});

describe.each(['cpu', 'wasm'])('TensorFlow.js on %s computes what the interpreter says of', (backend) => {
  beforeAll(async () => {
    expect(backend === 'wasm' ? await useWasm() : await tf.setBackend(backend)).toBe(true);
  });

  test.each(all.filter(({ op }) => isOfPrograms(op)))(
    '$name, over generated shapes and attributes',
    ({ runs }) => {
      for (const run of placed(runs, 'channels-last')) {
        const results = tf.tidy(() => {
          const outputs = tfjsFunction(run)(run.arranged.map(toTensor), false);
          // A constant stays a number in a program.
          return outputs.map((output) => (output instanceof tf.Tensor ? output : tf.scalar(output)));
        });
        expectResults(
          run,
          results.map((result) => ({ shape: result.shape, data: result.dataSync() })),
        );
        tf.dispose(results);
      }
    },
  );
});
