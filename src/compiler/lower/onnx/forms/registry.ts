import type { PhysicalOp } from '../../../ir/physical.ts';
import { geluInOne, siluInOne } from './activations-in-one.ts';
import { affineStrips } from './affine-strips.ts';
import type { Block } from './blocks.ts';
import { centreStrips } from './centre-strips.ts';
import { columnwiseWeightGradient } from './columnwise-weight-gradient.ts';
import { channelDotStrips } from './dot-strips.ts';
import { depthwiseByLane } from './depthwise-by-lane.ts';
import type { OnnxForm } from './form.ts';
import { fusedInputGradient } from './fused-input-gradient.ts';
import { fusedWeightGradient } from './fused-weight-gradient.ts';
import { gainGradientStrips } from './gain-strips.ts';
import {
  affineOfBlocks,
  centreOfBlocks,
  dotOfBlocks,
  gainOfBlocks,
} from './in-blocks/by-channel-in-blocks.ts';
import { convolutionInBlocks } from './in-blocks/convolution-in-blocks.ts';
import {
  depthwiseConvolution,
  depthwiseInputGradient,
  stridedDepthwiseInputGradient,
} from './in-blocks/depthwise-convolution.ts';
import { depthwiseWeightGradient } from './in-blocks/depthwise-weight-gradient.ts';
import { directConvolution } from './in-blocks/direct-convolution.ts';
import { imageByImage } from './in-blocks/image-by-image.ts';
import { inputGradientInBlocks } from './in-blocks/input-gradient-in-blocks.ts';
import { gateOfBlocks, shiftOfBlocks } from './in-blocks/lanes-in-blocks.ts';
import { passingBlocks } from './in-blocks/passing-blocks.ts';
import { avgPoolGradientInBlocks, avgPoolInBlocks } from './in-blocks/pools-in-blocks.ts';
import { stridedInputGradientInBlocks } from './in-blocks/strided-input-gradient-in-blocks.ts';
import { meanOfBlocks, sumOfBlocks } from './in-blocks/reductions-in-blocks.ts';
import { weightGradientInBlocks } from './in-blocks/weight-gradient-in-blocks.ts';
import { linewiseWeightGradient } from './linewise-weight-gradient.ts';
import { meanAsPool, sumAsPool, sumAsProduct } from './reductions.ts';

const fusedForms = [
  fusedWeightGradient,
  columnwiseWeightGradient,
  linewiseWeightGradient,
  fusedInputGradient,
  siluInOne,
  geluInOne,
  sumAsProduct,
  sumAsPool,
  meanAsPool,
] as const;

/**
 * What a provider may be given beside the ops' own lowerings, which are all that there is in `plain`. The others are for
 * ONNX Runtime's CPU provider: `fused` wherever that runs, and the two that are named by the size of its blocks where
 * its convolutions are blocked, and so by this number of channels.
 */
export const formSets = {
  plain: [],
  fused: fusedForms,
  blocked8: [...fusedForms, ...blockedForms(8)],
  blocked16: [...fusedForms, ...blockedForms(16)],
} as const satisfies Readonly<Record<string, readonly OnnxForm[]>>;

function blockedForms(block: Block) {
  return [
    directConvolution(block),
    affineStrips(block),
    centreStrips(block),
    channelDotStrips(block),
    gainGradientStrips(block),
    convolutionInBlocks(block),
    inputGradientInBlocks(block),
    stridedInputGradientInBlocks(block),
    weightGradientInBlocks(block),
    imageByImage(block),
    depthwiseConvolution(block),
    depthwiseInputGradient(block),
    stridedDepthwiseInputGradient(block),
    depthwiseWeightGradient(block),
    ...depthwiseByLane(block),
    affineOfBlocks(block),
    dotOfBlocks(block),
    gainOfBlocks(block),
    centreOfBlocks(block),
    sumOfBlocks(block),
    meanOfBlocks(block),
    gateOfBlocks(block),
    shiftOfBlocks(block),
    avgPoolInBlocks(block),
    avgPoolGradientInBlocks(block),
    ...passingBlocks(block),
  ] as const;
}

export type FormSet = keyof typeof formSets;

const byOpAndName: ReadonlyMap<string, OnnxForm> = new Map(
  Object.values(formSets).flatMap((forms: readonly OnnxForm[]) =>
    forms.map((form) => [`${form.op}/${form.name}`, form] as const),
  ),
);

/** The form that was chosen for a node. */
export function formOf({ path, op, form }: PhysicalOp): OnnxForm {
  const found = byOpAndName.get(`${op}/${form}`);
  if (found === undefined) throw new Error(`${path}: ${op} has no form ${form}`);
  return found;
}
