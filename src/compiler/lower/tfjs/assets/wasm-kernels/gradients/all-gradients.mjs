/**
 * All gradients, by the names of their kernels, for every backend. `@tensorflow/tfjs-core` alone comes without any (they
 * are in the all-in-one package `@tensorflow/tfjs`), so those of the usual operations are here. They follow PyTorch's
 * conventions: relu'(0) = 0, a clip passes inside and at its bounds, max takes the first of equals. Where they differ
 * from the stock ones:
 *
 * | gradient of | stock |
 * | --- | --- |
 * | Conv2D, DepthwiseConv2dNative | refuse dilations |
 * | Conv3D | calls kernels that on WASM give wrong numbers |
 * | AvgPool | divides by the whole window where the forward pass does not count padding |
 * | Max, Min | give the gradient to every tie |
 * | ResizeBilinear, ResizeNearestNeighbor | ignore half-pixel centres |
 * | BatchMatMul | has the wrong shape when the batch was broadcast |
 * | Relu, Sum, Mean | are right but slow: three passes, tensors of ones |
 */
import { alongAxes } from './along-axes.mjs';
import { batchNorm } from './batch-norm.mjs';
import { convolution3d } from './convolution-3d.mjs';
import { convolution } from './convolution.mjs';
import { matmul } from './matmul.mjs';
import { movement } from './movement.mjs';
import { pooling } from './pooling.mjs';
import { resizing } from './resizing.mjs';
import { severalOperands } from './several-operands.mjs';
import { unary } from './unary.mjs';

/** @import { GradientEntry } from './gradient.mjs' */

/** @type {Record<string, GradientEntry>} */
export const allGradients = {
  ...unary,
  ...severalOperands,
  ...matmul,
  ...alongAxes,
  ...movement,
  ...convolution,
  ...convolution3d,
  ...pooling,
  ...resizing,
  ...batchNorm,
};
