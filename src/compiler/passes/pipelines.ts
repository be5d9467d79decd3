import { commonSubexpressions } from './common-subexpressions.ts';
import { constantFolding } from './constant-folding.ts';
import { deadCode } from './dead-code.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import type { Pass } from './pass.ts';

/** For graphs in inference mode; `freeze` and `layout` come after. */
export const inferencePasses: readonly Pass[] = [
  constantFolding,
  foldBatchNorm,
  commonSubexpressions,
  deadCode,
];

/** For graphs in training mode, where statistics change and weights are not known. */
export const trainingPasses: readonly Pass[] = [constantFolding, commonSubexpressions, deadCode];
