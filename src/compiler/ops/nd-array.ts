import type { DType } from '../ir/tensor-type.ts';

/** The type of a tensor whose sizes are all known. */
export interface ConcreteType {
  readonly dtype: DType;
  readonly axes: readonly { readonly name: string; readonly size: number }[];
}

/**
 * A tensor of the interpreter: row-major in the order of `type.axes`, every element a float64 whatever the dtype
 * (int32 values are whole numbers, bool values 0 or 1).
 */
export interface NdArray {
  readonly type: ConcreteType;
  readonly data: Float64Array;
}

export function elementCount(type: ConcreteType): number {
  return type.axes.reduce((product, axis) => product * axis.size, 1);
}

export function zeros(type: ConcreteType): NdArray {
  return { type, data: new Float64Array(elementCount(type)) };
}

/** Row-major strides of each axis, by position. */
export function stridesOf(type: ConcreteType): number[] {
  const strides = new Array<number>(type.axes.length).fill(1);
  for (let i = type.axes.length - 2; i >= 0; i--) {
    strides[i] = (strides[i + 1] ?? 1) * (type.axes[i + 1]?.size ?? 1);
  }
  return strides;
}

/** The stride of an axis in an array, 0 where the array has no such axis: what broadcasting by name means. */
export function strideOf(type: ConcreteType, axis: string): number {
  const index = type.axes.findIndex((a) => a.name === axis);
  return index < 0 ? 0 : (stridesOf(type)[index] ?? 0);
}

/**
 * Calls `visit` for every index of `over` in row-major order with the flat offsets into each of `arrays`, whose axes
 * are matched by name. Axes of an array that are not in `over` stay at index 0.
 */
export function forEachIndex(
  over: readonly { readonly name: string; readonly size: number }[],
  arrays: readonly ConcreteType[],
  visit: (offsets: readonly number[]) => void,
): void {
  const steps = over.map((axis) => arrays.map((type) => strideOf(type, axis.name)));
  const offsets = arrays.map(() => 0);
  const index = over.map(() => 0);
  if (over.some((axis) => axis.size === 0)) return;
  for (;;) {
    visit(offsets);
    let d = over.length - 1;
    for (; d >= 0; d--) {
      const size = over[d]?.size ?? 1;
      const step = steps[d] ?? [];
      const now = (index[d] ?? 0) + 1;
      if (now < size) {
        index[d] = now;
        for (let k = 0; k < offsets.length; k++) offsets[k] = (offsets[k] ?? 0) + (step[k] ?? 0);
        break;
      }
      index[d] = 0;
      for (let k = 0; k < offsets.length; k++) offsets[k] = (offsets[k] ?? 0) - (step[k] ?? 0) * (size - 1);
    }
    if (d < 0) return;
  }
}
