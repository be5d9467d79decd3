import type { Size } from '../shapes/size.ts';
import { adaptivePoolOver, windowOf } from './adaptive-pool.ts';
import { axisMapGradient } from './axis-maps.ts';
import { resizedBack, shrunk } from './resized-back.ts';

export type AdaptivePoolGradientAttributes = {
  /** Of x along the axes that were pooled. */
  readonly sizes: readonly { readonly axis: string; readonly size: Size }[];
};

export const adaptivePoolGradient = axisMapGradient<AdaptivePoolGradientAttributes>(
  'adaptive_avg_pool_gradient',
  'dx[j] = the sum over the windows i that hold j of g[i] / the number of elements of i',
  (g, { sizes }, ctx) =>
    resizedBack(
      'adaptive_avg_pool_gradient',
      g,
      sizes,
      (i, from, to) => {
        const { start, end } = windowOf(from, to, i);
        return Array.from({ length: end - start }, (_, k) => ({ at: start + k, weight: 1 / (end - start) }));
      },
      ctx,
    ),
  adaptivePoolOver.samples.map(({ inputs, attributes: { over } }) => {
    const { g, sizes } = shrunk(inputs, over);
    return { inputs: [g], attributes: { sizes } };
  }),
);
