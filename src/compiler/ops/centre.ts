import { axisNames, withoutAxes, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import { scale } from '../shapes/size.ts';
import { expectAxis, expectFloat } from './axis-checks.ts';
import { perChannel } from './batch-norm-train.ts';
import { channelShapes, onlyChannel } from './channel-shapes.ts';
import { only } from './named.ts';
import { concrete, elementCount, forEachIndex, sizeOf, zeros } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { reduceInOnnx } from './reduce-in-onnx.ts';
import { elements } from './sizes-of.ts';

export type CentreAttributes = { readonly channel: string };

/**
 * The first half of a batch norm that trains: each channel without its mean, and with the mean square of what is left,
 * which is its variance. A step takes batch norms apart so that channels that several of them read are centred once.
 */
export const centre: Op<CentreAttributes> = {
  name: 'centre',
  doc: 'the mean of each channel; x - mean; and the mean of (x - mean)^2',
  infer: (inputs, { channel }, ctx) => {
    const x = only(inputs);
    if (!expectFloat(ctx, 'centre', x)) return undefined;
    const axis = expectAxis(ctx, '`centre`', x, channel);
    const vector: TensorType | undefined = axis && { ...x, axes: [axis] };
    return vector && [vector, x, vector];
  },
  evaluate: (inputs, { channel }, outputs) => {
    const x = only(inputs);
    const [mean, centred, variance] = outputs.map(zeros);
    if (mean === undefined || centred === undefined || variance === undefined) return [];
    const count = elementCount(x.type) / sizeOf(x.type, channel);
    forEachIndex(x.type.axes, [x.type, mean.type], ([at = 0, c = 0]) => {
      mean.data[c] = (mean.data[c] ?? NaN) + (x.data[at] ?? NaN) / count;
    });
    forEachIndex(x.type.axes, [x.type, mean.type, centred.type], ([at = 0, c = 0, to = 0]) => {
      const left = (x.data[at] ?? NaN) - (mean.data[c] ?? NaN);
      centred.data[to] = left;
      variance.data[c] = (variance.data[c] ?? NaN) + left ** 2 / count;
    });
    return [mean, centred, variance];
  },
  layout: (inputs, { channel }, _outputs, _dialect, sorted) => {
    const order = sorted(axisNames(only(inputs)));
    return { inputs: [order], outputs: [[channel], order, [channel]] };
  },
  onnx: (e, { inputs, inputTypes, attributes: { channel } }) =>
    centreInOnnx(e, only(inputs), only(inputTypes), channel),
  // What the variance gives to the mean is 0, since what is centred sums to 0.
  gradient: (b, { attributes: { channel }, inputs, outputs, gradients }) => {
    const x = only(inputs);
    const [mean, centred] = outputs;
    const [ofMean, ofCentred, ofVariance] = gradients;
    if (mean === undefined || centred === undefined) return [];
    const count = b.number(elements(withoutAxes(x.type, [channel])));
    const sums = [
      ...(ofMean === undefined ? [] : [ofMean]),
      ...(ofCentred === undefined ? [] : [b.one('neg', [b.sumTo(ofCentred, mean.type)])]),
    ];
    const [first, second] = sums;
    const sum = first && second ? b.add(first, second) : first;
    const offset = sum && b.div(sum, count);
    const slope = ofVariance && b.mul(ofVariance, b.div(b.number(2), count));
    if (slope !== undefined) {
      const terms = [...(offset ? ['offset'] : []), ...(ofCentred ? ['addend'] : [])];
      const given = [offset, ofCentred].filter((value) => value !== undefined);
      return [b.one('channel_affine', [centred, slope, ...given], { channel, terms, relu: false })];
    }
    if (ofCentred === undefined) return [offset && b.spread(offset, x.type)];
    return [offset === undefined ? ofCentred : b.add(ofCentred, offset)];
  },
  flops: (inputs) => scale(elements(only(inputs)), 4),
  samples: [
    ...channelShapes.map((shape) => centreSample(...shape)),
    centreSample({ N: 1, C: 1, T: 6 }, 'C'),
    centreSample(...onlyChannel),
  ],
};

/** @param sumOfSquares by channel, where there is a better way than the operator for it */
export function centreInOnnx(
  e: OnnxEmitter,
  x: OnnxTensor,
  type: TensorType,
  channel: string,
  sumOfSquares?: (centred: OnnxTensor) => OnnxTensor,
): readonly OnnxTensor[] {
  const { axes, count } = perChannel(e, type, channel);
  const mean = reduceInOnnx(e, 'ReduceMean', x, axes, 'become 1');
  const centred = e.node('Sub', [x, mean], { dims: x.dims });
  // A pass that only reads costs a tenth of one that writes a tensor as large as x.
  const squares = sumOfSquares?.(centred) ?? reduceInOnnx(e, 'ReduceSumSquare', centred, axes);
  return [e.reshape(mean, squares.dims), centred, e.node('Div', [squares, count], squares)];
}

export function centreSample(x: Readonly<Record<string, number>>, channel: string): Sample<CentreAttributes> {
  return { inputs: [concrete(x)], attributes: { channel } };
}
