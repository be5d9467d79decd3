import { describe, expect, it } from 'vitest';
import { gradientErrors, medianError, type GradientError } from '../support/whole-gradients.ts';
import { oracleMissing } from '../support/oracle.ts';

// The networks of full size are in bench/gradients.ts, the blocks of the library each for itself in blocks.test.ts.
const missing = oracleMissing('torch', 'torchvision');
const pair = { source: 'models/mair-small.net', network: 'mair-small', key: (path: string) => path };

describe.skipIf(missing !== undefined)(
  `the gradients of mair-small.net in ONNX Runtime beside PyTorch's in float64${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    it('are the same where nothing has a kink', async () => {
      const errors = await gradientErrors(pair, { smooth: true, size: 64, batch: 4, seed: 1 });
      expect(errors).toHaveLength(200);
      for (const { path, ours } of errors) expect(ours, path).toBeLessThanOrEqual(1e-4);
    });

    it("are no further off with ReLU than three times PyTorch's own in float32", async () => {
      const errors: GradientError[] = [];
      for (const seed of [1, 2, 3, 4, 5]) {
        errors.push(...(await gradientErrors(pair, { smooth: false, size: 32, batch: 4, seed })));
      }
      const theirs = Math.max(medianError(errors, 'nchw'), medianError(errors, 'channelsLast'));
      expect(medianError(errors, 'ours')).toBeLessThanOrEqual(3 * theirs);
    }, 240_000);
  },
);
