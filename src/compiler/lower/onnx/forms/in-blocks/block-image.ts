import { axisNames, type TensorType } from '../../../../ir/tensor-type.ts';
import { reduceInOnnx } from '../../../../ops/reduce-in-onnx.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { constant } from '../../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../../emitter.ts';
import { NCHWC, type Block } from '../blocks.ts';
import { dotByLane } from '../by-channel.ts';

/** A tensor [N, C, H, W] of known sizes whose channels are in whole blocks, so that it may lie in them. */
export interface BlockImage {
  readonly block: Block;
  readonly batch: number;
  readonly channels: number;
  /** Places of a channel. */
  readonly points: number;
  readonly elements: number;
}

/** Undefined where it is none, or where `channel` is not its second axis. */
export function blockImage(type: TensorType, block: Block, channel?: string): BlockImage | undefined {
  const [batch, channels, height, width, ...more] = sizesOf(type).map(({ value }) => value);
  if (batch === undefined || channels === undefined || height === undefined || width === undefined)
    return undefined;
  const isImage = more.length === 0 && (channel === undefined || axisNames(type)[1] === channel);
  if (!isImage || type.dtype !== 'f32' || channels % block !== 0) return undefined;
  const points = height * width;
  if (batch * channels * points === 0) return undefined;
  return { block, batch, channels, points, elements: batch * channels * points };
}

/** `blockImage` where it is known to be one. */
export function expectBlockImage(type: TensorType, block: Block, channel?: string): BlockImage {
  const image = blockImage(type, block, channel);
  if (image === undefined) throw new Error('this is no image in whole blocks of channels');
  return image;
}

/**
 * What sums up a channel adds up no more numbers in a row than this, and then the sums: with each of them float32 loses
 * of its digits.
 */
const LONGEST = 256;

/**
 * An image taken for one of more channels that have fewer places: what lies behind each other in a block is cut into pieces.
 * Read so, what is made for each channel is [N, C / block, pieces, block], of which `addedUp` makes sums by channel.
 */
interface Pieces {
  readonly pieces: number;
  readonly length: number;
  /** All channels of all images, in pieces. */
  readonly lanes: number;
}

export function piecesOf({ batch, channels, points }: BlockImage): Pieces {
  const pieces = Array.from({ length: points }, (_, i) => i + 1).find(
    (count) => points % count === 0 && points / count <= LONGEST,
  );
  const count = pieces ?? points;
  return { pieces: count, length: points / count, lanes: batch * channels * count };
}

/** What is left of an image: a number for each channel, [C], or for each channel of each image, [N, C]. */
export type Kept = 'channels' | 'images and channels';

/** What there is for each piece of each channel, brought together. */
function addedUp(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  { batch, channels, block }: BlockImage,
  { pieces }: Pieces,
  how: 'ReduceSum' | 'ReduceMean',
  kept: Kept = 'channels',
): OnnxTensor {
  const [images, left] = kept === 'channels' ? [[0], [channels]] : [[], [batch, channels]];
  // Of one place in each block, what is in blocks and what is not are the same.
  if (pieces === 1) {
    return reduceInOnnx(e, how, e.reshape(tensor, [batch, channels].map(constant)), images);
  }
  const byLane = e.reshape(tensor, [batch, channels / block, pieces, block].map(constant));
  return e.reshape(reduceInOnnx(e, how, byLane, [...images, 2]), left.map(constant));
}

/** The mean of each piece of each channel, and then their sum or mean. */
export function pooledInBlocks(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  image: BlockImage,
  how: 'ReduceSum' | 'ReduceMean',
  kept: Kept = 'channels',
): OnnxTensor {
  const pieces = piecesOf(image);
  const { lanes, length } = pieces;
  const isWhole = pieces.pieces === 1;
  const cut = isWhole ? tensor : e.reshape(tensor, [1, lanes, length, 1].map(constant));
  const dims = [isWhole ? image.batch : 1, isWhole ? image.channels : lanes, 1, 1].map(constant);
  const means = e.node('GlobalAveragePool', [cut], { dims }, {}, NCHWC);
  return addedUp(e, means, image, pieces, how, kept);
}

/** The sum of a b over all but the channel. */
export function dotInBlocks(
  e: OnnxEmitter,
  operands: Readonly<Record<'a' | 'b', OnnxTensor>>,
  image: BlockImage,
): OnnxTensor {
  const pieces = piecesOf(image);
  return addedUp(e, dotByLane(e, operands, pieces.lanes, pieces.length), image, pieces, 'ReduceSum');
}
