import { scale } from '../shapes/size.ts';
import { expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type LeakyReluAttributes = { readonly slope: number };

/** Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013. At 0 the slope is the lower one. */
export const leakyRectify: Op<LeakyReluAttributes> = {
  name: 'leaky_relu',
  doc: 'x where x > 0, slope x elsewhere',
  infer: (inputs, _attributes, ctx) => {
    const x = only(inputs);
    return expectFloat(ctx, 'leaky_relu', x) ? [x] : undefined;
  },
  evaluate: (inputs, { slope }, outputs) => {
    const { type, data } = arrange(only(inputs), only(outputs));
    return [{ type, data: data.map((x) => (x > 0 ? x : slope * x)) }];
  },
  isElementwise: true,
  onnx: (e, { inputs, attributes: { slope } }) => {
    const x = only(inputs);
    return [e.node('LeakyRelu', [x], { dims: x.dims }, { alpha: { type: 'float', value: slope } })];
  },
  tfjs: (e, { inputs, attributes: { slope } }) => [`tf.leakyRelu(${only(inputs)}, ${e.number(slope)})`],
  gradient: (b, { inputs, attributes: { slope }, gradients }) => {
    const [x, gradient] = [only(inputs), only(gradients)];
    // Where the lower slope lies between 0 and 1, a maximum finds it in half the time of a choice in ONNX Runtime.
    const slopes =
      slope >= 0 && slope <= 1
        ? b.one('maximum', [b.one('is_positive', [x]), b.number(slope)])
        : b.one('select', [b.one('greater', [x, b.number(0)]), b.number(1), b.number(slope)]);
    return [gradient && b.mul(gradient, slopes)];
  },
  flops: (inputs) => scale(elements(only(inputs)), 2),
  samples: [
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { slope: 0.01 } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { slope: 0.5 } },
    { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { slope: 0.1 } },
    { inputs: [concrete({ T: 33 })], attributes: { slope: 0.1 } },
    { inputs: [concrete({})], attributes: { slope: 0.1 } },
    { inputs: [concrete({ N: 1, C: 1 })], attributes: { slope: 0 } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { slope: 1.5 } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { slope: -0.5 } },
  ],
};

export const leakyRelu = surfaceOp({
  name: 'leaky_relu',
  doc: 'A rectifier that lets a part of what is negative pass.',
  example: 'leaky_relu(slope: 0.01)(x)',
  arguments: {
    slope: { kind: 'number', optional: true, default: '0.01', doc: 'what negative values are multiplied by' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { slope = 0.01 }, operands) {
    const x = tensorOperand(b, 'leaky_relu', operands);
    return x && b.emitOne(leakyRectify, [x], { slope });
  },
});
