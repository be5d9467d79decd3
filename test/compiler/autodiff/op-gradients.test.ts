import { describe, expect, test } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import type { NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { expectClose } from '../ops/expect-close.ts';
import { generatedRuns } from '../ops/generated-samples.ts';
import { sampleRuns, type SampleRun } from '../ops/sample-runs.ts';
import { onnxGradients } from './onnx-gradients.ts';
import { gradientRun, isDifferentiable, isDifferentiated, type GradientRun } from './gradient-runs.ts';

/** Half the distance of the two points of a difference quotient, which are taken in float64. */
const step = 1e-5;
/** Of difference quotients, whose own error is step^2 and 1e-16 / step. */
const differenceTolerance = 1e-6;
/** Of float32 against float64; sums of thousands of terms are among the samples. */
const float32Tolerance = 2e-5;

test.each([...ops.values()])('$name has a gradient, or says why not', (op) => {
  expect(op.gradient === undefined).toBe(op.noGradient !== undefined);
});

const differentiable = [...ops.values()].filter(isDifferentiated);

describe.each(differentiable)('the gradient of $name', (op) => {
  const runs = [...sampleRuns((other) => other === op), ...generatedRuns(op)].filter(isDifferentiable);

  test.each(runs)('$label', async (run) => {
    const gradient = gradientRun(run);
    expect(verifyGraph(gradient.graph)).toEqual([]);
    const { outputs } = interpretGraph(gradient.graph, gradient.inputs, new Map());
    const inOnnx = await onnxGradients(gradient);
    for (const [name, { data }] of outputs) {
      expectClose(data, differences(run, gradient, Number(name.slice(1))), differenceTolerance, name);
      expectClose(inOnnx.get(name) ?? [], data, float32Tolerance, `${name} in ONNX Runtime`);
    }
  });
});

/** d sum(g * op(x)) / d x by central differences of the interpreter. */
function differences(
  { op, sample, inputs, outputs }: SampleRun,
  { cotangents }: GradientRun,
  index: number,
): readonly number[] {
  const objective = (at: readonly NdArray[]): number =>
    op.evaluate(at, sample.attributes, outputs).reduce((total, { data }, i) => {
      const cotangent = cotangents[i]?.data;
      return data.reduce((sum, value, k) => sum + value * (cotangent?.[k] ?? NaN), total);
    }, 0);
  const x = inputs[index];
  if (x === undefined) return [];
  const at = (k: number, value: number): number =>
    objective(inputs.with(index, { type: x.type, data: x.data.with(k, value) }));
  return Array.from(x.data, (value, k) => (at(k, value + step) - at(k, value - step)) / (2 * step));
}
