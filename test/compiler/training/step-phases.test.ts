import { expect, it } from 'vitest';
import { trainingStep } from '../../../src/compiler/targets/training-step.ts';
import type { StepPhase } from '../../../src/compiler/training/accumulate-gradients.ts';
import { moduleOf } from '../../support/model-graph.ts';

const text = `language 1
model Line() {
  input x: [N, C: 3]
  y = x |> linear(C -> K: 2)
  output y
}
train Line {
  target wanted: [N, K: 2]
  loss = mean((y - wanted) * (y - wanted), over: [N, K])
  optimizer sgd(0.1)
  accumulate 4
  average ema()
}
`;

/** The vectors of parameters that a step of this phase replaces, and the numbers that it is given. */
function changes(phase: StepPhase): readonly string[] {
  const { step, diagnostics } = trainingStep(moduleOf('line.net', { text }), { batch: 2, phase });
  expect(diagnostics).toEqual([]);
  const { graph, scalars = [] } = step ?? {};
  return [...(graph?.updates.map(({ path }) => path) ?? []), ...scalars.map(({ name }) => name)].sort();
}

it('a step that accumulates changes sums of gradients alone, the other one all that there is', () => {
  const sums = 'optimizer.accumulated/packed.weights';
  expect(changes('accumulate')).toEqual([sums]);
  expect(changes('update')).toEqual([
    sums,
    'optimizer.average/packed.weights',
    'optimizer.rate',
    'packed.weights',
  ]);
});
