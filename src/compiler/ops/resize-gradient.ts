import type { Size } from '../shapes/size.ts';
import { axisMapGradient } from './axis-maps.ts';
import { resizedBack, shrunk } from './resized-back.ts';
import { resizeOver, sources, type ResizeCorners, type ResizeMode } from './resize.ts';

export type ResizeGradientAttributes = {
  /** Of x along the axes that were resized. */
  readonly sizes: readonly { readonly axis: string; readonly size: Size }[];
  readonly mode: ResizeMode;
  readonly corners: ResizeCorners;
};

export const resizeGradient = axisMapGradient<ResizeGradientAttributes>(
  'resize_gradient',
  'dx[j] = the sum of g[i] times the weight of x[j] in the element i of the resized',
  (g, { sizes, ...sampling }, ctx) =>
    resizedBack('resize_gradient', g, sizes, (i, from, to) => sources(sampling, from, to, i), ctx),
  resizeOver.samples.map(({ inputs, attributes: { over, mode, corners } }) => {
    const { g, sizes } = shrunk(inputs, over);
    return { inputs: [g], attributes: { sizes, mode, corners } };
  }),
);
