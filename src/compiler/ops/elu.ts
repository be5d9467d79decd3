import { scale } from '../shapes/size.ts';
import { expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type EluAttributes = { readonly alpha: number };

/** Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)", ICLR 2016. */
export const exponentialUnit: Op<EluAttributes> = {
  name: 'elu',
  doc: 'x where x > 0, alpha (exp(x) - 1) elsewhere',
  infer: (inputs, _attributes, ctx) => {
    const x = only(inputs);
    return expectFloat(ctx, 'elu', x) ? [x] : undefined;
  },
  evaluate: (inputs, { alpha }, outputs) => {
    const { type, data } = arrange(only(inputs), only(outputs));
    return [{ type, data: data.map((x) => (x > 0 ? x : alpha * Math.expm1(x))) }];
  },
  isElementwise: true,
  onnx: (e, { inputs, attributes: { alpha } }) => {
    const x = only(inputs);
    return [e.node('Elu', [x], { dims: x.dims }, { alpha: { type: 'float', value: alpha } })];
  },
  // TensorFlow.js knows alpha = 1 alone. The sum has the other's value and, at 0, its left derivative as well.
  tfjs: (e, { inputs, attributes: { alpha } }) => {
    const x = only(inputs);
    if (alpha === 1) return [`tf.elu(${x})`];
    const [share, rest] = [e.number(alpha), e.number(1 - alpha)];
    return [`tf.add(tf.mul(tf.elu(${x}), ${share}), tf.mul(tf.relu(${x}), ${rest}))`];
  },
  // Left of 0 the slope alpha exp(x) is y + alpha; at 0 it is that of the left.
  gradient: (b, { inputs, outputs, attributes: { alpha }, gradients }) => {
    const gradient = only(gradients);
    if (gradient === undefined) return [];
    const left = b.add(only(outputs), b.number(alpha));
    const isRight = b.one('greater', [only(inputs), b.number(0)]);
    return [b.mul(gradient, b.one('select', [isRight, b.number(1), left]))];
  },
  flops: (inputs) => scale(elements(only(inputs)), 3),
  samples: [
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { alpha: 1 } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { alpha: 0.5 } },
    { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { alpha: 1 }, ranges: [[-20, 20]] },
    { inputs: [concrete({ T: 33 })], attributes: { alpha: 1.5 }, ranges: [[-20, 20]] },
    { inputs: [concrete({})], attributes: { alpha: 0.25 } },
    { inputs: [concrete({ N: 1, C: 1 })], attributes: { alpha: 1 } },
  ],
};

export const elu = surfaceOp({
  name: 'elu',
  doc: 'The exponential linear unit: a rectifier that bends towards -alpha.',
  example: 'elu(alpha: 1)(x)',
  arguments: {
    alpha: { kind: 'number', optional: true, default: '1', doc: 'minus the limit on the left' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { alpha = 1 }, operands) {
    const x = tensorOperand(b, 'elu', operands);
    return x && b.emitOne(exponentialUnit, [x], { alpha });
  },
});
