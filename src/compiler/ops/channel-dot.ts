import { axisNames } from '../ir/tensor-type.ts';
import { scale } from '../shapes/size.ts';
import { expectAxis, expectFloat, expectSameAxes } from './axis-checks.ts';
import { channelShapes, onlyChannel } from './channel-shapes.ts';
import { named } from './named.ts';
import { concrete, forEachIndex, zeros } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { reduceInOnnx } from './reduce-in-onnx.ts';
import { elements } from './sizes-of.ts';

export type ChannelDotAttributes = { readonly channel: string };

/** What the weight of a batch norm gets. */
export const channelDot: Op<ChannelDotAttributes> = {
  name: 'channel_dot',
  doc: 'the sum of a b over all but the channel',
  infer: (inputs, { channel }, ctx) => {
    const { a, b } = named(inputs, ['a', 'b']);
    if (!expectFloat(ctx, 'channel_dot', a)) return undefined;
    const axis = expectAxis(ctx, '`channel_dot`', a, channel);
    if (axis === undefined || !expectSameAxes(ctx, 'b', b, 'a', a)) return undefined;
    return [{ ...a, axes: [axis] }];
  },
  evaluate: (inputs, _attributes, outputs) => {
    const { a, b } = named(inputs, ['a', 'b']);
    const [out] = outputs.map(zeros);
    if (out === undefined) return [];
    forEachIndex(a.type.axes, [a.type, b.type, out.type], ([atA = 0, atB = 0, to = 0]) => {
      out.data[to] = (out.data[to] ?? NaN) + (a.data[atA] ?? NaN) * (b.data[atB] ?? NaN);
    });
    return [out];
  },
  layout: (inputs, { channel }, _outputs, _dialect, sorted) => {
    const order = sorted(axisNames(named(inputs, ['a']).a));
    return { inputs: [order, order], outputs: [[channel]] };
  },
  onnx: (e, { inputs, inputTypes, attributes: { channel } }) => {
    const { a, b } = named(inputs, ['a', 'b']);
    const type = named(inputTypes, ['a']).a;
    const products = e.node('Mul', [a, b], { dims: a.dims });
    const others = axisNames(type).flatMap((name, i) => (name === channel ? [] : [i]));
    return [reduceInOnnx(e, 'ReduceSum', products, others)];
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs) => scale(elements(named(inputs, ['a']).a), 2),
  samples: [
    ...channelShapes.map((shape) => channelDotSample(...shape)),
    channelDotSample({ C: 2, T: 600 }, 'C'),
    channelDotSample(...onlyChannel),
  ],
};

export function channelDotSample(
  x: Readonly<Record<string, number>>,
  channel: string,
): Sample<ChannelDotAttributes> {
  return { inputs: [concrete(x), concrete(x)], attributes: { channel } };
}
