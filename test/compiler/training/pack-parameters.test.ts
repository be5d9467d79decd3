import { describe, expect, it } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import { sizeNumbers } from '../../../src/compiler/ir/size-numbers.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { gradientGraph } from '../../../src/compiler/targets/gradient-graph.ts';
import { trainingStep } from '../../../src/compiler/targets/training-step.ts';
import { packValues, unpackValues } from '../../../src/compiler/training/places.ts';
import { array, moduleOf } from '../../support/model-graph.ts';
import { randomNumbers } from '../../support/random-values.ts';
import { countOps } from '../../support/rewriting.ts';

const textOf = (optimizer: string, width = 4): string => `language 1
block Layer()(x: [N, C, T]) -> [N, C, T] {
  return x |> conv(C -> C: C, over: [T: 3], padding: same) |> batch_norm(C) |> relu
}
model Small() {
  input x: [N, C: ${width}, T: 5]
  param slope: [] = ones
  deep = x |> Layer()
  y = deep |> Layer() |> mean(over: [T]) |> linear(C -> K: 2)
  output scaled = slope * y
}
train Small {
  target wanted: [N, K: 2]
  loss = mean((scaled - wanted) * (scaled - wanted), over: [N, K])
  optimizer ${optimizer}
}
`;

function stepOf(text: string) {
  const module = moduleOf('small.net', { text });
  const { step, diagnostics } = trainingStep(module, { batch: 3 });
  const { gradients } = gradientGraph(module, { batch: 3 });
  expect(diagnostics).toEqual([]);
  if (step === undefined || gradients === undefined) throw new Error('there is no step');
  return { step, gradients };
}

const vectorsOf = (text: string): readonly string[] =>
  stepOf(text)
    .step.graph.params.filter(({ role }) => role !== 'slot')
    .map(({ path, value }) => `${path} ${sizeNumbers(value.type.axes).join('x')}`);

describe('the parameters of a step', () => {
  it('are one vector for the weights that decay, one for the others, one for the state, and numbers', () => {
    const vectors = ['packed.decaying 104', 'packed.weights 26', 'packed.state 16', 'slope '];
    expect(vectorsOf(textOf('adamw(1e-3)'))).toEqual(vectors);
  });

  it('are all in one where none decays, or all do', () => {
    const vectors = ['packed.weights 130', 'packed.state 16', 'slope '];
    expect(vectorsOf(textOf('sgd(1e-3)'))).toEqual(vectors);
    expect(vectorsOf(textOf('sgd(1e-3, weight_decay: 0.1, decay_all: true)'))).toEqual([
      'packed.decaying 130',
      ...vectors.slice(1),
    ]);
  });

  it('that are large are vectors of their own', () => {
    const [small, first, second, ...rest] = vectorsOf(textOf('sgd(1e-3)', 128));
    expect(small).toBe('packed.weights 1026');
    expect([first, second]).toEqual([expect.stringMatching(/ 49152$/), expect.stringMatching(/ 49152$/)]);
    expect(rest).toEqual(['packed.state 512', 'slope ']);
  });

  it('are updated by as many operations whatever the number of layers is', () => {
    const { step } = stepOf(textOf('adamw(1e-3)'));
    // Of each weight its gradient and itself change their shape, and nothing else is done to it.
    expect(countOps(step.graph)).toMatchObject({ merge: 3, factor: 3, cut: 2, sqrt: 3 });
  });

  it('have the gradients and the statistics that they have by themselves', () => {
    const { step, gradients } = stepOf(textOf('sgd(1)'));
    const values = new Map(
      gradients.graph.params.map(({ path, value }, i) => {
        const count = sizeNumbers(value.type.axes).reduce((product, size) => product * size, 1);
        return [path, Float32Array.from(randomNumbers(count, i + 1, 0.5, 1.5))] as const;
      }),
    );
    const inputs = new Map([
      ['x', array({ N: 3, C: 4, T: 5 }, Float64Array.from(randomNumbers(60, 21)))],
      ['wanted', array({ N: 3, K: 2 }, Float64Array.from(randomNumbers(6, 22)))],
      ...step.scalars.map(({ name }) => [name, array({}, Float64Array.of(1))] as const),
    ]);
    const outputs = gradients.slopes.map(({ param, gradient }) => ({
      name: param.path,
      value: { ...gradient, type: param.value.type },
      labels: undefined,
    }));
    const alone = interpretGraph({ ...gradients.graph, outputs }, inputs, values);
    const packed = interpretGraph(step.graph, inputs, packValues(step.places, values));
    const next = unpackValues(
      step.places,
      new Map([...packed.updates].map(([path, { data }]) => [path, data])),
    );
    expect([...next.keys()].sort()).toEqual([...values.keys()].sort());
    for (const [path, data] of next) {
      const gradient = alone.outputs.get(path)?.data;
      const before = values.get(path) ?? [];
      const expected =
        alone.updates.get(path)?.data ?? gradient?.map((slope, i) => (before[i] ?? NaN) - slope);
      data.forEach((value, i) => expect(value).toBeCloseTo(expected?.[i] ?? NaN, 10));
    }
  });

  it('make a graph that is whole after each stage', () => {
    const module = moduleOf('small.net', { text: textOf('adamw(1e-3)') });
    const stages: string[] = [];
    trainingStep(module, {
      batch: 3,
      after: (stage, graph) => {
        stages.push(stage);
        expect(verifyGraph(graph)).toEqual([]);
      },
    });
    expect(stages).toContain('pack-parameters');
  });
});
