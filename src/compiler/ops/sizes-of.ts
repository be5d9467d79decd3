import { findAxis, type TensorType } from '../ir/tensor-type.ts';
import { constant, equalSize, isConstant, mul, print, type Size } from '../shapes/size.ts';

export function product(sizes: readonly Size[]): Size {
  return sizes.reduce(mul, constant(1));
}

/** The lengths of the axes, in their order. */
export function sizesOf(type: TensorType): readonly Size[] {
  return type.axes.map(({ size }) => size);
}

/** The lengths of some of its axes, by name. */
export function sizesAlong(
  type: TensorType,
  over: readonly { readonly axis: string }[],
): readonly { readonly axis: string; readonly size: Size }[] {
  return over.map(({ axis }) => ({ axis, size: findAxis(type, axis)?.size ?? constant(1) }));
}

/** The number of elements of a tensor. */
export function elements(type: TensorType): Size {
  return product(sizesOf(type));
}

/** The number that a size is; throws where it is symbolic, because the interpreter runs flat graphs alone. */
export function numberOf(size: Size): number {
  const value = isConstant(size);
  if (value === undefined) throw new Error(`the size ${print(size)} should be a number by now`);
  return value;
}

export function sameSizes(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, i) => b[i] !== undefined && equalSize(size, b[i]));
}
