import { findAxis, type TensorType } from '../ir/tensor-type.ts';
import { constant, type Size } from '../shapes/size.ts';
import { expectAtLeast, expectAxes } from './axis-checks.ts';
import type { AxisMap } from './axis-maps.ts';
import { only } from './named.ts';
import { replaced, sizeOf, type ConcreteType } from './nd-array.ts';
import type { ShapeContext } from './op.ts';
import { numberOf } from './sizes-of.ts';

/** Axes of a size each. */
type Sizes = readonly { readonly axis: string; readonly size: Size }[];

/** The maps of an op that brings axes to sizes that it is given, from the sizes that they had. Undefined after a complaint. */
export function resizedBack(
  op: string,
  g: TensorType,
  sizes: Sizes,
  sources: AxisMap['sources'],
  ctx: ShapeContext | undefined,
): readonly AxisMap[] | undefined {
  if (ctx !== undefined) {
    const names = sizes.map(({ axis }) => axis);
    if (expectAxes(ctx, `\`${op}\``, g, names) === undefined) return undefined;
    const positive = sizes.map(({ axis, size }) => expectAtLeast(ctx, size, 1, `the size of ${axis}`));
    if (positive.includes(false)) return undefined;
  }
  return sizes.map(({ axis, size }) => ({
    axis,
    from: size,
    to: findAxis(g, axis)?.size ?? constant(1),
    sources,
  }));
}

/** A sample of the op as one of its gradient: the type of what it made, and the sizes that the axes had. */
export function shrunk(
  inputs: readonly ConcreteType[],
  over: Sizes,
): { readonly g: ConcreteType; readonly sizes: Sizes } {
  const x = only(inputs);
  return {
    g: over.reduce((type, { axis, size }) => replaced(type, axis, [{ name: axis, size: numberOf(size) }]), x),
    sizes: over.map(({ axis }) => ({ axis, size: constant(sizeOf(x, axis)) })),
  };
}
