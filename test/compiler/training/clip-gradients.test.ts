import { describe, expect, it } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { sizeNumbers } from '../../../src/compiler/ir/size-numbers.ts';
import { trainingStep } from '../../../src/compiler/targets/training-step.ts';
import { array, moduleOf } from '../../support/model-graph.ts';
import { randomNumbers } from '../../support/random-values.ts';

/** The steps of plain descent of rate 1 by all weights, one after another: the gradients as they were clipped. */
function stepsWith(clip: string): readonly number[] {
  const text = `language 1
model Small() {
  input x: [N, C: 3]
  hidden = x |> linear(C -> D: 4) |> tanh
  y = hidden |> linear(D -> K: 2)
  output y
}
train Small {
  target wanted: [N, K: 2]
  loss = mean((y - wanted) * (y - wanted), over: [N, K])
  optimizer sgd(lr: 1)
  ${clip}
}
`;
  const { step } = trainingStep(moduleOf('small.net', { text }), { batch: 4 });
  if (step === undefined) throw new Error('there is no step');
  const { graph, scalars } = step;
  const weights = new Map(
    graph.params.map(({ path, value }, i) => {
      const count = sizeNumbers(value.type.axes).reduce((product, size) => product * size, 1);
      return [path, Float64Array.from(randomNumbers(count, i + 1))];
    }),
  );
  const inputs = new Map([
    ['x', array({ N: 4, C: 3 }, Float64Array.from(randomNumbers(12, 11)))],
    ['wanted', array({ N: 4, K: 2 }, Float64Array.from(randomNumbers(8, 12)))],
    ...scalars.map(({ name }) => [name, array({}, Float64Array.of(1))] as const),
  ]);
  const { updates } = interpretGraph(graph, inputs, weights);
  return [...weights].flatMap(([path, before]) => {
    const after = updates.get(path)?.data ?? [];
    return [...before].map((value, i) => value - (after[i] ?? NaN));
  });
}

describe('clipping in the graph of a step', () => {
  const gradients = stepsWith('');
  const norm = Math.hypot(...gradients);

  it('makes all gradients together as long as the norm', () => {
    expect(norm).toBeGreaterThan(0.25);
    stepsWith('clip norm(0.125)').forEach((step, i) => {
      expect(step).toBeCloseTo(((gradients[i] ?? NaN) * 0.125) / (norm + 1e-6), 12);
    });
  });

  it('leaves what is shorter', () => {
    expect(stepsWith('clip norm(max: 1e3)')).toEqual(gradients);
  });

  it('holds each element in its range', () => {
    expect(gradients.some((g) => g > 0.1) && gradients.some((g) => g < -0.1)).toBe(true);
    stepsWith('clip value(0.0625)').forEach((step, i) => {
      expect(step).toBeCloseTo(Math.max(-0.0625, Math.min(0.0625, gradients[i] ?? NaN)), 12);
    });
  });
});
