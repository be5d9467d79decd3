import { mairKey } from '../../test/models/mair-names.ts';
import { torchvisionKey } from '../../test/models/torchvision-names.ts';
import type { NetworkPair } from '../../test/support/network-pair.ts';

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
  { source: 'models/mair-small.net', network: 'mair-small', key: (path) => path },
];

/** The networks that benches compare with PyTorch's, by the names that these have there. */
export function networkPair(network: string): NetworkPair {
  const pair = pairs.find((one) => one.network === network);
  if (pair === undefined) throw new Error(`there is no network ${network}`);
  return pair;
}
