import { axisNames, printType, withoutAxes, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { constant, scale, type Size } from '../shapes/size.ts';
import { expectAxis, expectFloat } from './axis-checks.ts';
import { named, only } from './named.ts';
import { concrete, elementCount, forEachIndex, sizeOf, zeros, type NdArray } from './nd-array.ts';
import type { Op, OpLayout, Sample, ShapeContext } from './op.ts';
import { elements, product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type BatchNormAttributes = {
  readonly channel: string;
  readonly eps: number;
  readonly momentum: number;
};

/** Vectors along the channel follow x. */
const inputNames = ['x', 'weight', 'bias', 'mean', 'variance'] as const;
/** What follows y while training. */
const vectorOutputs = ['newMean', 'newVariance', 'mean', 'variance'] as const;

function normalisedType(
  inputs: readonly TensorType[],
  { channel, eps, momentum }: BatchNormAttributes,
  ctx: ShapeContext,
): { readonly x: TensorType; readonly vector: TensorType } | undefined {
  const { x, ...vectors } = named(inputs, inputNames);
  if (!expectFloat(ctx, 'batch_norm', x)) return undefined;
  const axis = expectAxis(ctx, '`batch_norm`', x, channel);
  if (axis === undefined) return undefined;
  // While a block is defined, numbers that it is given are NaN.
  if (eps < 0) return ctx.fail('N3010', `\`eps\` of \`batch_norm\` is ${eps}, but must be at least 0`);
  if (momentum < 0 || momentum > 1) {
    return ctx.fail('N3010', `\`momentum\` of \`batch_norm\` is ${momentum}, but must lie between 0 and 1`, [
      'it is the weight of the new batch, 0.1 by default',
    ]);
  }
  const vector: TensorType = { kind: 'tensor', dtype: 'f32', axes: [axis] };
  const other = Object.values(vectors).find(({ axes: [only, ...more] }) => {
    return only?.name !== channel || more.length > 0 || !ctx.equal(only.size, axis.size);
  });
  if (other === undefined) return { x, vector };
  return ctx.fail('N4001', `the parameters of \`batch_norm\` do not fit axis ${channel} of x`, [
    `x is ${printType(x)}`,
    `a parameter is ${printType(other)}`,
  ]);
}

/** y = (x - mean) / sqrt(variance + eps) * weight + bias, the statistics given for each channel. */
function normalise(
  inputs: { readonly [N in (typeof inputNames)[number]]: NdArray },
  eps: number,
  out: NdArray,
): NdArray {
  const { x, weight, bias, mean, variance } = inputs;
  forEachIndex(x.type.axes, [x.type, weight.type, out.type], ([from = 0, c = 0, to = 0]) => {
    const centred = (x.data[from] ?? NaN) - (mean.data[c] ?? NaN);
    const normal = centred / Math.sqrt((variance.data[c] ?? NaN) + eps);
    out.data[to] = normal * (weight.data[c] ?? NaN) + (bias.data[c] ?? NaN);
  });
  return out;
}

/** The channel goes last in TensorFlow.js, and anywhere in ONNX, which reads [batch, channel, others]. */
function channelLayout(
  inputs: readonly TensorType[],
  outputs: readonly TensorType[],
  channel: string,
  dialect: 'channels-first' | 'channels-last',
  sorted: (names: readonly string[]) => readonly string[],
): OpLayout {
  const x = dialect === 'channels-last' ? ['...', channel] : sorted(axisNames(named(inputs, ['x']).x));
  const rest = (types: readonly TensorType[]): readonly (readonly string[])[] =>
    types.slice(1).map(() => [channel]);
  return { inputs: [x, ...rest(inputs)], outputs: [x, ...rest(outputs)] };
}

function tfjsArguments(
  e: TfjsEmitter,
  inputs: readonly string[],
  { eps, momentum }: BatchNormAttributes,
): string {
  const [x, ...vectors] = inputs;
  return `${x}, ${tfjsVectors(vectors)}, { epsilon: ${e.number(eps)}, momentum: ${e.number(momentum)}`;
}

/** The names under which `batch_norm` declares its vectors. */
const vectorNames = ['weight', 'bias', 'running_mean', 'running_var'] as const;

/** The vectors as one object: that of the instance, `w.norm`, where they are its own. */
function tfjsVectors(vectors: readonly string[]): string {
  const owners = vectors.map((vector, i) => {
    const ending = `.${vectorNames[i]}`;
    return vector.endsWith(ending) ? vector.slice(0, -ending.length) : undefined;
  });
  const [owner] = owners;
  if (owner !== undefined && owners.every((other) => other === owner)) return owner;
  return `{ ${vectors.map((vector, i) => `${vectorNames[i]}: ${vector}`).join(', ')} }`;
}

const samples: readonly Sample<BatchNormAttributes>[] = [
  sample({ N: 3, C: 4, H: 5, W: 2 }, 'C'),
  sample({ N: 7, C: 5 }, 'C'),
  sample({ W: 3, C: 4, N: 2 }, 'C'),
  sample({ C: 4, H: 5, W: 2 }, 'C'),
  sample({ A: 2, N: 2, C: 3, H: 3, W: 2 }, 'C'),
  sample({ N: 2, T: 5, D: 3 }, 'D'),
  sample({ N: 5, T: 3, D: 2 }, 'T'),
  sample({ N: 2, C: 1, D: 3, H: 2, W: 2 }, 'C', { eps: 1e-3, momentum: 0.25 }),
  sample({ N: 2, C: 2, H: 23, W: 23 }, 'C'),
];

function sample(
  x: Readonly<Record<string, number>>,
  channel: string,
  { eps, momentum } = { eps: 1e-5, momentum: 0.1 },
): Sample<BatchNormAttributes> {
  const vector = concrete({ [channel]: x[channel] ?? 1 });
  return {
    inputs: [concrete(x), vector, vector, vector, vector],
    attributes: { channel, eps, momentum },
    ranges: [
      [-2, 2],
      [-2, 2],
      [-2, 2],
      [-1, 1],
      [0.2, 2],
    ],
  };
}

/** (x - mean) / sqrt(variance + eps) weight + bias, in one pass over x. */
export function normaliseInOnnx(
  e: OnnxEmitter,
  {
    x,
    type,
    channel,
    eps,
  }: {
    readonly x: OnnxTensor;
    readonly type: TensorType;
    readonly channel: string;
    readonly eps: number;
  },
  vectors: readonly [weight: OnnxTensor, bias: OnnxTensor, mean: OnnxTensor, variance: OnnxTensor],
): OnnxTensor {
  const sizes = sizesOf(type);
  const position = axisNames(type).indexOf(channel);
  const dims = [product(sizes.slice(0, position)), ...sizes.slice(position)];
  const epsilon = { type: 'float', value: eps } as const;
  const normal = e.node('BatchNormalization', [e.reshape(x, dims), ...vectors], { dims }, { epsilon });
  return e.reshape(normal, sizes);
}

/** Batch normalisation (Ioffe and Szegedy, 2015) by the running statistics: a fixed affine map for each channel. */
export const batchNormalise: Op<BatchNormAttributes> = {
  name: 'batch_norm',
  doc: 'y = (x - running_mean) / sqrt(running_var + eps) weight + bias for each channel',
  infer: (inputs, attributes, ctx) => {
    const types = normalisedType(inputs, attributes, ctx);
    return types && [types.x];
  },
  evaluate: (inputs, { eps }, outputs) => [normalise(named(inputs, inputNames), eps, zeros(only(outputs)))],
  layout: (inputs, { channel }, outputs, dialect, sorted) =>
    channelLayout(inputs, outputs, channel, dialect, sorted),
  onnx: (e, { inputs, inputTypes, attributes: { channel, eps } }) => {
    const { x, weight, bias, mean, variance } = named(inputs, inputNames);
    const type = named(inputTypes, ['x']).x;
    return [normaliseInOnnx(e, { x, type, channel, eps }, [weight, bias, mean, variance])];
  },
  /** In a TensorFlow.js program one call serves both modes: `training` is in scope wherever it stands. */
  tfjs: (e, { inputs, attributes, followedBy }) => [
    `${e.helper('batchNorm')}(${tfjsArguments(e, inputs, attributes)}${followedBy === 'relu' ? ', relu: true' : ''}, training })`,
  ],
  tfjsIncludes: ['relu'],
  gradient: (b, { attributes: { eps }, inputs, gradients }) => {
    const { x, weight, bias, mean, variance } = named(inputs, inputNames);
    const g = only(gradients);
    if (g === undefined) return [];
    const inverse = b.one('rsqrt', [b.add(variance, b.number(eps))]);
    const gain = b.mul(weight, inverse);
    const sumG = b.sumTo(g, bias.type);
    const dweight = b.mul(b.sumTo(b.mul(g, b.sub(x, mean)), weight.type), inverse);
    const dmean = b.one('neg', [b.mul(gain, sumG)]);
    const dvariance = b.mul(b.mul(b.mul(gain, inverse), dweight), b.number(-0.5));
    return [b.mul(g, gain), dweight, sumG, dmean, dvariance];
  },
  flops: (inputs) => scale(elements(named(inputs, ['x']).x), 2),
  samples,
  training: {
    op: 'batch_norm_train',
    state: [
      [3, 1],
      [4, 2],
    ],
  },
};

/**
 * Batch normalisation by the batch's own statistics, with the new running ones and, for its gradient, the batch's own. torch's conventions: the variance that
 * normalises divides by the number of elements n, the one that is stored by max(n - 1, 1). The variance is the mean of
 * (x - mean)^2: E[x^2] - mean^2 would lose the digits of a variance that is small beside the mean.
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
    const { axes, column, count } = perChannel(e, type, channel);
    const reduce = (tensor: OnnxTensor): OnnxTensor =>
      e.node(
        'ReduceMean',
        [tensor],
        { dims: column },
        { axes: { type: 'ints', value: axes }, keepdims: { type: 'int', value: 1 } },
      );
    const mean = reduce(x);
    const centred = e.node('Sub', [x, mean], { dims: x.dims });
    // A pass that only reads costs a tenth of one that writes a tensor as large as x.
    const squares = e.node(
      'ReduceSumSquare',
      [centred],
      { dims: column },
      { axes: { type: 'ints', value: axes }, keepdims: { type: 'int', value: 1 } },
    );
    const variance = e.node('Div', [squares, count], { dims: column });
    const vector = { dims: oldMean.dims };
    const [flatMean, flatVariance] = [e.reshape(mean, vector.dims), e.reshape(variance, vector.dims)];
    const y = normaliseInOnnx(e, { x, type, channel, eps }, [weight, bias, flatMean, flatVariance]);

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
  gradient: (b, { attributes: { channel, eps }, inputs, outputs, gradients }) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    const { mean, variance } = named(outputs.slice(1), vectorOutputs);
    const [ofY, , , ofMean, ofVariance] = gradients;
    const ofNormal = ofY && b.emit('batch_norm_gradient', [x, weight, mean, variance, ofY], { channel, eps });
    const count = b.number(elements(withoutAxes(x.type, [channel])));
    const direct = [
      ...(ofNormal?.slice(0, 1) ?? []),
      ...(ofMean === undefined ? [] : [b.spread(b.div(ofMean, count), x.type)]),
      ...(ofVariance === undefined
        ? []
        : [b.mul(b.sub(x, mean), b.mul(ofVariance, b.div(b.number(2), count)))]),
    ];
    const [first, ...others] = direct;
    return [first && others.reduce((sum, part) => b.add(sum, part), first), ofNormal?.[1], ofNormal?.[2]];
  },
  flops: (inputs) => scale(elements(named(inputs, ['x']).x), 8),
  samples,
};

/** n / max(n - 1, 1) for the n elements of a channel, whose number may depend on a dynamic batch. */
function besselFactor(e: OnnxEmitter, count: OnnxTensor): OnnxTensor {
  const single = { dims: [constant(1)] };
  const less = e.node('Max', [e.node('Sub', [count, e.floats([1], [])], single), e.floats([1], [])], single);
  return e.node('Div', [count, less], single);
}

/** What sums over all but the channel need: the axes, the dims of a vector that runs along x, and the number of elements. */
export function perChannel(
  e: OnnxEmitter,
  type: TensorType,
  channel: string,
): { readonly axes: readonly number[]; readonly column: readonly Size[]; readonly count: OnnxTensor } {
  const count = elements(withoutAxes(type, [channel]));
  return {
    axes: axisNames(type).flatMap((name, position) => (name === channel ? [] : [position])),
    column: type.axes.map(({ name, size }) => (name === channel ? size : constant(1))),
    count: e.node('Cast', [e.shape([count])], { dims: [constant(1)] }, { to: { type: 'int', value: 1 } }),
  };
}

export const batchNorm = surfaceOp({
  name: 'batch_norm',
  doc: 'Batch normalisation of each channel over all other axes, with a learned weight and bias. While training the statistics are those of the batch, and the running ones follow: (1 - momentum) running + momentum new.',
  example: 'batch_norm(C)(x)',
  arguments: {
    channel: { kind: 'axis', positional: true, doc: 'the axis whose elements are normalised each by itself' },
    eps: { kind: 'number', optional: true, default: '1e-5', doc: 'added to the variance' },
    momentum: {
      kind: 'number',
      optional: true,
      default: '0.1',
      doc: 'weight of the new batch in the running statistics',
    },
  },
  operands: ['x'],
  parameterised: true,
  build(b, { channel, eps = 1e-5, momentum = 0.1 }, operands) {
    const x = tensorOperand(b, 'batch_norm', operands);
    const axis = x && expectAxis(b, '`batch_norm`', x.type, channel);
    if (x === undefined || axis === undefined) return undefined;
    // Each element is connected with one input and one output.
    const fan = { in: constant(1), out: constant(1) };
    const weight = b.param('weight', [axis], { name: 'ones', args: {} }, fan);
    const bias = b.param('bias', [axis], { name: 'zeros', args: {} }, fan);
    const mean = b.state('running_mean', [axis], { name: 'zeros', args: {} });
    const variance = b.state('running_var', [axis], { name: 'ones', args: {} });
    return b.emitOne(batchNormalise, [x, weight, bias, mean, variance], { channel, eps, momentum });
  },
});
