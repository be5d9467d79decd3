import { convolutionSample, type ConvAttributes } from '../../../ops/conv.ts';
import type { Sample } from '../../../ops/op.ts';

/** Convolutions whose channels are in whole blocks of any size, at stride 1. */
export const blockedSamples: readonly Sample<ConvAttributes>[] = [
  convolutionSample(
    { N: 2, C: 32, H: 5, W: 6 },
    { out: 48, kernel: { H: 3, W: 3 }, pad: [1, 1], bias: false },
  ),
  convolutionSample({ N: 1, C: 16, H: 6, W: 5 }, { out: 32, kernel: { H: 3, W: 5 }, pad: [1, 0] }),
  convolutionSample(
    { N: 2, C: 32, H: 7, W: 9 },
    { out: 16, kernel: { H: 3, W: 3 }, pad: [2, 2], dilation: 2 },
  ),
  convolutionSample({ A: 2, N: 2, C: 16, H: 4, W: 3 }, { out: 16, kernel: { H: 2, W: 1 }, bias: false }),
  convolutionSample({ C: 48, H: 4, W: 5 }, { out: 32, to: 'C', kernel: { H: 3, W: 3 }, pad: [2, 1] }),
];
