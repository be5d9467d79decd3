import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { scale } from '../shapes/size.ts';
import type { GraphValue } from '../ir/graph.ts';
import type { NoAttributes } from './attributes.ts';
import { expectFloat } from './axis-checks.ts';
import type { GradientBuilder } from './gradient.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand, type SurfaceOp } from './surface-op.ts';

interface UnaryRow {
  readonly doc: string;
  /** How sources write it, where that is not its name. */
  readonly written?: string;
  readonly value: (x: number) => number;
  /** An operator of ONNX, or how to build it from several. */
  readonly onnx: string | ((e: OnnxEmitter, x: OnnxTensor) => OnnxTensor);
  /** A function of `tf`, or an expression. */
  readonly tfjs: string | ((e: TfjsEmitter, x: string) => string);
  /** dy / dx; undefined where it is 0 everywhere. */
  readonly slope: (b: GradientBuilder, x: GraphValue, y: GraphValue) => GraphValue | undefined;
  /** Range of x in samples, where not every value will do. */
  readonly range?: readonly [number, number];
  readonly absoluteError?: number;
  /** Operations for each element; 1 where it is left out. */
  readonly flops?: number;
}

/** Functions of f32 applied to each element. */
function unary(name: string, row: UnaryRow): Op<NoAttributes> {
  const { onnx, tfjs } = row;
  const shapes = [
    { N: 2, C: 3, H: 5, W: 7 },
    { N: 4, K: 14 },
    { C: 33 },
    {},
    { N: 1, T: 1 },
    { B: 2, N: 3, T: 5, h: 2, d: 3 },
  ];
  return {
    name,
    doc: row.doc,
    infer: (inputs, _attributes, ctx) => {
      const x = only(inputs);
      return expectFloat(ctx, row.written ?? name, x) ? [x] : undefined;
    },
    evaluate: (inputs, _attributes, outputs) => {
      const { type, data } = arrange(only(inputs), only(outputs));
      return [{ type, data: data.map(row.value) }];
    },
    isElementwise: true,
    onnx: (e, { inputs }) => {
      const x = only(inputs);
      return [typeof onnx === 'string' ? e.node(onnx, [x], { dims: x.dims }) : onnx(e, x)];
    },
    tfjs: (e, { inputs }) => {
      const x = only(inputs);
      return [typeof tfjs === 'string' ? `tf.${tfjs}(${x})` : tfjs(e, x)];
    },
    gradient: (b, { inputs, outputs, gradients }) => {
      const slope = row.slope(b, only(inputs), only(outputs));
      const gradient = only(gradients);
      return [slope && gradient && b.mul(gradient, slope)];
    },
    flops: (inputs) => scale(elements(only(inputs)), row.flops ?? 1),
    ...(row.absoluteError !== undefined && { absoluteError: row.absoluteError }),
    samples: shapes.map((sizes) => ({
      inputs: [concrete(sizes)],
      attributes: {},
      ranges: [row.range ?? [-6, 6]],
    })),
  };
}

/** log(1 + exp(x)) without overflow. */
function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + exp(-x)), exact to the last bits for x < 0 as well. */
function sigmoidOf(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

function hardSigmoidOf(x: number): number {
  return Math.min(Math.max(x / 6 + 0.5, 0), 1);
}

/** The numbers for which activations of mean 0 and variance 1 keep both. */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

/** 1 where the middle piece of hard sigmoid rises, -3 < x < 3, and 0 elsewhere; at the kinks 0, as torch's. */
function isSloped(b: GradientBuilder, x: GraphValue): GraphValue {
  return b.one('is_positive', [b.sub(b.number(3), b.one('abs', [x]))]);
}

const like = (x: OnnxTensor): { readonly dims: OnnxTensor['dims'] } => ({ dims: x.dims });

export const negate = unary('neg', {
  doc: '-x',
  written: '-x',
  value: (x) => -x,
  onnx: 'Neg',
  tfjs: 'neg',
  slope: (b) => b.number(-1),
});
export const relu = unary('relu', {
  doc: 'max(x, 0)',
  value: (x) => Math.max(x, 0),
  onnx: 'Relu',
  tfjs: 'relu',
  // 0 at 0, as torch's.
  slope: (b, _x, y) => b.one('is_positive', [y]),
});
/** ONNX Runtime's is off by half at x = -16 and 0 below -18: losses start from logits, through softplus. */
export const sigmoid = unary('sigmoid', {
  doc: '1 / (1 + exp(-x))',
  value: sigmoidOf,
  onnx: 'Sigmoid',
  tfjs: 'sigmoid',
  absoluteError: 2 ** -24,
  slope: (b, _x, y) => b.mul(y, b.sub(b.number(1), y)),
  flops: 4,
});
export const tanh = unary('tanh', {
  doc: 'tanh(x)',
  value: Math.tanh,
  onnx: 'Tanh',
  tfjs: 'tanh',
  slope: (b, _x, y) => b.sub(b.number(1), b.mul(y, y)),
  flops: 4,
});
export const exp = unary('exp', {
  doc: 'exp(x)',
  value: Math.exp,
  onnx: 'Exp',
  tfjs: 'exp',
  slope: (_b, _x, y) => y,
});
export const log = unary('log', {
  doc: 'the natural logarithm of x',
  value: Math.log,
  onnx: 'Log',
  tfjs: 'log',
  slope: (b, x) => b.div(b.number(1), x),
  range: [0.1, 4],
});
export const sqrt = unary('sqrt', {
  doc: 'the square root of x',
  value: Math.sqrt,
  onnx: 'Sqrt',
  tfjs: 'sqrt',
  slope: (b, _x, y) => b.div(b.number(0.5), y),
  range: [0.1, 4],
});
export const rsqrt = unary('rsqrt', {
  doc: '1 / the square root of x',
  value: (x) => 1 / Math.sqrt(x),
  onnx: (e, x) => e.node('Reciprocal', [e.node('Sqrt', [x], like(x))], like(x)),
  tfjs: 'rsqrt',
  slope: (b, x, y) => b.div(b.mul(y, b.number(-0.5)), x),
  range: [0.1, 4],
  flops: 2,
});
/** At 0, where torch's gradient is 0, that of stock TensorFlow.js is -1. */
export const abs = unary('abs', {
  doc: '|x|',
  value: Math.abs,
  onnx: 'Abs',
  tfjs: 'abs',
  slope: (b, x) => b.one('sign', [x]),
});
/** Its gradient is 0 everywhere. */
export const sign = unary('sign', {
  doc: '1 where x > 0, -1 where x < 0, 0 at 0',
  value: Math.sign,
  onnx: 'Sign',
  tfjs: 'sign',
  slope: () => undefined,
});
/**
 * Masks the gradient of a ReLU. Among the standard operators this one computes it in a single pass on all threads, a
 * third of what Sign takes; between 0 and 3e-39, where float32 has but a few digits left, it rises along a line.
 */
export const isPositive = unary('is_positive', {
  doc: '1 where x > 0, 0 elsewhere',
  value: (x) => (x > 0 ? 1 : 0),
  onnx: (e, x) =>
    e.node('HardSigmoid', [x], like(x), {
      alpha: { type: 'float', value: 3e38 },
      beta: { type: 'float', value: 0 },
    }),
  tfjs: 'step',
  slope: () => undefined,
});
export const softplus = unary('softplus', {
  doc: 'log(1 + exp(x))',
  value: softplusOf,
  onnx: 'Softplus',
  tfjs: 'softplus',
  slope: (b, x) => b.one('sigmoid', [x]),
  flops: 4,
});
export const logSigmoid = unary('log_sigmoid', {
  doc: 'log(1 / (1 + exp(-x))) = -softplus(-x)',
  value: (x) => -softplusOf(-x),
  onnx: (e, x) => {
    const flipped = e.node('Neg', [x], like(x));
    return e.node('Neg', [e.node('Softplus', [flipped], like(x))], like(x));
  },
  tfjs: 'logSigmoid',
  slope: (b, x) => b.one('sigmoid', [b.one('neg', [x])]),
  flops: 6,
});
export const hardSigmoid = unary('h_sigmoid', {
  doc: 'min(max(x / 6 + 1/2, 0), 1)',
  value: hardSigmoidOf,
  onnx: (e, x) =>
    e.node('HardSigmoid', [x], like(x), {
      alpha: { type: 'float', value: 1 / 6 },
      beta: { type: 'float', value: 0.5 },
    }),
  tfjs: (e, x) => `${e.helper('hSigmoid')}(${x})`,
  slope: (b, x) => b.mul(isSloped(b, x), b.number(1 / 6)),
  flops: 4,
});
export const hardSwish = unary('h_swish', {
  doc: 'x min(max(x / 6 + 1/2, 0), 1)',
  value: (x) => x * hardSigmoidOf(x),
  onnx: 'HardSwish',
  tfjs: (e, x) => `${e.helper('hSwish')}(${x})`,
  slope: (b, x) => b.add(b.one('h_sigmoid', [x]), b.mul(x, b.mul(isSloped(b, x), b.number(1 / 6)))),
  flops: 5,
});
export const silu = unary('silu', {
  doc: 'x / (1 + exp(-x))',
  value: (x) => x * sigmoidOf(x),
  onnx: (e, x) => e.node('Mul', [x, e.node('Sigmoid', [x], like(x))], like(x)),
  tfjs: (_e, x) => `tf.mul(${x}, tf.sigmoid(${x}))`,
  // x times that of the sigmoid, which has any at all only for x of about -16.
  absoluteError: 2 ** -20,
  // s + y (1 - s) with s = sigmoid(x)
  slope: (b, x, y) => {
    const s = b.one('sigmoid', [x]);
    return b.add(s, b.mul(y, b.sub(b.number(1), s)));
  },
  flops: 5,
});
/** Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", BMVC 2020. An operator of ONNX from opset 18 on. */
export const mish = unary('mish', {
  doc: 'x tanh(log(1 + exp(x)))',
  value: (x) => x * Math.tanh(softplusOf(x)),
  onnx: (e, x) => e.node('Mul', [x, e.node('Tanh', [e.node('Softplus', [x], like(x))], like(x))], like(x)),
  tfjs: (_e, x) => `tf.mul(${x}, tf.tanh(tf.softplus(${x})))`,
  // t + x sigmoid(x) (1 - t^2) with t = tanh(softplus(x))
  slope: (b, x) => {
    const t = b.one('tanh', [b.one('softplus', [x])]);
    return b.add(t, b.mul(b.mul(x, b.one('sigmoid', [x])), b.sub(b.number(1), b.mul(t, t))));
  },
  flops: 9,
});
/** Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017, with the constants of its equation 14. */
export const selu = unary('selu', {
  doc: '1.0507 x where x > 0, 1.0507 * 1.6733 (exp(x) - 1) elsewhere',
  value: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
  onnx: (e, x) =>
    e.node('Selu', [x], like(x), {
      alpha: { type: 'float', value: SELU.alpha },
      gamma: { type: 'float', value: SELU.scale },
    }),
  tfjs: 'selu',
  // Left of 0 it is y + scale alpha.
  slope: (b, x, y) => {
    const left = b.add(y, b.number(SELU.scale * SELU.alpha));
    return b.one('select', [b.one('greater', [x, b.number(0)]), b.number(SELU.scale), left]);
  },
  flops: 3,
});

function elementwise(op: Op<NoAttributes>): SurfaceOp {
  return surfaceOp({
    name: op.name,
    doc: `${op.doc}, for each element.`,
    example: `${op.name}(x)`,
    arguments: {},
    operands: ['x'],
    parameterised: false,
    build(b, _args, operands) {
      const x = tensorOperand(b, op.name, operands);
      return x && b.emitOne(op, [x], {});
    },
  });
}

/** All of the family; `neg` is written as the operator `-x`. */
export const unaryOps: readonly Op<NoAttributes>[] = [
  negate,
  relu,
  sigmoid,
  tanh,
  exp,
  log,
  sqrt,
  rsqrt,
  abs,
  sign,
  softplus,
  logSigmoid,
  hardSigmoid,
  hardSwish,
  silu,
  mish,
  selu,
];
export const unaryFunctions: readonly SurfaceOp[] = unaryOps.filter((op) => op !== negate).map(elementwise);
