import type { GraphValue } from '../ir/graph.ts';
import { axisNames } from '../ir/tensor-type.ts';
import { constant, scale } from '../shapes/size.ts';
import type { Attributes } from './attributes.ts';
import { expectAxis, expectFloat, expectSameAxes } from './axis-checks.ts';
import { normaliseInOnnx } from './batch-norm.ts';
import { channelShapes, onlyChannel } from './channel-shapes.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, zeros } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { elements } from './sizes-of.ts';

export type RescaleAttributes = { readonly channel: string; readonly eps: number };

const inputNames = ['x', 'weight', 'bias', 'variance'] as const;

/** The second half of a batch norm that trains, of what `centre` made. */
export const rescale: Op<RescaleAttributes> = {
  name: 'rescale',
  doc: 'y = x / sqrt(variance + eps) weight + bias for each channel',
  infer: (inputs, { channel }, ctx) => {
    const { x, ...vectors } = named(inputs, inputNames);
    if (!expectFloat(ctx, 'rescale', x)) return undefined;
    const axis = expectAxis(ctx, '`rescale`', x, channel);
    if (axis === undefined) return undefined;
    const vector = { ...x, axes: [axis] };
    const fits = Object.values(vectors).every((type) =>
      expectSameAxes(ctx, 'a vector', type, 'the channel', vector),
    );
    return fits ? [x] : undefined;
  },
  evaluate: (inputs, { eps }, outputs) => {
    const { x, weight, bias, variance } = named(inputs, inputNames);
    const out = zeros(only(outputs));
    forEachIndex(x.type.axes, [x.type, weight.type, out.type], ([at = 0, c = 0, to = 0]) => {
      const normal = (x.data[at] ?? NaN) / Math.sqrt((variance.data[c] ?? NaN) + eps);
      out.data[to] = normal * (weight.data[c] ?? NaN) + (bias.data[c] ?? NaN);
    });
    return [out];
  },
  layout: (inputs, { channel }, _outputs, _dialect, sorted) => {
    const order = sorted(axisNames(named(inputs, inputNames).x));
    return { inputs: [order, [channel], [channel], [channel]], outputs: [order] };
  },
  onnx: (e, { inputs, inputTypes, attributes: { channel, eps } }) => {
    const { x, weight, bias, variance } = named(inputs, inputNames);
    const type = named(inputTypes, inputNames).x;
    const vector = variance.dims;
    const channels = e.constant(vector[0] ?? constant(1));
    const mean = e.floats(new Float32Array(channels), [channels]);
    return [normaliseInOnnx(e, { x, type, channel, eps }, [weight, bias, mean, variance])];
  },
  gradient: (b, { attributes: { channel, eps }, inputs, gradients }) => {
    const { x, weight, variance } = named(inputs, inputNames);
    const g = only(gradients);
    if (g === undefined) return [];
    const { inverse, gain } = rescaleFactors(b.one.bind(b), { weight, variance }, eps);
    const dweight = b.mul(b.one('channel_dot', [g, x], { channel }), inverse);
    const dvariance = b.mul(b.mul(b.mul(gain, inverse), dweight), b.number(-0.5));
    return [b.mul(g, gain), dweight, b.sumTo(g, weight.type), dvariance];
  },
  flops: (inputs) => scale(elements(named(inputs, inputNames).x), 2),
  samples: [
    ...channelShapes.map((shape) => sample(...shape)),
    sample({ N: 7, C: 5 }, 'C', 0),
    sample(...onlyChannel),
  ],
};

/** What x is multiplied by, weight / sqrt(variance + eps), and the second factor of that. */
export function rescaleFactors(
  one: (op: string, inputs: readonly GraphValue[], attributes?: Attributes) => GraphValue,
  { weight, variance }: Readonly<Record<'weight' | 'variance', GraphValue>>,
  eps: number,
): { readonly inverse: GraphValue; readonly gain: GraphValue } {
  const inverse = one('rsqrt', [one('add', [variance, one('constant', [], { value: eps })])]);
  return { inverse, gain: one('mul', [weight, inverse]) };
}

function sample(x: Readonly<Record<string, number>>, channel: string, eps = 1e-5): Sample<RescaleAttributes> {
  const vector = concrete({ [channel]: x[channel] ?? 1 });
  return {
    inputs: [concrete(x), vector, vector, vector],
    attributes: { channel, eps },
    ranges: [
      [-2, 2],
      [-2, 2],
      [-2, 2],
      [0.2, 2],
    ],
  };
}
