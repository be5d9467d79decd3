import { expect, it } from 'vitest';
import { trainingStep } from '../../../src/compiler/targets/training-step.ts';
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
  accumulate 1
}
`;

it('the graph of a step says what it cannot do, and where it was asked for', () => {
  expect(trainingStep(moduleOf('line.net', { text }), { batch: 2 }).diagnostics).toEqual([]);
  const module = moduleOf('line.net', {
    text: text.replace('accumulate 1', 'accumulate 4\n  average ema()'),
  });
  expect(trainingStep(module, { batch: 2 })).toMatchObject({
    step: undefined,
    diagnostics: [
      { code: 'N7001', message: 'the step graph of ONNX Runtime does not accumulate gradients' },
      { code: 'N7001', message: 'the step graph of ONNX Runtime does not average weights' },
    ],
  });
});
