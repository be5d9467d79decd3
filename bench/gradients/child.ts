import { mairKey } from '../../test/models/mair-names.ts';
import { torchvisionKey } from '../../test/models/torchvision-names.ts';
import { gradientErrors, type NetworkPair } from '../../test/support/whole-gradients.ts';

/**
 * The errors of the gradients of one network, as a line of JSON: `child.ts NETWORK ACTIVATION SIZE BATCH SEED`, where
 * ACTIVATION is `relu` or `silu`.
 */
const pairs: Readonly<Record<string, NetworkPair>> = {
  densenet121: {
    source: 'bench/train-step/densenet121.net',
    network: 'densenet121',
    key: (path) => torchvisionKey('densenet121', path),
  },
  resnet50: {
    source: 'bench/train-step/resnet50.net',
    network: 'resnet50',
    key: (path) => torchvisionKey('resnet50', path),
  },
  mair: { source: 'bench/train-step/mair.net', network: 'mair', key: mairKey },
};
const [network = '', activation, size, batch, seed] = process.argv.slice(2);
const pair = pairs[network];
if (pair === undefined) throw new Error(`there is no network ${network}`);
const errors = await gradientErrors(pair, {
  smooth: activation === 'silu',
  size: Number(size),
  batch: Number(batch),
  seed: Number(seed),
});
process.stdout.write(`${JSON.stringify(errors)}\n`);
