import { axisNames, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant, scale } from '../shapes/size.ts';
import { expectAxis, expectFloat, expectSameAxes } from './axis-checks.ts';
import { normaliseInOnnx } from './batch-norm.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, zeros, type NdArray } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { elements } from './sizes-of.ts';

export type ChannelAffineAttributes = {
  readonly channel: string;
  /** The inputs behind x and the gain, in this order. */
  readonly terms: readonly ChannelAffineTerm[];
  /** Whether negative results become 0. */
  readonly relu: boolean;
};

/** A vector of the channel, and a tensor like x. */
export type ChannelAffineTerm = 'offset' | 'addend';

/** The inputs of a node by their names. */
export function channelAffineInputs<T>(
  inputs: readonly T[],
  { terms }: ChannelAffineAttributes,
): { readonly x: T; readonly gain: T; readonly offset: T | undefined; readonly addend: T | undefined } {
  const term = (name: ChannelAffineTerm): T | undefined =>
    terms.includes(name) ? inputs[2 + terms.indexOf(name)] : undefined;
  return { ...named(inputs, ['x', 'gain']), offset: term('offset'), addend: term('addend') };
}

/**
 * What batch norms come to once their statistics are known, and so do their gradients. A step joins what would be two or
 * three passes over a tensor into one of these, because the time of a pass is that of memory.
 */
export const channelAffine: Op<ChannelAffineAttributes> = {
  name: 'channel_affine',
  doc: 'y = x gain + offset + addend, where gain and offset are vectors of the channel; then its relu, if it has one',
  infer: (inputs, attributes, ctx) => {
    const { x, gain, offset, addend } = channelAffineInputs(inputs, attributes);
    if (!expectFloat(ctx, 'channel_affine', x)) return undefined;
    const axis = expectAxis(ctx, '`channel_affine`', x, attributes.channel);
    if (axis === undefined) return undefined;
    const vector: TensorType = { ...x, axes: [axis] };
    const vectors = offset === undefined ? [gain] : [gain, offset];
    const fits =
      vectors.every((type) => expectSameAxes(ctx, 'a vector', type, 'the channel', vector)) &&
      (addend === undefined || expectSameAxes(ctx, 'the addend', addend, 'x', x));
    return fits ? [x] : undefined;
  },
  evaluate: (inputs, attributes, outputs) => {
    const { x, gain, offset, addend } = channelAffineInputs(inputs, attributes);
    const out = zeros(only(outputs));
    const all = [x, gain, offset ?? gain, addend ?? x];
    forEachIndex(x.type.axes, [out.type, ...all.map(({ type }) => type)], ([to = 0, ...places]) => {
      const [atX = 0, atGain = 0, atOffset = 0, atAddend = 0] = places;
      const at = (array: NdArray | undefined, place: number): number =>
        array === undefined ? 0 : (array.data[place] ?? NaN);
      const sum = at(x, atX) * at(gain, atGain) + at(offset, atOffset) + at(addend, atAddend);
      out.data[to] = attributes.relu ? Math.max(sum, 0) : sum;
    });
    return [out];
  },
  layout: (inputs, attributes, _outputs, _dialect, sorted) => {
    const { channel, terms } = attributes;
    const order = sorted(axisNames(named(inputs, ['x']).x));
    const ofTerms = terms.map((term) => (term === 'addend' ? order : [channel]));
    return { inputs: [order, [channel], ...ofTerms], outputs: [order] };
  },
  onnx: (e, { inputs, inputTypes, attributes }) => {
    const { x, gain, offset, addend } = channelAffineInputs(inputs, attributes);
    const { channel } = attributes;
    const type = named(inputTypes, ['x']).x;
    const scaled =
      offset === undefined
        ? e.node('Mul', [x, asColumn(e, gain, type, channel)], { dims: x.dims })
        : normaliseInOnnx(e, { x, type, channel, eps: 0 }, [gain, offset, ...standardNormal(e, gain)]);
    const sum = addend === undefined ? scaled : e.node('Add', [scaled, addend], { dims: x.dims });
    return [attributes.relu ? e.node('Relu', [sum], { dims: x.dims }) : sum];
  },
  noGradient: 'it is made when gradients have been, which are not differentiated again',
  flops: (inputs, { terms, relu }) =>
    scale(elements(named(inputs, ['x']).x), 1 + terms.length + Number(relu)),
  samples: [
    channelAffineSample({ N: 3, C: 4, H: 5, W: 2 }, ['offset']),
    channelAffineSample({ N: 7, C: 5 }, ['offset', 'addend']),
    channelAffineSample({ W: 3, C: 4, N: 2 }, []),
    channelAffineSample({ C: 4, H: 5, W: 2 }, ['addend']),
    channelAffineSample({ A: 2, N: 2, C: 3, H: 3, W: 2 }, ['addend', 'offset'], true),
    channelAffineSample({ N: 2, T: 5, D: 3 }, ['offset'], true, 'D'),
    channelAffineSample({ N: 2, C: 2, H: 23, W: 23 }, [], true),
    channelAffineSample({ C: 6 }, ['offset', 'addend']),
  ],
};

/** A vector as it is spread along the axes behind the channel. */
function asColumn(e: OnnxEmitter, vector: OnnxTensor, type: TensorType, channel: string): OnnxTensor {
  const behind = axisNames(type).length - 1 - axisNames(type).indexOf(channel);
  return e.reshape(vector, [...vector.dims, ...Array.from({ length: behind }, () => constant(1))]);
}

/** A mean of 0 and a variance of 1 for each channel. */
function standardNormal(e: OnnxEmitter, { dims }: OnnxTensor): readonly [OnnxTensor, OnnxTensor] {
  const channels = e.constant(dims[0] ?? constant(1));
  const filled = (value: number): OnnxTensor => e.floats(new Float32Array(channels).fill(value), [channels]);
  return [filled(0), filled(1)];
}

export function channelAffineSample(
  x: Readonly<Record<string, number>>,
  terms: readonly ChannelAffineTerm[],
  relu = false,
  channel = 'C',
): Sample<ChannelAffineAttributes> {
  const vector = concrete({ [channel]: x[channel] ?? 1 });
  const ofTerms = terms.map((term) => (term === 'addend' ? concrete(x) : vector));
  return { inputs: [concrete(x), vector, ...ofTerms], attributes: { channel, terms, relu } };
}
