import { convolutionSample, type ConvAttributes } from '../../../../ops/conv.ts';
import type { Sample } from '../../../../ops/op.ts';

/** Convolutions of images [N, C, H, W] whose channels are in whole blocks of either size. */
export const imageSamples: readonly Sample<ConvAttributes>[] = [
  convolutionSample(
    { N: 2, C: 32, H: 5, W: 6 },
    { out: 48, kernel: { H: 3, W: 3 }, pad: [1, 1], bias: false },
  ),
  convolutionSample({ N: 2, C: 16, H: 4, W: 4 }, { out: 32, kernel: { H: 1, W: 1 } }),
  convolutionSample({ N: 1, C: 48, H: 3, W: 4 }, { out: 16, kernel: { H: 1, W: 1 }, bias: false }),
  convolutionSample(
    { N: 2, C: 32, H: 7, W: 9 },
    { out: 16, kernel: { H: 3, W: 3 }, pad: [2, 2], dilation: 2 },
  ),
  convolutionSample({ N: 2, C: 64, H: 5, W: 6 }, { out: 96, groups: 2, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
  convolutionSample({ N: 2, C: 48, H: 4, W: 3 }, { out: 48, groups: 3, kernel: { H: 1, W: 1 }, bias: false }),
  convolutionSample({ N: 2, C: 32, H: 9, W: 8 }, { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 }),
];
