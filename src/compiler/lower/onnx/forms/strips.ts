import { axisNames, type TensorType } from '../../../ir/tensor-type.ts';
import { reduceInOnnx } from '../../../ops/reduce-in-onnx.ts';
import { numberOf, product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant, type Size } from '../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../emitter.ts';
import type { Block } from './blocks.ts';
import { affineByChannel, dotByLane, type AffineOperands } from './by-channel.ts';

/**
 * A tensor in its ordinary order, [..., C, ...], taken for one in blocks: where the elements of a channel are a whole
 * number of blocks, `width` neighbours in memory may as well be the lanes of a block, and the channel a group of such
 * blocks. So the blocked convolutions by channel work on it, with each number of a channel repeated for its lanes, and
 * nothing is moved.
 */
export interface Strips {
  readonly width: Block;
  /** What stands before the channel. */
  readonly batch: number;
  readonly channels: number;
  /** Blocks of each channel. */
  readonly length: number;
}

/** Undefined where a size is known only when the graph runs, or a channel is no whole number of blocks. */
export function stripsOf(type: TensorType, channel: string, width: Block): Strips | undefined {
  const position = axisNames(type).indexOf(channel);
  const sizes = sizesOf(type);
  if (position < 0 || sizes.some(({ value }) => value === undefined)) return undefined;
  const count = (part: readonly Size[]): number => numberOf(product(part));
  const places = count(sizes.slice(position + 1));
  if (places === 0 || places % width !== 0) return undefined;
  const batch = count(sizes.slice(0, position));
  return { width, batch, channels: count(sizes.slice(position, position + 1)), length: places / width };
}

/** `stripsOf` where it is known to be defined. */
export function expectStrips(type: TensorType, channel: string, width: Block): Strips {
  const strips = stripsOf(type, channel, width);
  if (strips === undefined) throw new Error(`${channel} is in no whole number of blocks`);
  return strips;
}

/** x gain + offset + addend for each channel, and its relu. */
export function scaleStrips(
  e: OnnxEmitter,
  { x, gain, offset, addend }: AffineOperands,
  { width, batch, channels, length }: Strips,
  relu: boolean,
): OnnxTensor {
  const lanes = channels * width;
  const dims = [batch, lanes, length, 1].map(constant);
  // One operation where spreading and reshaping would be three.
  const repeated = e.indices(Array.from({ length: lanes }, (_, lane) => Math.floor(lane / width)));
  const spread = (vector: OnnxTensor): OnnxTensor =>
    e.node('Gather', [vector, repeated], { dims: [constant(lanes)] });
  const operands = {
    x: e.reshape(x, dims),
    gain: spread(gain),
    offset: offset && spread(offset),
    addend: addend && e.reshape(addend, dims),
  };
  return e.reshape(affineByChannel(e, operands, lanes, relu), x.dims);
}

/** The sum of a b over all but the channel. */
export function dotStrips(
  e: OnnxEmitter,
  operands: Readonly<Record<'a' | 'b', OnnxTensor>>,
  { width, batch, channels, length }: Strips,
): OnnxTensor {
  const sums = dotByLane(e, operands, batch * channels * width, length);
  return reduceInOnnx(e, 'ReduceSum', e.reshape(sums, [batch, channels, width].map(constant)), [0, 2]);
}

/** Elements of a tensor. */
export function elementsOfStrips({ width, batch, channels, length }: Strips): number {
  return width * batch * channels * length;
}
