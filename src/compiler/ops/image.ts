import { axisNames, type TensorType } from '../ir/tensor-type.ts';
import type { Size } from '../shapes/size.ts';
import type { AxisOrder, Dialect, OpLayout } from './op.ts';
import { product, sizesOf } from './sizes-of.ts';

/** Where images have their channels in a dialect: [..., C, H, W] or [..., H, W, C]. */
export function imageOrder(
  dialect: Dialect,
  channel: string,
  spatial: readonly string[],
): AxisOrder & object {
  return dialect === 'channels-first' ? ['...', channel, ...spatial] : ['...', ...spatial, channel];
}

/**
 * The order that an op over the axes `spatial` of images needs of its input and output, where each channel is by itself:
 * any in which those axes are neighbours, and the last ones where the dialect has channels first.
 */
export function spatialLayout(
  x: TensorType,
  spatial: readonly string[],
  dialect: Dialect,
  sorted: (names: readonly string[]) => readonly string[],
): OpLayout {
  const order =
    dialect === 'channels-first' ? ['...', ...sorted(spatial)] : gathered(sorted(axisNames(x)), spatial);
  return { inputs: [order], outputs: [order] };
}

/** The program's order with the axes `spatial` brought together where the first of them stands. */
function gathered(order: readonly string[], spatial: readonly string[]): readonly string[] {
  const first = order.findIndex((name) => spatial.includes(name));
  const inOrder = order.filter((name) => spatial.includes(name));
  const others = order.filter((name) => !spatial.includes(name));
  return [...others.slice(0, first), ...inOrder, ...others.slice(first)];
}

/**
 * The shape [batch, ...spatial, channels] of a physical tensor whose `spatial` axes are adjacent: all that precedes
 * them is batch, all that follows are channels.
 */
export function channelsLastDims(type: TensorType, spatial: readonly string[]): readonly Size[] {
  const sizes = sizesOf(type);
  const first = axisNames(type).findIndex((name) => spatial.includes(name));
  const end = first + spatial.length;
  return [product(sizes.slice(0, first)), ...sizes.slice(first, end), product(sizes.slice(end))];
}

/**
 * The shape [batch, channels, ...spatial] of a physical tensor that ends in `count` spatial axes. The outermost axis is
 * the batch, so that a dynamic size stays by itself.
 */
export function channelsFirstDims(type: TensorType, count: number): readonly Size[] {
  const sizes = sizesOf(type);
  const others = sizes.slice(0, sizes.length - count);
  return [product(others.slice(0, 1)), product(others.slice(1)), ...sizes.slice(sizes.length - count)];
}
