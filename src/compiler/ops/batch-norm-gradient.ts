import { axisNames, type TensorType } from '../ir/tensor-type.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant, isConstant, mul, scale } from '../shapes/size.ts';
import { expectAxis, expectFloat, expectSameAxes } from './axis-checks.ts';
import { perChannel } from './batch-norm-train.ts';
import { batchNormalise, normaliseInOnnx } from './batch-norm.ts';
import { named } from './named.ts';
import { elementCount, forEachIndex, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements, product, sizesOf } from './sizes-of.ts';

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
    const vector = { dims: sizesOf(named(inputTypes, inputNames).mean) };
    const times = (a: OnnxTensor, b: OnnxTensor): OnnxTensor => e.node('Mul', [a, b], vector);
    const flat = (tensor: OnnxTensor): OnnxTensor => e.reshape(tensor, vector.dims);
    const sum = (tensor: OnnxTensor): OnnxTensor =>
      flat(e.node('ReduceSum', [tensor, e.ints(axes)], { dims: column }, { keepdims: int(1) }));

    const centred = e.node('Sub', [x, e.reshape(mean, column)], whole);
    const sumG = sum(g);
    const sumCentred =
      sumOfProducts(e, [centred, g], type, channel) ?? sum(e.node('Mul', [centred, g], whole));
    const shifted = e.node('Add', [variance, e.floats([eps], [])], vector);
    const inverse = e.node('Reciprocal', [e.node('Sqrt', [shifted], vector)], vector);
    const dweight = times(sumCentred, inverse);
    const gain = times(weight, inverse);
    const share = e.node('Neg', [e.node('Div', [gain, count], vector)], vector);
    // dx = gain g + (n share dweight + share dbias), of which the second is a batch norm itself.
    const vectors = [times(share, dweight), times(share, sumG), mean, variance] as const;
    const ofStatistics = normaliseInOnnx(e, { x, type, channel, eps }, vectors);
    const scaled = e.node('Mul', [g, e.reshape(gain, column)], whole);
    return [e.node('Add', [scaled, ofStatistics], whole), dweight, sumG];
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

/** Rows shorter than this are multiplied and added up at less cost than by products of matrices. */
const longRow = 512;

/**
 * The sum of a * b for each channel by products of rows and columns, which read both and write next to nothing. Undefined
 * where what follows the channel in memory is short, or not known.
 */
function sumOfProducts(
  e: OnnxEmitter,
  [a, b]: readonly [OnnxTensor, OnnxTensor],
  type: TensorType,
  channel: string,
): OnnxTensor | undefined {
  const position = axisNames(type).indexOf(channel);
  const sizes = sizesOf(type);
  const length = product(sizes.slice(position + 1));
  if ((isConstant(length) ?? 0) < longRow) return undefined;
  const before = product(sizes.slice(0, position));
  const channels = sizes[position] ?? constant(1);
  const rows = mul(before, channels);
  const one = constant(1);
  const row = e.reshape(a, [rows, one, length]);
  const column = e.reshape(b, [rows, length, one]);
  const products = e.node('MatMul', [row, column], { dims: [rows, one, one] });
  const byChannel = e.reshape(products, [before, channels]);
  return e.node('ReduceSum', [byChannel, e.ints([0])], { dims: [channels] }, { keepdims: int(0) });
}
