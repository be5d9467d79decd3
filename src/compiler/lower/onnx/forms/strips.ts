import { axisNames, type TensorType } from '../../../ir/tensor-type.ts';
import { numberOf, product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant, type Size } from '../../../shapes/size.ts';
import { int, ints, type OnnxAttribute, type OnnxEmitter, type OnnxTensor } from '../emitter.ts';
import { NCHWC, type Block } from './blocks.ts';

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

/** x gain + offset + addend for each channel, and its relu: a convolution by channel of kernel 1. */
export function scaleStrips(
  e: OnnxEmitter,
  {
    x,
    gain,
    offset,
    addend,
  }: Readonly<Record<'x' | 'gain', OnnxTensor>> & {
    readonly offset: OnnxTensor | undefined;
    readonly addend: OnnxTensor | undefined;
  },
  { width, batch, channels, length }: Strips,
  relu: boolean,
): OnnxTensor {
  const lanes = channels * width;
  const dims = [batch, lanes, length, 1].map(constant);
  // One operation where spreading and reshaping would be three.
  const repeated = e.ints(Array.from({ length: lanes }, (_, lane) => Math.floor(lane / width)));
  const spread = (vector: OnnxTensor): OnnxTensor =>
    e.node('Gather', [vector, repeated], { dims: [constant(lanes)] });
  const operands = [
    e.reshape(x, dims),
    e.reshape(spread(gain), [lanes, 1, 1, 1].map(constant)),
    offset && spread(offset),
    addend && e.reshape(addend, dims),
  ];
  const attributes = {
    ...byChannel(lanes, 1),
    ...(relu ? { activation: { type: 'string', value: 'Relu' } as const } : {}),
  };
  return e.reshape(e.node('Conv', withoutTrailing(operands), { dims }, attributes, NCHWC), x.dims);
}

/**
 * The sum of a b over all but the channel: a convolution by channel whose kernel is b, as large as a, so that it has one
 * result in each lane, which are then added up. It reads both and writes next to nothing.
 */
export function dotStrips(
  e: OnnxEmitter,
  { a, b }: Readonly<Record<'a' | 'b', OnnxTensor>>,
  { width, batch, channels, length }: Strips,
): OnnxTensor {
  const lanes = batch * channels * width;
  const kernel = e.reshape(b, [lanes, 1, length, 1].map(constant));
  const image = e.reshape(a, [1, lanes, length, 1].map(constant));
  const dims = [1, lanes, 1, 1].map(constant);
  const sums = e.node('Conv', [image, kernel], { dims }, byChannel(lanes, length), NCHWC);
  const byLane = e.reshape(sums, [batch, channels, width].map(constant));
  const keepdims = int(0);
  return e.node('ReduceSum', [byLane, e.ints([0, 2])], { dims: [constant(channels)] }, { keepdims });
}

function byChannel(lanes: number, length: number): Readonly<Record<string, OnnxAttribute>> {
  return {
    group: int(lanes),
    kernel_shape: ints([length, 1]),
    strides: ints([1, 1]),
    pads: ints([0, 0, 0, 0]),
    dilations: ints([1, 1]),
  };
}

function withoutTrailing(operands: readonly (OnnxTensor | undefined)[]): readonly (OnnxTensor | undefined)[] {
  return operands.slice(0, operands.findLastIndex((operand) => operand !== undefined) + 1);
}

/** Elements of a tensor. */
export function elementsOfStrips({ width, batch, channels, length }: Strips): number {
  return width * batch * channels * length;
}
