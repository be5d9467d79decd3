import type { NdArray } from '../compiler/ops/nd-array.ts';

/** Inputs of a model by name, each row-major in the declared order of its axes. */
export type Tensors = ReadonlyMap<string, NdArray>;

/** What an engine computed: row-major, in its own order of axes. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Outputs by name, axes as declared. */
export type Outputs = ReadonlyMap<string, Values>;

/** The sizes of the axes, outermost first. */
export function shapeOf({ type }: NdArray): readonly number[] {
  return type.axes.map(({ size }) => size);
}
