/**
 * All kernels, by their names. They are registered for the backend `wasm`.
 *
 * | kernel | reason |
 * | --- | --- |
 * | Conv2DBackpropFilter, DepthwiseConv2dNativeBackpropFilter / Input, UnsortedSegmentSum | missing; gradients of convolutions and of gather need them |
 * | Conv2D, Conv2DBackpropInput, BatchMatMul | one blocked product serves all; stock is 1.1 to 20 times slower, worst when an operand is transposed |
 * | MaxPoolGrad, AvgPoolGrad | stock walks scalars; ties go to the first maximum |
 * | Sum, Mean over leading or middle axes | stock transposes first, and adds in one long chain |
 * | Maximum, Minimum | stock is scalar, 7 times slower |
 * | Concat, SplitV, Slice | stock copies row by row from JavaScript; its Slice copies the whole input first |
 * | GatherV2 | stock reads wrong rows where there are batch dimensions |
 * | Add, Sub, Multiply, RealDiv, SquaredDifference, Prelu, PadV2 | of more than six axes stock makes nonsense |
 * | Identity, Cast to the same type | shared instead of copied: saved tensors are not held twice |
 * | BatchNormTrain(Grad), ReluGrad, Repeat | new: used by the gradients, and by `batchNormTrain` |
 */
import { batchMatMul } from './batch-matmul.mjs';
import { batchNormTrainGradKernel, batchNormTrainKernel } from './batch-norm.mjs';
import { concat, slice, split } from './blocks.mjs';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './convolution.mjs';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise.mjs';
import { extremeKernel, reluGrad } from './elementwise.mjs';
import { gather, unsortedSegmentSum } from './gather.mjs';
import { ofAnyRank, pad } from './many-axes.mjs';
import { avgPoolGrad, maxPoolGrad } from './pooling.mjs';
import { reduction, repeat } from './reduction.mjs';
import { cast, identity } from './shared-data.mjs';

/** @import { Call, Info } from '../kernel-call.mjs' */

/** @type {Record<string, (call: Call<never, never>) => Info | Info[]>} */
export const allKernels = {
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dBackpropInput,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  BatchMatMul: batchMatMul,
  AvgPoolGrad: avgPoolGrad,
  MaxPoolGrad: maxPoolGrad,
  Sum: reduction(false),
  Mean: reduction(true),
  Repeat: repeat,
  Minimum: extremeKernel('Minimum', 'min'),
  Maximum: extremeKernel('Maximum', 'max'),
  Add: ofAnyRank('Add', ['a', 'b']),
  Sub: ofAnyRank('Sub', ['a', 'b']),
  Multiply: ofAnyRank('Multiply', ['a', 'b']),
  RealDiv: ofAnyRank('RealDiv', ['a', 'b']),
  SquaredDifference: ofAnyRank('SquaredDifference', ['a', 'b']),
  Prelu: ofAnyRank('Prelu', ['x', 'alpha']),
  PadV2: pad,
  ReluGrad: reluGrad,
  Identity: identity,
  Cast: cast,
  Slice: slice,
  SplitV: split,
  Concat: concat,
  GatherV2: gather,
  UnsortedSegmentSum: unsortedSegmentSum,
  BatchNormTrain: batchNormTrainKernel,
  BatchNormTrainGrad: batchNormTrainGradKernel,
};
