import { constant } from '../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../emitter.ts';
import { blockedConv, unpadded } from './blocks.ts';

/** What a channel is scaled by and what is added to it, with x and the addend in blocks. */
export type AffineOperands = Readonly<Record<'x' | 'gain', OnnxTensor>> &
  Readonly<Record<'offset' | 'addend', OnnxTensor | undefined>>;

/** x gain + offset + addend for each channel, and its relu: a convolution by channel of kernel 1. */
export function affineByChannel(
  e: OnnxEmitter,
  { x, gain, offset, addend }: AffineOperands,
  channels: number,
  relu: boolean,
): OnnxTensor {
  const operands = [x, e.reshape(gain, [channels, 1, 1, 1].map(constant)), offset, addend];
  const given = operands.slice(0, operands.findLastIndex((operand) => operand !== undefined) + 1);
  const activation = relu ? { activation: { type: 'string', value: 'Relu' } as const } : {};
  return blockedConv(e, given, x.dims, { ...unpadded([1, 1]), ...activation }, channels);
}

/**
 * The sum of a b for each lane of `length` elements: a convolution by channel whose kernel is b, as large as a, so that it
 * has one result in each: [1, lanes, 1, 1]. It reads both and writes next to nothing.
 */
export function dotByLane(
  e: OnnxEmitter,
  { a, b }: Readonly<Record<'a' | 'b', OnnxTensor>>,
  lanes: number,
  length: number,
): OnnxTensor {
  const operands = [
    e.reshape(a, [1, lanes, length, 1].map(constant)),
    e.reshape(b, [lanes, 1, length, 1].map(constant)),
  ];
  return blockedConv(e, operands, [1, lanes, 1, 1].map(constant), unpadded([length, 1]), lanes);
}
