import { convolutionSample, type ConvAttributes } from '../../../../ops/conv.ts';
import type { Sample } from '../../../../ops/op.ts';

/** Convolutions of single channels on images [N, C, H, W] whose channels are in whole blocks of either size. */
export const depthwiseSamples: readonly Sample<ConvAttributes>[] = [
  convolutionSample(
    { N: 2, C: 32, H: 5, W: 6 },
    { out: 32, groups: 32, kernel: { H: 3, W: 3 }, pad: [1, 1] },
  ),
  convolutionSample(
    { N: 3, C: 16, H: 9, W: 8 },
    { out: 16, groups: 16, kernel: { H: 5, W: 3 }, pad: [2, 1], bias: false },
  ),
  convolutionSample(
    { N: 2, C: 48, H: 8, W: 9 },
    { out: 48, groups: 48, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
  ),
  convolutionSample(
    { N: 1, C: 16, H: 9, W: 9 },
    { out: 16, groups: 16, kernel: { H: 3, W: 2 }, pad: [2, 2], dilation: 2 },
  ),
  convolutionSample(
    { N: 2, C: 16, H: 7, W: 7 },
    { out: 16, groups: 16, kernel: { H: 7, W: 7 }, pad: [3, 3] },
  ),
  // Windows that see nothing but padding, on an image of a line.
  convolutionSample(
    { N: 3, C: 16, H: 1, W: 3 },
    { out: 16, groups: 16, kernel: { H: 1, W: 2 }, pad: [3, 3], stride: 3 },
  ),
];
