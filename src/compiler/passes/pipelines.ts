import { centreInConvolution } from './centre-in-convolution.ts';
import { commonSubexpressions } from './common-subexpressions.ts';
import { constantFolding } from './constant-folding.ts';
import { deadCode } from './dead-code.ts';
import { flattenConcats } from './flatten-concats.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { gainFromWeights } from './gain-from-weights.ts';
import { joinChannelAffine } from './join-channel-affine.ts';
import { joinInputGradient } from './join-input-gradient.ts';
import { joinPieces } from './join-pieces.ts';
import type { Pass } from './pass.ts';
import { poolBeforeConvolution } from './pool-before-convolution.ts';
import { repeatWhereRead } from './repeat-where-read.ts';
import { sampleBeforeConvolution } from './sample-before-convolution.ts';
import { scaleLast } from './scale-last.ts';
import { scaleWeights } from './scale-weights.ts';
import { sumBeforeScale } from './sum-before-scale.ts';

/** For graphs in inference mode; `freeze` and `layout` come after. */
export const inferencePasses: readonly Pass[] = [
  constantFolding,
  foldBatchNorm,
  poolBeforeConvolution,
  commonSubexpressions,
  deadCode,
];

/** For the forward pass of a step of training, before it is differentiated: so its gradients are those of what it became. */
export const forwardPasses: readonly Pass[] = [sampleBeforeConvolution, poolBeforeConvolution];

/** For graphs in training mode, where statistics change and weights are not known. */
export const trainingPasses: readonly Pass[] = [
  constantFolding,
  sumBeforeScale,
  scaleLast,
  scaleWeights,
  joinChannelAffine,
  joinInputGradient,
  commonSubexpressions,
  joinPieces,
  deadCode,
];

/** For a whole step of training, before it is chosen what of it is computed again. */
export const stepPasses: readonly Pass[] = trainingPasses.toSpliced(
  -1,
  0,
  flattenConcats,
  repeatWhereRead,
  gainFromWeights,
  // It takes apart what that looks for.
  centreInConvolution,
);
