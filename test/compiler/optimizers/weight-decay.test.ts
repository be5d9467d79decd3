import { describe, expect, it } from 'vitest';
import { isDecayed, settingsFor } from '../../../src/compiler/optimizers/weight-decay.ts';
import { graphOf, moduleOf } from '../../support/model-graph.ts';

const text = `language 1
model Varied() {
  input tokens: int32 [N, T: 6]
  param positions: [T: 6, D: 8] = normal(std: 0.02)
  param scale: [D: 8] = constant(value: 1e-6)
  embedded = tokens |> embedding(into: [D: 8], vocabulary: 10)
  x = (embedded + positions) * scale
  heads = x |> linear(D -> [h: 2, d: 4])
  queries = heads |> linear([h, d] -> D: 8)
  normed = queries |> layer_norm(over: [T, D]) |> prelu(D)
  y = normed |> linear(D -> K: 3)
  output y
}
train Varied {
  target wanted: [N, T: 6, K: 3]
  loss = mean((y - wanted) * (y - wanted), over: [N, T, K])
  optimizer adamw()
}
`;

describe('weight decay', () => {
  const { params } = graphOf(moduleOf('varied.net', { text }), { mode: 'train', entry: 'training' });
  const decayed = (settings: Readonly<Record<string, number | boolean>>): string[] =>
    params.filter((param) => isDecayed(param, settings)).map(({ path }) => path);

  it('acts on what has two axes, but for biases and scales of norms', () => {
    expect(decayed({ weight_decay: 0.1, decay_all: false })).toEqual([
      'positions',
      'embedded/weight',
      'heads/weight',
      'queries/weight',
      'y/weight',
    ]);
  });

  it('acts on everything where it is asked to', () => {
    expect(decayed({ weight_decay: 0.1, decay_all: true })).toEqual(params.map(({ path }) => path));
  });

  it('is a setting of each parameter', () => {
    const settings = { lr: 1, weight_decay: 0.1, decay_all: false };
    const decays = params.map((param) => settingsFor(param, settings).weight_decay === 0.1);
    expect(decays).toEqual(params.map((param) => isDecayed(param, settings)));
  });
});
