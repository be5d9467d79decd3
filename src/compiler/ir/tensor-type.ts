import type { Size } from '../shapes/size.ts';
import { isConstant, print } from '../shapes/size.ts';

export type DType = 'f32' | 'int32' | 'bool';

/** One named axis of a tensor and its length. Names are unique within a tensor. */
export interface Axis {
  readonly name: string;
  readonly size: Size;
}

/**
 * The type of a tensor. In the logical IR the order of `axes` carries no meaning beyond display and the order of
 * declared inputs and outputs; in the physical IR (after layout) it is the order in memory, outermost first.
 *
 * Names that a user can write are identifiers. The compiler's own axes carry a dot (`.out`, `.in` of a
 * convolution's weight), and `...R` stands for all axes of a rest variable while a block is checked for every R.
 */
export interface TensorType {
  readonly kind: 'tensor';
  readonly dtype: DType;
  readonly axes: readonly Axis[];
}

/** A list of tensors of one type, of a length that may be symbolic. */
export interface ListType {
  readonly kind: 'list';
  readonly element: TensorType;
  readonly length: Size;
}

export type ValueType = TensorType | ListType;

export function tensorType(axes: readonly Axis[], dtype: DType = 'f32'): TensorType {
  return { kind: 'tensor', dtype, axes };
}

export function findAxis(type: TensorType, name: string): Axis | undefined {
  return type.axes.find((axis) => axis.name === name);
}

export function hasAxis(type: TensorType, name: string): boolean {
  return type.axes.some((axis) => axis.name === name);
}

export function axisNames(type: TensorType): readonly string[] {
  return type.axes.map((axis) => axis.name);
}

export function withoutAxes(type: TensorType, names: readonly string[]): TensorType {
  return { ...type, axes: type.axes.filter((axis) => !names.includes(axis.name)) };
}

/** Replaces one axis in place by others. */
export function replaceAxis(type: TensorType, name: string, by: readonly Axis[]): TensorType {
  return { ...type, axes: type.axes.flatMap((axis) => (axis.name === name ? by : [axis])) };
}

export function mapSizes(type: TensorType, f: (size: Size) => Size): TensorType {
  return { ...type, axes: type.axes.map((axis) => ({ name: axis.name, size: f(axis.size) })) };
}

/** The axes reordered by name; every name must be there exactly once. */
export function inOrder(type: TensorType, order: readonly string[]): TensorType {
  const axes = order.map((name) => {
    const axis = findAxis(type, name);
    if (axis === undefined) throw new Error(`axis ${name} is not in ${printType(type)}`);
    return axis;
  });
  if (axes.length !== type.axes.length)
    throw new Error(`order [${order.join(', ')}] misses axes of ${printType(type)}`);
  return { ...type, axes };
}

/** `[N, C: 64, H: size // 2]`: a size is left out where it is written like its axis. */
export function printType(type: ValueType): string {
  if (type.kind === 'list') return `list of ${print(type.length)} ${printType(type.element)}`;
  const axes = type.axes.map(({ name, size }) => {
    const text = print(size);
    if (name.startsWith('...')) return name;
    return text === name ? name : `${name}: ${text}`;
  });
  return `${type.dtype === 'f32' ? '' : type.dtype}[${axes.join(', ')}]`;
}

/** The type of a parameter: the axes that it has for itself, `.in` and `.H` of a kernel, without their dots. */
export function printParameter(type: TensorType): string {
  return printType({
    ...type,
    axes: type.axes.map(({ name, size }) => ({ name: name.replace(/^\./, ''), size })),
  });
}

/** The length of an axis where it is a constant. */
export function constantSize(type: TensorType, name: string): number | undefined {
  const axis = findAxis(type, name);
  return axis === undefined ? undefined : isConstant(axis.size);
}
