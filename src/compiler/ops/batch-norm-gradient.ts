import { axisNames } from '../ir/tensor-type.ts';

import { int, type OnnxTensor } from '../lower/onnx/emitter.ts';
import { scale } from '../shapes/size.ts';
import { expectAxis, expectFloat, expectSameAxes } from './axis-checks.ts';
import { batchNormalise, perChannel } from './batch-norm.ts';
import { named } from './named.ts';
import { elementCount, forEachIndex, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements, sizesOf } from './sizes-of.ts';

export type BatchNormGradientAttributes = { readonly channel: string; readonly eps: number };

const inputNames = ['x', 'weight', 'mean', 'variance', 'g'] as const;

/**
 * The gradients of a batch norm by the batch's own statistics, which depend on x: of x, the weight and the bias.
 * `mean` and `variance` are those of x, the variance that which divides by n. Everything is in terms of x - mean, because
 * the difference of sum(g x) and mean sum(g) would lose the digits of a deviation that is small beside the mean; and
 * nothing is divided by the weight, which may be 0.
 */
export const batchNormaliseGradient: Op<BatchNormGradientAttributes> = {
  name: 'batch_norm_gradient',
  doc: 'dbias = sum(g); dweight = sum(g n) for n = (x - mean) / sqrt(variance + eps); dx = weight / sqrt(variance + eps) (g - mean(g) - n mean(g n)), for each channel',
  infer: (inputs, { channel }, ctx) => {
    const { x, g, ...vectors } = named(inputs, inputNames);
    if (!expectFloat(ctx, 'batch_norm_gradient', x)) return undefined;
    const axis = expectAxis(ctx, '`batch_norm_gradient`', x, channel);
    if (axis === undefined || !expectSameAxes(ctx, 'the gradient', g, 'x', x)) return undefined;
    const vector = { ...x, axes: [axis] };
    const fits = Object.values(vectors).every((type) =>
      expectSameAxes(ctx, 'a vector', type, 'the channel', vector),
    );
    return fits ? [x, vector, vector] : undefined;
  },
  evaluate: (inputs, { eps }, outputs) => {
    const { x, weight, mean, variance, g } = named(inputs, inputNames);
    const { dx, dweight, dbias } = named(outputs.map(zeros), ['dx', 'dweight', 'dbias']);
    const count = elementCount(x.type) / elementCount(mean.type);
    const deviations = variance.data.map((v) => Math.sqrt(v + eps));
    const types = [x.type, mean.type, g.type, dx.type];
    const normal = (at: number, c: number): number =>
      ((x.data[at] ?? NaN) - (mean.data[c] ?? NaN)) / (deviations[c] ?? NaN);
    forEachIndex(x.type.axes, types, ([at = 0, c = 0, from = 0]) => {
      const gradient = g.data[from] ?? NaN;
      dweight.data[c] = (dweight.data[c] ?? NaN) + gradient * normal(at, c);
      dbias.data[c] = (dbias.data[c] ?? NaN) + gradient;
    });
    forEachIndex(x.type.axes, types, ([at = 0, c = 0, from = 0, to = 0]) => {
      const shared = (dbias.data[c] ?? NaN) + normal(at, c) * (dweight.data[c] ?? NaN);
      const own = (g.data[from] ?? NaN) - shared / count;
      dx.data[to] = ((weight.data[c] ?? NaN) / (deviations[c] ?? NaN)) * own;
    });
    return [dx, dweight, dbias];
  },
  layout: (inputs, { channel }, _outputs, _dialect, sorted) => {
    const order = sorted(axisNames(named(inputs, inputNames).x));
    return {
      inputs: [order, [channel], [channel], [channel], order],
      outputs: [order, [channel], [channel]],
    };
  },
  onnx: (e, { inputs, inputTypes, attributes: { channel, eps } }) => {
    const { x, weight, mean, variance, g } = named(inputs, inputNames);
    const type = named(inputTypes, inputNames).x;
    const { axes, column, count } = perChannel(e, type, channel);
    const whole = { dims: x.dims };
    const small = { dims: column };
    const sum = (tensor: OnnxTensor): OnnxTensor =>
      e.node('ReduceSum', [tensor, e.ints(axes)], small, { keepdims: int(1) });
    const alongChannel = (vector: OnnxTensor): OnnxTensor => e.reshape(vector, column);
    const times = (a: OnnxTensor, b: OnnxTensor): OnnxTensor => e.node('Mul', [a, b], small);

    const centred = e.node('Sub', [x, alongChannel(mean)], whole);
    const sumG = sum(g);
    const sumCentred = sum(e.node('Mul', [centred, g], whole));
    const shifted = e.node('Add', [alongChannel(variance), e.floats([eps], [])], small);
    const inverse = e.node('Reciprocal', [e.node('Sqrt', [shifted], small)], small);
    const dweight = times(sumCentred, inverse);
    // dx = gain g + slope (x - mean) + offset
    const gain = times(alongChannel(weight), inverse);
    const share = e.node('Neg', [e.node('Div', [gain, count], small)], small);
    const slope = times(share, times(dweight, inverse));
    const ofStatistics = e.node('Mul', [centred, slope], whole);
    const offset = e.node('Add', [ofStatistics, times(share, sumG)], whole);
    const dx = e.node('Add', [e.node('Mul', [g, gain], whole), offset], whole);
    const vector = sizesOf(named(inputTypes, inputNames).mean);
    return [dx, e.reshape(dweight, vector), e.reshape(sumG, vector)];
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs) => scale(elements(named(inputs, inputNames).x), 9),
  samples: batchNormalise.samples.map(({ inputs, attributes: { channel, eps } }) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    return {
      inputs: [x, weight, weight, weight, x],
      attributes: { channel, eps },
      ranges: [
        [-2, 2],
        [-2, 2],
        [-1, 1],
        [0.2, 2],
        [-2, 2],
      ],
    };
  }),
};
