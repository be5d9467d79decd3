import { expect, test } from 'vitest';
import { stepDifferences } from '../../src/verify/check-step.ts';
import { moduleOf } from '../support/model-graph.ts';

/** A model of this body, which makes a score of x. */
const source = (body: string): string => `language 1

model Norms() {
  input x: [N, C: 6, H: 8, W: 8]

${body}
  output score
}

train Norms {
  target wanted: [N, K: 3]
  loss = mean((score - wanted) * (score - wanted), over: [N, K])
  optimizer adam(lr: 1e-3)
  batch 4
}
`;

test('a batch norm whose channel is the only axis is one of each element by itself', async () => {
  const text = source(`  vector = x |> mean(over: [N, H, W]) |> batch_norm(C, eps: 1)
  score = (x + vector) |> mean(over: [H, W]) |> linear(C -> K: 3)`);
  const { losses, gradient, updates } = await stepDifferences(moduleOf('norms.net', { text }));
  expect(losses).toBeLessThan(1e-5);
  expect(gradient).toBeLessThan(1e-4);
  expect(updates).toBeLessThan(1e-3);
});

test('the mean behind another batch norm, which is 0 but for rounding, is no mistake of the step', async () => {
  const text = source(`  first = x |> conv(C -> C: 5, over: [H: 3, W: 3]) |> batch_norm(C)
  second = first |> batch_norm(C) |> relu
  score = second |> mean(over: [H, W]) |> linear(C -> K: 3)`);
  const { losses, gradient, updates } = await stepDifferences(moduleOf('norms.net', { text }));
  expect(losses).toBeLessThan(1e-5);
  expect(gradient).toBeLessThan(1e-4);
  expect(updates).toBeLessThan(1e-3);
});
