import type { Bench } from './bench.ts';
import { comparing, type Setting } from './train-step/compare-steps.ts';

const limits = { nchw: 1, channelsLast: 1 };

const settings: readonly Setting[] = [
  {
    network: 'mobilenet_v3_large',
    source: '../../models/mobilenetv3-large.net',
    size: 224,
    batch: 8,
    limits,
  },
  { network: 'efficientnet_b0', source: '../../models/efficientnet-b0.net', size: 224, batch: 8, limits },
  { network: 'mobilenet_v2', source: 'mobilenetv2.net', size: 224, batch: 8, limits },
  { network: 'shufflenet_v2_x1_0', source: 'shufflenetv2.net', size: 224, batch: 8, limits },
  { network: 'resnext50_32x4d', source: 'resnext50.net', size: 224, batch: 8, limits },
  { network: 'convnext_tiny', source: '../../models/convnext-tiny.net', size: 224, batch: 4, limits },
  { network: 'swin_t', source: '../../models/swin-t.net', size: 224, batch: 4, limits },
  { network: 'vit_b_16', source: '../../models/vit-b16.net', size: 224, batch: 2, limits },
  { network: 'u-net', source: '../../models/u-net.net', size: 128, batch: 4, limits },
];

/** Networks that no step was made fast for: depthwise and grouped convolutions, windows, attention, a decoder. */
export const bench: Bench = {
  title: "a training step of other networks takes no longer than PyTorch's",
  run: comparing(settings),
};
