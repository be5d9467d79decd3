import { findAxis, replaceAxis } from '../ir/tensor-type.ts';
import { constant, type Size } from '../shapes/size.ts';
import { expectAxes, expectSameAxes } from './axis-checks.ts';
import { axisMapGradient, type Source } from './axis-maps.ts';
import { only } from './named.ts';
import { sizeOf } from './nd-array.ts';
import { avgPoolOver, type AvgPoolAttributes } from './pool.ts';
import { numberOf } from './sizes-of.ts';
import { slide, slidType, type Window } from './window.ts';

export type AvgPoolGradientAttributes = AvgPoolAttributes & {
  /** Of x along the axes of the windows. */
  readonly sizes: readonly { readonly axis: string; readonly size: Size }[];
};

/** What a window reads; the number of elements in it is a product over the axes, so that each axis is by itself. */
function readBy(window: Window, countPadding: boolean, i: number, size: number): readonly Source[] {
  const [kernel, dilation] = [numberOf(window.kernel), numberOf(window.dilation)];
  const start = i * numberOf(window.stride) - numberOf(window.before);
  const places = Array.from({ length: kernel }, (_, tap) => start + tap * dilation);
  const inside = places.filter((at) => at >= 0 && at < size);
  const counted = places.filter((at) => at < size + numberOf(window.after)).length;
  return inside.map((at) => ({ at, weight: 1 / (countPadding ? counted : inside.length) }));
}

export const avgPoolGradient = axisMapGradient<AvgPoolGradientAttributes>(
  'avg_pool_gradient',
  'dx[j] = the sum over the windows i that hold j of g[i] / the number of elements of i',
  (g, { windows, countPadding, sizes }, ctx) => {
    const op = '`avg_pool_gradient`';
    if (ctx !== undefined) {
      const x = sizes.reduce((type, { axis, size }) => replaceAxis(type, axis, [{ name: axis, size }]), g);
      const isThere = expectAxes(ctx, op, g, sizes.map(({ axis }) => axis)) !== undefined; // prettier-ignore
      const slid = isThere ? slide(ctx, op, x, windows) : undefined;
      if (slid === undefined) return undefined;
      const y = slid.reduce((type, axis) => replaceAxis(type, axis.name, [axis]), x);
      if (!expectSameAxes(ctx, 'the gradient', g, 'what it belongs to', y)) return undefined;
    }
    return windows.map((window) => ({
      axis: window.axis,
      from: sizes.find(({ axis }) => axis === window.axis)?.size ?? constant(1),
      to: findAxis(g, window.axis)?.size ?? constant(1),
      sources: (i, from) => readBy(window, countPadding, i, from),
    }));
  },
  avgPoolOver.samples.map(({ inputs, attributes }) => {
    const x = only(inputs);
    const sizes = attributes.windows.map(({ axis }) => ({ axis, size: constant(sizeOf(x, axis)) }));
    return { inputs: [slidType(x, attributes.windows)], attributes: { ...attributes, sizes } };
  }),
);
