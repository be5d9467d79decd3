import { mairKey } from '../test/models/mair-names.ts';
import { torchvisionKey } from '../test/models/torchvision-names.ts';
import {
  gradientErrors,
  medianError,
  type GradientError,
  type NetworkPair,
} from '../test/support/whole-gradients.ts';
import type { Bench } from './bench.ts';
import { row, type Row } from './row.ts';

/** What the norm of a difference may be, as a share of that of the gradient, where nothing has a kink. */
const TOLERANCE = 1e-4;
/** Where ReLU has kinks: times what torch's own float32 is off. */
const LIMIT = 3;
const SEEDS = 5;
const SIZE = 224;
const BATCH = 2;

const pairs: readonly NetworkPair[] = [
  {
    source: 'bench/train-step/densenet121.net',
    network: 'densenet121',
    key: (path) => torchvisionKey('densenet121', path),
  },
  {
    source: 'bench/train-step/resnet50.net',
    network: 'resnet50',
    key: (path) => torchvisionKey('resnet50', path),
  },
  { source: 'bench/train-step/mair.net', network: 'mair', key: mairKey },
];

/**
 * Every gradient of a whole network as the step graph has it in ONNX Runtime, beside PyTorch's in float64: with SiLU in the
 * place of ReLU each for itself, with ReLU their median over seeds beside that of PyTorch's own float32.
 */
export const bench: Bench = {
  title: `gradients of DenseNet-121, ResNet-50 and MAIR at ${SIZE} px, N = ${BATCH}, are those of PyTorch in float64`,
  run: async ({ log, seed, count = SEEDS }) => {
    const rows: Row[] = [];
    for (const pair of pairs) {
      const run = { size: SIZE, batch: BATCH };
      const smooth = await gradientErrors(pair, { ...run, smooth: true, seed });
      log(`${pair.network}, SiLU: ${summary(smooth)}`);
      const worst = Math.max(...smooth.map(({ ours }) => ours));
      rows.push(row(`${pair.network}, SiLU: largest relative error`, worst, TOLERANCE, 1));
      const kinked: GradientError[] = [];
      for (let i = 0; i < count; i++) {
        const errors = await gradientErrors(pair, { ...run, smooth: false, seed: seed + i });
        log(`${pair.network}, ReLU, seed ${seed + i}: ${summary(errors)}`);
        kinked.push(...errors);
      }
      const theirs = Math.max(medianError(kinked, 'nchw'), medianError(kinked, 'channelsLast'));
      const name = `${pair.network}, ReLU, ${count} seeds: median relative error, beside torch float32`;
      rows.push(row(name, medianError(kinked, 'ours'), theirs, LIMIT));
    }
    return rows;
  },
};

function summary(errors: readonly GradientError[]): string {
  const parts = (['ours', 'nchw', 'channelsLast'] as const).map((of) => {
    const largest = Math.max(...errors.map((error) => error[of]));
    return `${of} median ${medianError(errors, of).toExponential(1)}, largest ${largest.toExponential(1)}`;
  });
  return `${errors.length} tensors; ${parts.join('; ')}`;
}
