import type { TensorType } from '../ir/tensor-type.ts';

/** How a batch of images lies in a tensor. */
export interface ImageLayout {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly layout: 'chw' | 'hwc';
}

/**
 * Which axes of [batch, _, _, _] are which, from the number of channels and the convention that height comes first.
 * Undefined where the axes are others, or their sizes not known.
 */
export function imageLayout(type: TensorType, channels: number): ImageLayout | undefined {
  const [, a, b, c] = type.axes.map(({ size }) => size.value);
  if (type.axes.length !== 4 || a === undefined || b === undefined || c === undefined) return undefined;
  if (a === channels) return { channels, height: b, width: c, layout: 'chw' };
  if (c === channels) return { channels, height: a, width: b, layout: 'hwc' };
  return undefined;
}
