import { axisNames, hasAxis, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant, mul, scale } from '../shapes/size.ts';
import { expectAxis, expectFloat, expectSameAxes } from './axis-checks.ts';
import { channelDot } from './channel-dot.ts';
import { concatAlong } from './concat.ts';
import { kernelAxis } from './kernel-axis.ts';
import { named, only } from './named.ts';
import { concrete } from './nd-array.ts';
import type { Lowered, Op, Sample } from './op.ts';
import { reduceInOnnx } from './reduce-in-onnx.ts';
import { elements, product } from './sizes-of.ts';

export type GainGradientAttributes = { readonly channel: string };

const inputNames = ['g', 'gain', 'offset', 'variance', 'total', 'weight', 'dweight'] as const;

/** The inputs of a node by their names: the pieces of x along the channel, x itself if it is one, come behind all others. */
export function gainGradientInputs<T>(
  inputs: readonly T[],
): { readonly [N in (typeof inputNames)[number]]: T } & { readonly pieces: readonly T[] } {
  return { ...named(inputs, inputNames), pieces: inputs.slice(inputNames.length) };
}

/**
 * A `channel_dot` for where y = relu(x gain + offset) goes into a convolution of one group. Of the images it is the sum
 * of g x, where g, what comes back to the affine map, is 0 wherever y is. A convolution is bilinear, so that
 *
 *     sum of g y = sum over k and t of weight[k, c, t] dweight[k, c, t],
 *
 * and g y = g (gain x + offset). With total = sum of g, which the offset gets, that is
 *
 *     sum of g x = (sum of weight dweight - offset total) / gain,
 *
 * where no image is read. Rounded, the two are not the same: errors of the sum of g x go with |x|, and so in the mean with
 * the standard deviation, and those of the right side with |y / gain| = |x + offset / gain| and |offset / gain|, whose sum is
 * at most
 *
 *   - |x| where the offset is negative, since then |offset / gain| < |x| wherever y is not 0;
 *   - otherwise |x| + 2 |offset / gain|, so that the offset, too, may be up to one standard deviation of x gain.
 *
 * So the error is at most about four times as large. Whether the offsets are as they must be, and the gains not 0, a graph
 * sees from the vectors when it runs; where one channel is not, it computes the sum as it is defined, for all of them.
 */
export const gainGradient: Op<GainGradientAttributes> = {
  name: 'gain_gradient',
  doc: 'the sum of g x over all but the channel, x being the pieces joined along it; or the same of the other inputs',
  infer: (inputs, { channel }, ctx) => {
    const { g, weight, dweight, pieces, ...vectors } = gainGradientInputs(inputs);
    if (!expectFloat(ctx, 'gain_gradient', g)) return undefined;
    const axis = expectAxis(ctx, '`gain_gradient`', g, channel);
    const [x] = concatAlong.infer(pieces, { axis: channel }, ctx) ?? [];
    if (axis === undefined || x === undefined) return undefined;
    const out = { ...g, axes: [axis] };
    const read = { ...weight, axes: weight.axes.filter(({ name }) => name === '.in') };
    const fits =
      expectSameAxes(ctx, 'what the weight reads', read, 'the channel', {
        ...g,
        axes: [{ ...axis, name: '.in' }],
      }) &&
      expectSameAxes(ctx, 'x', x, 'g', g) &&
      expectSameAxes(ctx, 'dweight', dweight, 'the weight', weight) &&
      Object.values(vectors).every((type) => expectSameAxes(ctx, 'a vector', type, 'the channel', out));
    return fits ? [out] : undefined;
  },
  evaluate: (inputs, { channel }, outputs) => {
    const { g, pieces } = gainGradientInputs(inputs);
    const joined = concatAlong.evaluate(pieces, { axis: channel }, [g.type]);
    return channelDot.evaluate([g, ...joined], { channel }, outputs);
  },
  layout: (inputs, { channel }, _outputs, _dialect, sorted) => {
    const { g, weight, pieces } = gainGradientInputs(inputs);
    const order = sorted(axisNames(g));
    const kernel = order.map(kernelAxis).filter((name) => hasAxis(weight, name));
    const weights = ['.out', '.in', ...kernel];
    const vectors = ['gain', 'offset', 'variance', 'total'].map(() => [channel]);
    return {
      inputs: [order, ...vectors, weights, weights, ...pieces.map(() => order)],
      outputs: [[channel]],
    };
  },
  onnx: (e, node) => [
    chooseInOnnx(e, node, (images, type) =>
      only(channelDot.onnx(e, { ...node, inputs: images, inputTypes: [type, type] })),
    ),
  ],
  noGradient: 'it is made when gradients have been, which are not differentiated again',
  flops: (inputs) => scale(elements(gainGradientInputs(inputs).weight), 2),
  samples: [
    gainGradientSample({ N: 2, C: 3, H: 5, W: 4 }, [3]),
    gainGradientSample({ N: 2, C: 6, H: 4, W: 8 }, [1, 3, 2]),
    gainGradientSample({ C: 4, T: 16, N: 3 }, [3, 1]),
    gainGradientSample({ N: 3, C: 4 }, [2, 2]),
    gainGradientSample({ A: 2, C: 5, H: 3, N: 2, W: 2 }, [2, 1, 2]),
    gainGradientSample({ N: 1, C: 1, H: 7, W: 3 }, [1]),
  ],
};

/** Gains below it, times the standard deviation, would have y and what is made of it run out of exponents. */
const least = 2 ** -40;

/**
 * The sum by the one way or the other.
 *
 * @param dot writes the sum of g x
 */
export function chooseInOnnx(
  e: OnnxEmitter,
  { inputs, inputTypes, attributes: { channel } }: Lowered<GainGradientAttributes, OnnxTensor>,
  dot: (images: readonly [g: OnnxTensor, x: OnnxTensor], type: TensorType) => OnnxTensor,
): OnnxTensor {
  const { g, gain, offset, variance, total, weight, dweight, pieces } = gainGradientInputs(inputs);
  const types = gainGradientInputs(inputTypes);
  const vector = { dims: gain.dims };
  const scaled = e.node('Mul', [gain, e.node('Sqrt', [variance], vector)], vector);
  const needed = e.node('Max', [offset, e.floats([least], [])], vector);
  const spare = e.node('Sub', [e.node('Abs', [scaled], vector), needed], vector);
  const smallest = reduceInOnnx(e, 'ReduceMin', spare, [0]);
  const qualify = e.node('Greater', [smallest, e.floats([0], [])], { dims: [], dtype: 'bool' });
  const fromWeights = (): OnnxTensor => {
    const products = e.node('Mul', [weight, dweight], { dims: weight.dims });
    const sums = sumByInput(e, products);
    const ofOffset = e.node('Mul', [offset, total], vector);
    return e.node('Div', [e.node('Sub', [sums, ofOffset], vector), gain], vector);
  };
  const fromImages = (): OnnxTensor => {
    const node = {
      inputs: pieces,
      inputTypes: types.pieces,
      outputTypes: [types.g],
      attributes: { axis: channel },
    };
    const x = pieces.length === 1 ? only(pieces) : only(concatAlong.onnx(e, node));
    return dot([g, x], types.g);
  };
  return e.choose(qualify, fromWeights, fromImages);
}

/**
 * The sum of [k, c, ...] over all but c. ONNX Runtime adds up whole rows several times faster than it does so over the axes
 * on both sides of c at once.
 */
function sumByInput(e: OnnxEmitter, products: OnnxTensor): OnnxTensor {
  const [made = constant(1), read = constant(1), ...kernel] = products.dims;
  const taps = product(kernel);
  const sums = reduceInOnnx(e, 'ReduceSum', e.reshape(products, [made, mul(read, taps)]), [0]);
  return taps.value === 1 ? sums : reduceInOnnx(e, 'ReduceSum', e.reshape(sums, [read, taps]), [1]);
}

/** Its inputs have nothing to do with each other, so that a gain of 0 must have the sum computed as it is defined. */
export function gainGradientSample(
  x: Readonly<Record<string, number>>,
  pieces: readonly number[],
): Sample<GainGradientAttributes> {
  const vector = concrete({ C: x['C'] ?? 1 });
  const kernel = Object.keys(x).filter((name) => name !== 'N' && name !== 'C');
  const weight = concrete({
    '.out': 2,
    '.in': x['C'] ?? 1,
    ...Object.fromEntries(kernel.map((name) => [kernelAxis(name), 3])),
  });
  const images = pieces.map((size) => concrete({ ...x, C: size }));
  return {
    inputs: [concrete(x), vector, vector, vector, vector, weight, weight, ...images],
    attributes: { channel: 'C' },
    ranges: [
      [-2, 2],
      [0, 0],
    ],
  };
}
