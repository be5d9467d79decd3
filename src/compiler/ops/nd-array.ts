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

/**
 * The values arranged as `type`, axes matched by name: what the array does not have is repeated, axes that `type` does
 * not have stay at index 0.
 */
export function arrange(array: NdArray, type: ConcreteType): NdArray {
  const out = zeros(type);
  let i = 0;
  forEachIndex(type.axes, [array.type], ([at = 0]) => {
    out.data[i++] = array.data[at] ?? NaN;
  });
  return out;
}

/** The same type with axes renamed. */
export function renamed(type: ConcreteType, name: (old: string) => string): ConcreteType {
  return { ...type, axes: type.axes.map((axis) => ({ name: name(axis.name), size: axis.size })) };
}

/** The same type with one axis replaced in place by others. */
export function replaced(type: ConcreteType, name: string, by: ConcreteType['axes']): ConcreteType {
  return { ...type, axes: type.axes.flatMap((axis) => (axis.name === name ? by : [axis])) };
}

/** The length of an axis that must be there. */
export function sizeOf(type: ConcreteType, name: string): number {
  const axis = type.axes.find((a) => a.name === name);
  if (axis === undefined) throw new Error(`the interpreter was given no axis ${name}`);
  return axis.size;
}

/** Shorthand for samples and tests: `concrete({ N: 2, C: 3 })`, outermost first. */
export function concrete(sizes: Readonly<Record<string, number>>, dtype: DType = 'f32'): ConcreteType {
  return { dtype, axes: Object.entries(sizes).map(([name, size]) => ({ name, size })) };
}
