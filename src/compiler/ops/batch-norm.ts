import { axisNames, printType, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { constant, scale } from '../shapes/size.ts';
import { expectAxis, expectFloat } from './axis-checks.ts';
import { channelShapes, onlyChannel } from './channel-shapes.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, zeros, type NdArray } from './nd-array.ts';
import type { Op, OpLayout, Sample, ShapeContext } from './op.ts';
import { elements, product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type BatchNormAttributes = {
  readonly channel: string;
  readonly eps: number;
  readonly momentum: number;
};

/** Vectors along the channel follow x. */
export const inputNames = ['x', 'weight', 'bias', 'mean', 'variance'] as const;
export function normalisedType(
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
export function normalise(
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
export function channelLayout(
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

export function tfjsArguments(
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

export const samples: readonly Sample<BatchNormAttributes>[] = [
  ...channelShapes.map((shape) => sample(...shape)),
  sample({ N: 5, T: 3, D: 2 }, 'T'),
  sample({ N: 2, C: 1, D: 3, H: 2, W: 2 }, 'C', { eps: 1e-3, momentum: 0.25 }),
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
  // To train by the statistics of a single element makes no sense, and torch refuses it.
  samples: [...samples, sample(...onlyChannel)],
  training: {
    op: 'batch_norm_train',
    state: [
      [3, 1],
      [4, 2],
    ],
  },
};

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
