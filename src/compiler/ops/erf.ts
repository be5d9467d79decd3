import { scale } from '../shapes/size.ts';
import type { NoAttributes } from './attributes.ts';
import { expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';

/**
 * The error function 2 / sqrt(pi) * the integral of exp(-t^2) from 0 to x, to the last bits of a float64: the series
 * 2 / sqrt(pi) exp(-x^2) * sum of 2^n x^(2n + 1) / (1 * 3 * ... * (2n + 1)), whose terms have one sign
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6).
 */
export function erf(x: number): number {
  // 1 - erf(6) is 2e-17.
  if (Math.abs(x) >= 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * Math.exp(-x * x)) / Math.sqrt(Math.PI)) * sum;
}

/** Programs have no use for it beside `gelu`, of whose gradient it is a part. */
export const errorFunction: Op<NoAttributes> = {
  name: 'erf',
  doc: '2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x',
  infer: (inputs, _attributes, ctx) => {
    const x = only(inputs);
    return expectFloat(ctx, 'erf', x) ? [x] : undefined;
  },
  evaluate: (inputs, _attributes, outputs) => {
    const { type, data } = arrange(only(inputs), only(outputs));
    return [{ type, data: data.map(erf) }];
  },
  isElementwise: true,
  onnx: (e, { inputs }) => {
    const x = only(inputs);
    return [e.node('Erf', [x], { dims: x.dims })];
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs) => scale(elements(only(inputs)), 8),
  samples: [{ N: 3, C: 5 }, { N: 2, C: 3, H: 5, W: 7 }, { T: 33 }, {}, { N: 1, C: 1 }, { T: 4, N: 2 }].map(
    (sizes) => ({ inputs: [concrete(sizes)], attributes: {}, ranges: [[-6, 6]] }),
  ),
};
