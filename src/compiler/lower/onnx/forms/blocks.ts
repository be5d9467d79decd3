import type { TensorType } from '../../../ir/tensor-type.ts';
import { product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant, floorDiv, mul, type Size } from '../../../shapes/size.ts';
import { int, ints, type OnnxAttribute, type OnnxEmitter, type OnnxTensor } from '../emitter.ts';
import {
  isPointwise,
  milliseconds,
  operations,
  type ConvolutionShape,
  type WindowShape,
} from './convolution-cost.ts';

/**
 * ONNX Runtime's blocked convolutions, which its optimiser makes of those with constant weights: a tensor
 * [N, C, H, W] lies in memory as [N, C / block, H, W, block], a weight [K, C, H, W] as
 * [K / block, C / block, H, W, block of C, block of K]. Dims are those without blocks, and all channels are in whole ones.
 * How large a block is depends on the processor, and nothing complains of data in blocks of another size.
 */
export type Block = 8 | 16;

export const NCHWC = 'com.microsoft.nchwc';

/** Whether the blocked convolution can do it: it has two axes and no groups. */
export function isBlockable({ from, to, groups, windows }: ConvolutionShape, block: Block): boolean {
  return groups === 1 && windows.length === 2 && from % block === 0 && to % block === 0;
}

/** What the arithmetic of a convolution, or of one of the same size, takes longer without blocks. */
export function savedByBlocks(shape: ConvolutionShape): number {
  const { batch, weight, points, to, x, y } = shape;
  const unfolded = isPointwise(shape) ? 0 : batch * (points * (weight / to) + weight);
  return (
    operations(shape) * milliseconds.blockedArithmetic +
    unfolded * milliseconds.unfolded -
    (x + y) * milliseconds.reordered
  );
}

/** [N, C, H, W] in blocks. */
export function intoBlocks(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  const attributes = { channels_last: int(0) };
  return e.node('ReorderInput', [tensor], { dims: tensor.dims }, attributes, NCHWC);
}

export function outOfBlocks(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  const attributes = { channels: int(e.constant(tensor.dims[1] ?? constant(1))), channels_last: int(0) };
  return e.node('ReorderOutput', [tensor], { dims: tensor.dims }, attributes, NCHWC);
}

/** [N, C, H, W] of a physical tensor that ends in C, H and W. */
export function imageDims(type: TensorType): readonly Size[] {
  const sizes = sizesOf(type);
  return [product(sizes.slice(0, -3)), ...sizes.slice(-3)];
}

/** On x and a weight that lie in blocks, and a bias, if there is one, which does not. */
export function blockedConv(
  e: OnnxEmitter,
  operands: readonly OnnxTensor[],
  dims: OnnxTensor['dims'],
  attributes: Readonly<Record<'kernel_shape' | 'strides' | 'pads' | 'dilations', OnnxAttribute>>,
): OnnxTensor {
  return e.node('Conv', operands, { dims }, { ...attributes, group: int(1) }, NCHWC);
}

/**
 * A weight [K, C, H, W] in blocks. Two steps, of which the first is a transposition of a matrix and the second moves whole
 * blocks: both take a fraction of the time of the one that would do.
 */
export function weightInBlocks(e: OnnxEmitter, weight: OnnxTensor, block: Block): OnnxTensor {
  const [made, members, height, width] = weight.dims;
  if (made === undefined || members === undefined || height === undefined || width === undefined)
    throw new Error(`${weight.name} is no weight of a convolution over two axes`);
  const [b, taps] = [constant(block), mul(height, width)];
  const turned = e.transpose(e.reshape(weight, [made, mul(members, taps)]), [1, 0]);
  const split = e.reshape(turned, [floorDiv(members, b), b, taps, floorDiv(made, b), b]);
  return e.reshape(e.transpose(split, [3, 0, 2, 1, 4]), weight.dims);
}

/** The weight [C, K, H, W] with which the gradient of a convolution of weight [K, C, H, W] is one, in blocks. */
export function mirroredWeightInBlocks(e: OnnxEmitter, weight: OnnxTensor, block: Block): OnnxTensor {
  const [made, members, height, width] = weight.dims;
  if (made === undefined || members === undefined || height === undefined || width === undefined)
    throw new Error(`${weight.name} is no weight of a convolution over two axes`);
  const [b, taps] = [constant(block), mul(height, width)];
  const tapsFirst = e.transpose(e.reshape(weight, [mul(made, members), taps]), [1, 0]);
  const split = e.reshape(tapsFirst, [taps, floorDiv(made, b), b, floorDiv(members, b), b]);
  // Slice ends before its end, and what is before the first element has no other name than a number so small.
  const bounds = [e.ints([-1]), e.ints([-(2 ** 31)]), e.ints([0]), e.ints([-1])];
  const mirrored = e.node('Slice', [split, ...bounds], { dims: split.dims });
  return e.reshape(e.transpose(mirrored, [3, 1, 0, 2, 4]), [members, made, height, width]);
}

/** The attributes of a convolution, of numbers. */
export function convAttributes(
  windows: readonly WindowShape[],
): Readonly<Record<'kernel_shape' | 'strides' | 'pads' | 'dilations', OnnxAttribute>> {
  return {
    kernel_shape: ints(windows.map(({ kernel }) => kernel)),
    strides: ints(windows.map(({ stride }) => stride)),
    pads: ints([...windows.map(({ before }) => before), ...windows.map(({ after }) => after)]),
    dilations: ints(windows.map(({ dilation }) => dilation)),
  };
}
