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
import { takeRows } from './rows.ts';

/**
 * ONNX Runtime's blocked convolutions, which its optimiser makes of those with constant weights: a tensor
 * [N, C, H, W] lies in memory as [N, C / block, H, W, block], a weight [K, C, H, W] as
 * [K / block, C / block, H, W, block of C, block of K]. Dims are those without blocks, and all channels are in whole ones.
 * How large a block is depends on the processor, and nothing complains of data in blocks of another size.
 */
export type Block = 8 | 16;

export const NCHWC = 'com.microsoft.nchwc';

/** Whether the blocked convolution can do it: it has two axes, and its groups are of whole blocks of channels. */
export function isBlockable({ from, to, groups, windows }: ConvolutionShape, block: Block): boolean {
  return windows.length === 2 && (from / groups) % block === 0 && (to / groups) % block === 0;
}

/** What a convolution takes longer without blocks, or one of the same size, where x and y lie in them. */
export function savedInBlocks(shape: ConvolutionShape): number {
  const { batch, weight, points, to, groups } = shape;
  const unfolded = isPointwise(shape) ? 0 : batch * (points * groups * (weight / to) + weight);
  return operations(shape) * milliseconds.blockedArithmetic + unfolded * milliseconds.unfolded;
}

/** [N, C, H, W] in blocks. */
export function intoBlocks(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  return e.node('ReorderInput', [tensor], { dims: tensor.dims }, { channels_last: int(0) }, NCHWC);
}

/** [N, H, W, C] in blocks: as [N, C, H, W]. */
export function intoBlocksFromLast(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  const [batch = one, height = one, width = one, channels = one] = tensor.dims;
  const dims = [batch, channels, height, width];
  return e.node('ReorderInput', [tensor], { dims }, { channels_last: int(1) }, NCHWC);
}

/** What lies in blocks, as [N, C, H, W]. */
export function outOfBlocks(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  const channels = int(e.constant(tensor.dims[1] ?? one));
  return e.node('ReorderOutput', [tensor], { dims: tensor.dims }, { channels, channels_last: int(0) }, NCHWC);
}

/** What lies in blocks, as [N, H, W, C]. */
export function outOfBlocksToLast(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  const [batch = one, channels = one, height = one, width = one] = tensor.dims;
  const dims = [batch, height, width, channels];
  const attributes = { channels: int(e.constant(channels)), channels_last: int(1) };
  return e.node('ReorderOutput', [tensor], { dims }, attributes, NCHWC);
}

/** [N, C, H, W] of a physical tensor that ends in C, H and W. */
export function imageDims(type: TensorType): readonly Size[] {
  const sizes = sizesOf(type);
  return [product(sizes.slice(0, -3)), ...sizes.slice(-3)];
}

/** On x and a weight that lie in blocks; a bias, if there is one, which does not; and what is added, which does. */
export function blockedConv(
  e: OnnxEmitter,
  operands: readonly (OnnxTensor | undefined)[],
  dims: OnnxTensor['dims'],
  attributes: Readonly<Record<string, OnnxAttribute>>,
  groups = 1,
): OnnxTensor {
  return e.node('Conv', operands, { dims }, { ...attributes, group: int(groups) }, NCHWC);
}

/** The attributes of a convolution that moves by 1 over what is there. */
export function unpadded(kernel: readonly number[]): ReturnType<typeof convAttributes> {
  return convAttributes(
    kernel.map((size) => ({ kernel: size, stride: 1, dilation: 1, before: 0, after: 0 })),
  );
}

/** A weight [K, C, H, W] as it has to lie for an x in no blocks: [K / block, C, H, W, block of K]. */
export function weightOnImage(e: OnnxEmitter, weight: OnnxTensor): OnnxTensor {
  const { made, members, taps } = weightDims(weight);
  return e.reshape(intoBlocks(e, e.reshape(weight, [one, made, members, taps])), weight.dims);
}

/**
 * A weight [K, C, H, W] in blocks: what brings images into blocks does so with the channels of y, whose image are those of
 * x and the kernel; with a kernel of more than 1, it then moves blocks of these from behind a block of channels of x to
 * before it, as if they were the channels of an image that has those for its places.
 */
export function weightInBlocks(e: OnnxEmitter, weight: OnnxTensor, block: Block): OnnxTensor {
  const { made, members, taps } = weightDims(weight);
  const byMade = weightOnImage(e, weight);
  if (taps.value === 1) return byMade;
  const b = constant(block);
  const pairs = mul(floorDiv(made, b), floorDiv(members, b));
  return e.reshape(intoBlocksFromLast(e, e.reshape(byMade, [pairs, b, one, mul(taps, b)])), weight.dims);
}

/**
 * The weight [C, K, H, W] with which the gradient of a convolution of weight [K, C, H, W] is one, in blocks; C and K change
 * places within each group.
 */
export function mirroredWeightInBlocks(
  e: OnnxEmitter,
  weight: OnnxTensor,
  block: Block,
  groups = 1,
): OnnxTensor {
  const { made, members, taps } = weightDims(weight);
  if (taps.value === 1 && groups === 1) {
    const turned = intoBlocksFromLast(e, e.reshape(weight, [one, made, one, members]));
    return e.reshape(turned, [members, made, one, one]);
  }
  const byTap = weightByTap(e, weight, block, groups);
  return tapsInBlocks(e, byTap, mirrored(byTap.height), mirrored(byTap.width));
}

/** A weight [K, C, H, W] as it has to lie for some of its taps to be taken from it: [K / block, C / block, H W, block of K, block of C]. */
export interface WeightByTap {
  readonly tensor: OnnxTensor;
  readonly block: Block;
  readonly groups: number;
  /** Blocks of K in a group, and of C. */
  readonly made: number;
  readonly members: number;
  readonly height: number;
  readonly width: number;
}

export function weightByTap(e: OnnxEmitter, weight: OnnxTensor, block: Block, groups = 1): WeightByTap {
  const { made, members, taps } = weightDims(weight);
  const [, , height = one, width = one] = weight.dims;
  const b = constant(block);
  const [blocksMade, blocksOfMembers] = [floorDiv(made, b), floorDiv(members, b)];
  const byMembers = intoBlocks(e, e.reshape(weight, [made, members, taps, one]));
  const tensor = intoBlocksFromLast(e, e.reshape(byMembers, [blocksMade, b, one, mul(members, taps)]));
  return {
    tensor,
    block,
    groups,
    made: e.constant(blocksMade) / groups,
    members: e.constant(blocksOfMembers),
    height: e.constant(height),
    width: e.constant(width),
  };
}

/** The weight [C, K, rows, columns] in blocks, group by group, that has these rows and columns of the kernel, in this order. */
export function tapsInBlocks(
  e: OnnxEmitter,
  { tensor, block, groups, made, members, height, width }: WeightByTap,
  rows: readonly number[],
  columns: readonly number[],
): OnnxTensor {
  const numbers = range(groups * members).flatMap((member) =>
    range(made).flatMap((maker) => {
      const pair = (Math.floor(member / members) * made + maker) * members + (member % members);
      return rows.flatMap((row) => columns.map((column) => (pair * height + row) * width + column));
    }),
  );
  const dims = [groups * members * block, made * block, rows.length, columns.length].map(constant);
  return e.reshape(takeRows(e, tensor, block * block, numbers), dims);
}

/**
 * [a, b, c] as [a, c, b], with c in whole blocks: as images of b places with c channels behind them, into blocks and out
 * of them, which is done on all threads.
 */
export function turnLastAxes(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  [a, b, c]: readonly [Size, Size, Size],
): OnnxTensor {
  const inBlocks = intoBlocksFromLast(e, e.reshape(tensor, [a, b, one, c]));
  return e.reshape(outOfBlocks(e, inBlocks), [a, c, b]);
}

/** From 0 on. */
export function range(length: number): readonly number[] {
  return Array.from({ length }, (_, i) => i);
}

/** From the last place to the first. */
function mirrored(count: number): readonly number[] {
  return range(count).toReversed();
}

const one = constant(1);

function weightDims(weight: OnnxTensor): Readonly<Record<'made' | 'members' | 'taps', Size>> {
  const [made, members, height, width] = weight.dims;
  if (made === undefined || members === undefined || height === undefined || width === undefined)
    throw new Error(`${weight.name} is no weight of a convolution over two axes`);
  return { made, members, taps: mul(height, width) };
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
