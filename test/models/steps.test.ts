import { describe, expect, it } from 'vitest';
import { oracleMissing } from '../support/oracle.ts';
import { stepErrors } from '../support/step-errors.ts';

// More states, and the networks of full size, are in bench/steps.ts.
const missing = oracleMissing('torch', 'torchvision');
const pair = { source: 'models/mair-small.net', network: 'mair-small', key: (path: string) => path };

describe.skipIf(missing !== undefined)(
  `a step of mair-small.net in ONNX Runtime beside PyTorch's${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    it("is no further from float64 than three times PyTorch's own in float32, from the same states", async () => {
      const errors = await stepErrors(pair, { optimizer: 'adam', size: 64, batch: 4, states: 8, seed: 1 });
      expect([...errors.keys()].toSorted()).toEqual([
        'running_mean',
        'running_var',
        'squares',
        'sum',
        'weight',
      ]);
      for (const [kind, { ours, nchw, channels_last: channelsLast }] of errors) {
        expect(ours / Math.max(nchw, channelsLast), kind).toBeLessThanOrEqual(3);
      }
    }, 120_000);
  },
);
