import { axisNames, withoutAxes, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant, scale } from '../shapes/size.ts';
import {
  channelLayout,
  inputNames,
  normalise,
  normalisedType,
  normaliseInOnnx,
  samples,
  tfjsArguments,
  type BatchNormAttributes,
} from './batch-norm.ts';
import { named } from './named.ts';
import { elementCount, forEachIndex, sizeOf, zeros, type NdArray } from './nd-array.ts';
import type { Op } from './op.ts';
import { reduceInOnnx } from './reduce-in-onnx.ts';
import { elements } from './sizes-of.ts';

/** What follows y while training. */
const vectorOutputs = ['newMean', 'newVariance', 'mean', 'variance'] as const;

/**
 * Batch normalisation by the batch's own statistics, with the new running ones and, for its gradient, the batch's own.
 * torch's conventions: the variance that normalises divides by the number of elements n, the one that is stored by
 * max(n - 1, 1). The variance is the mean of (x - mean)^2: E[x^2] - mean^2 would lose the digits of a variance that is
 * small beside the mean.
 */
export const batchNormaliseTraining: Op<BatchNormAttributes> = {
  name: 'batch_norm_train',
  doc: 'y = (x - mean) / sqrt(var + eps) weight + bias for each channel, by the mean and variance of x; (1 - momentum) running + momentum new; the mean and the variance',
  infer: (inputs, attributes, ctx) => {
    const types = normalisedType(inputs, attributes, ctx);
    return types && [types.x, types.vector, types.vector, types.vector, types.vector];
  },
  evaluate: (inputs, { channel, eps, momentum }, outputs) => {
    const given = named(inputs, inputNames);
    const { x } = given;
    const [out, ...vectors] = outputs.map(zeros);
    const { newMean, newVariance, mean, variance } = named(vectors, vectorOutputs);
    const count = elementCount(x.type) / sizeOf(x.type, channel);
    forEachIndex(x.type.axes, [x.type, mean.type], ([at = 0, c = 0]) => {
      mean.data[c] = (mean.data[c] ?? NaN) + (x.data[at] ?? NaN) / count;
    });
    forEachIndex(x.type.axes, [x.type, mean.type], ([at = 0, c = 0]) => {
      variance.data[c] =
        (variance.data[c] ?? NaN) + ((x.data[at] ?? NaN) - (mean.data[c] ?? NaN)) ** 2 / count;
    });
    const unbiased = count / Math.max(count - 1, 1);
    const blend = (old: NdArray, fresh: NdArray, factor: number, to: NdArray): void => {
      old.data.forEach((value, c) => {
        to.data[c] = (1 - momentum) * value + momentum * factor * (fresh.data[c] ?? NaN);
      });
    };
    blend(given.mean, mean, 1, newMean);
    blend(given.variance, variance, unbiased, newVariance);
    if (out === undefined) return [];
    return [normalise({ ...given, mean, variance }, eps, out), ...vectors];
  },
  layout: (inputs, { channel }, outputs, dialect, sorted) =>
    channelLayout(inputs, outputs, channel, dialect, sorted),
  onnx: (e, { inputs, inputTypes, attributes: { channel, eps, momentum } }) => {
    const { x, weight, bias, mean: oldMean, variance: oldVariance } = named(inputs, inputNames);
    const type = named(inputTypes, ['x']).x;
    const { axes, count } = perChannel(e, type, channel);
    const mean = reduceInOnnx(e, 'ReduceMean', x, axes, 'become 1');
    const centred = e.node('Sub', [x, mean], { dims: x.dims });
    // A pass that only reads costs a tenth of one that writes a tensor as large as x.
    const squares = reduceInOnnx(e, 'ReduceSumSquare', centred, axes, 'become 1');
    const variance = e.node('Div', [squares, count], squares);
    const vector = { dims: oldMean.dims };
    const [flatMean, flatVariance] = [e.reshape(mean, vector.dims), e.reshape(variance, vector.dims)];
    // Of what is centred already, because x * gain + (bias - mean * gain) loses the digits of a small deviation.
    const none = e.node('Sub', [flatMean, flatMean], vector);
    const y = normaliseInOnnx(e, { x: centred, type, channel, eps }, [weight, bias, none, flatVariance]);

    const blend = (old: OnnxTensor, fresh: OnnxTensor): OnnxTensor => {
      const kept = e.node('Mul', [old, e.floats([1 - momentum], [])], vector);
      return e.node('Add', [kept, e.node('Mul', [fresh, e.floats([momentum], [])], vector)], vector);
    };
    const unbiased = e.node('Mul', [flatVariance, besselFactor(e, count)], vector);
    return [y, blend(oldMean, flatMean), blend(oldVariance, unbiased), flatMean, flatVariance];
  },
  tfjs: (e, { inputs, inputTypes, attributes }) => {
    const call = `${e.helper('batchNormTrain')}(${tfjsArguments(e, inputs, attributes)} })`;
    const result = e.let('normalised', call);
    const { x } = named(inputs, ['x']);
    const axes = named(inputTypes, ['x'])
      .x.axes.slice(1)
      .map((_axis, i) => e.number(i));
    const batch = e.let('batch', `tf.moments(${x}, [${axes.join(', ')}])`);
    return [`${result}.y`, `${result}.mean`, `${result}.variance`, `${batch}.mean`, `${batch}.variance`];
  },
  noGradient: 'a step of training takes it apart into `centre` and `rescale` first',
  flops: (inputs) => scale(elements(named(inputs, ['x']).x), 8),
  samples,
};

/** n / max(n - 1, 1) for the n elements of a channel, whose number may depend on a dynamic batch. */
function besselFactor(e: OnnxEmitter, count: OnnxTensor): OnnxTensor {
  const single = { dims: [constant(1)] };
  const less = e.node('Max', [e.node('Sub', [count, e.floats([1], [])], single), e.floats([1], [])], single);
  return e.node('Div', [count, less], single);
}

/** What means over all but the channel need: the axes, and the number of elements. */
export function perChannel(
  e: OnnxEmitter,
  type: TensorType,
  channel: string,
): { readonly axes: readonly number[]; readonly count: OnnxTensor } {
  const count = elements(withoutAxes(type, [channel]));
  return {
    axes: axisNames(type).flatMap((name, position) => (name === channel ? [] : [position])),
    count: e.node('Cast', [e.shape([count])], { dims: [constant(1)] }, { to: { type: 'int', value: 1 } }),
  };
}
