import { expect, test } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { peakMemory } from '../../../src/compiler/memory/peak-memory.ts';
import { rematerialise } from '../../../src/compiler/passes/rematerialise.ts';
import { trainingStep } from '../../../src/compiler/targets/training-step.ts';
import { moduleOf } from '../../support/model-graph.ts';
import { randomInputs, randomWeights } from '../../support/random-values.ts';
import { countOps } from '../../support/rewriting.ts';

/** Convolutions one behind the other, each with a batch norm and a ReLU. */
const source = `language 1

block Layer()(x: [N, C, H, W]) -> [N, C, H, W] {
  return x |> conv(C -> C: C, over: [H: 3, W: 3], bias: false) |> batch_norm(C) |> relu
}

model Deep(layers: int = 12, size: int = 32) {
  input image: [N, C: 8, H: size, W: size]

  seen = image
  for i in 0..layers { seen = Layer()(seen) }
  score = seen |> mean(over: [C, H, W])

  output score
}

train Deep {
  target wanted: [N]
  loss = mean((score - wanted) * (score - wanted), over: [N])
  optimizer adam(lr: 1e-3)
  batch 2
}
`;

/** The step as it is without any of it computed again. */
function stepOf(set: Readonly<Record<string, string>> = {}, batch = 2): Graph {
  const { step } = trainingStep(moduleOf('deep.net', { text: source, set }), {
    batch,
    memoryBudget: Number.MAX_SAFE_INTEGER,
  });
  if (step === undefined) throw new Error('there is no step');
  return step.graph;
}

/** Every bit of every result. */
function expectEqualBits(before: Graph, after: Graph): void {
  expect(verifyGraph(after)).toEqual([]);
  const [inputs, weights] = [randomInputs(before, 3), randomWeights(before)];
  const [expected, actual] = [before, after].map((graph) => interpretGraph(graph, inputs, weights));
  expect(actual).toEqual(expected);
}

test('a budget that is large enough changes nothing', () => {
  const graph = stepOf();
  const { graph: same, peak } = rematerialise(graph, peakMemory(graph));
  expect(countOps(same)).toEqual(countOps(graph));
  expect(peak).toBe(peakMemory(graph));
});

test('cheap values are computed again first, and every bit stays as it was', () => {
  const graph = stepOf();
  const { graph: smaller, peak } = rematerialise(graph, 0.8 * peakMemory(graph));
  expect(peak).toBeLessThanOrEqual(0.8 * peakMemory(graph));
  expect(peakMemory(smaller)).toBe(peak);
  const [before, after] = [countOps(graph), countOps(smaller)];
  expect(after['conv']).toBe(before['conv']);
  // A batch norm and its relu.
  expect(after['channel_affine']).toBeGreaterThan(before['channel_affine'] ?? 0);
  expectEqualBits(graph, smaller);
});

test('where that is not enough, convolutions are, in segments', () => {
  const graph = stepOf();
  const { peak: least } = rematerialise(graph, 0);
  const { graph: smallest, peak } = rematerialise(graph, least);
  expect(peak).toBe(least);
  expect(countOps(smallest)['conv']).toBeGreaterThan(countOps(graph)['conv'] ?? 0);
  expectEqualBits(graph, smallest);
});

test('what is computed again waits for the gradient that it is needed with', () => {
  const { graph } = rematerialise(stepOf(), 0);
  const gradientsBegin = graph.nodes.findIndex(({ op }) => op === 'conv_weight_gradient');
  const convolutions = graph.nodes.flatMap(({ op }, at) => (op === 'conv' ? [at] : []));
  const again = convolutions.filter((at) => at > gradientsBegin);
  expect(again.length).toBeGreaterThan(2);
  // Between the first and the last of them there are gradients: not all are computed at once.
  const between = graph.nodes.slice(again[0], again.at(-1)).map(({ op }) => op);
  expect(between).toContain('conv_weight_gradient');
});

test('the least memory grows with the square root of the depth, or not much faster', () => {
  const activations = (layers: string, budget: number | undefined): number => {
    const graph = stepOf({ layers });
    const parameters = [...graph.params, ...graph.inputs].map(({ value }) => ({ ...graph, nodes: [], params: [], inputs: [{ name: '', value, pixels: undefined }], outputs: [], updates: [] })); // prettier-ignore
    return rematerialise(graph, budget).peak - parameters.reduce((sum, one) => sum + peakMemory(one), 0);
  };
  expect(activations('32', Infinity) / activations('8', Infinity)).toBeGreaterThan(3.5);
  expect(activations('32', 0) / activations('8', 0)).toBeLessThan(2.6);
});

test('on small images a smaller batch needs no more than a larger one', () => {
  const least = [2, 4, 7, 8].map((batch) => {
    const graph = stepOf({ layers: '32', size: '16' }, batch);
    const { peak } = rematerialise(graph, 0);
    expect(peak).toBeLessThan(peakMemory(graph) / 2);
    return peak;
  });
  expect(least).toEqual(least.toSorted((a, b) => a - b));
});

test('values of less than a kilobyte are kept even so', () => {
  const graph = stepOf({ size: '5' }, 1);
  const [before, after] = [countOps(graph), countOps(rematerialise(graph, 0).graph)];
  for (const op of ['conv', 'channel_affine']) expect(after[op]).toBe(before[op]);
});

test('without a budget it takes next to no time', () => {
  const graph = stepOf();
  const { graph: made, peak } = rematerialise(graph, undefined);
  expect(countOps(made)['conv']).toBe(countOps(graph)['conv']);
  expect(peak).toBeLessThanOrEqual(peakMemory(graph));
  expectEqualBits(graph, made);
});

test('equal graphs are made equal', () => {
  expect(rematerialise(stepOf(), 0)).toEqual(rematerialise(stepOf(), 0));
});

test('a budget that cannot be met says what could be', () => {
  const module = moduleOf('deep.net', { text: source });
  const { step, diagnostics } = trainingStep(module, { batch: 2, memoryBudget: 1000 });
  expect(step).toBeUndefined();
  const [{ code, message, help = '' } = { code: '', message: '' }] = diagnostics;
  expect(code).toBe('N8003');
  const [, least = ''] = /allow `--memory-budget (\d+)MB`/.exec(help) ?? [];
  expect(message).toContain(`needs ${least} MB at least, and 0.001 MB are allowed`);
  expect(trainingStep(module, { batch: 2, memoryBudget: 1e6 * Number(least) }).step).toBeDefined();
});
