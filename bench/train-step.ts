import type { Bench } from './bench.ts';
import { comparing, type Setting } from './train-step/compare-steps.ts';

const settings: readonly Setting[] = [
  {
    network: 'densenet121',
    source: 'densenet121.net',
    size: 224,
    batch: 8,
    limits: { nchw: 0.9, channelsLast: 1, memory: 1 },
    budget: 335e6,
  },
  {
    network: 'densenet121',
    source: 'densenet121.net',
    size: 224,
    batch: 16,
    limits: { nchw: 0.85, memory: 1 },
  },
  { network: 'resnet50', source: 'resnet50.net', size: 224, batch: 8, limits: { nchw: 1, memory: 1 } },
  { network: 'mair', source: 'mair.net', size: 224, batch: 8, limits: { nchw: 1, memory: 1 } },
  { network: 'mair-small', source: 'mair-small.net', size: 96, batch: 32, limits: { nchw: 1, memory: 1 } },
];

/** The networks that the steps were made fast for. */
export const bench: Bench = {
  title: "a training step takes no longer than PyTorch's",
  run: comparing(settings),
};
