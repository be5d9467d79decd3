import { expect, it } from 'vitest';
import { checkGradient } from '../../src/verify/check-gradient.ts';
import { array, graphOf, moduleOf } from '../support/model-graph.ts';

/** A loss that compares each sample with the others, of which a batch of one has none. */
const text = `language 1
model M() {
  input x: [N, C: 2]
  y = x |> linear(C -> D: 2, bias: false)
  output y
}
train M {
  scores = contract(y, y |> rename(N -> M), over: [D])
  loss = -mean(log_softmax(scores, M), over: [N, M])
  optimizer sgd(lr: 0.1)
  batch 4
}
`;

const relativeOf = async (gradient: number): Promise<number> => {
  const { relative } = await checkGradient({
    graph: graphOf(moduleOf('m.net', { text }), { mode: 'infer', entry: 'training' }),
    inputs: new Map([['x', array({ N: 1, C: 2 }, Float64Array.of(1, -2))]]),
    weights: new Map([['y/weight', Float32Array.of(1, 2, 3, 4)]]),
    reach: 100,
    gradientsAt: () => Promise.resolve(new Map([['y/weight', new Float32Array(4).fill(gradient)]])),
  });
  return relative();
};

it('takes a gradient for right that is zero everywhere, as the loss has it', async () => {
  expect(await relativeOf(0)).toBe(0);
});

it.each([1e-3, NaN])('takes no gradient of %s for one of zero', async (gradient) => {
  expect((await relativeOf(gradient)) <= 0.5).toBe(false);
});
