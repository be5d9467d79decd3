import type { GraphValue } from '../ir/graph.ts';
import { scale } from '../shapes/size.ts';
import { expectFloat } from './axis-checks.ts';
import { erf } from './erf.ts';
import type { GradientBuilder } from './gradient.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type GeluAttributes = { readonly tanh: boolean };

const CUBIC = 0.044715;
const WIDTH = Math.sqrt(2 / Math.PI);

function gelu(x: number, tanh: boolean): number {
  const twice = tanh ? 1 + Math.tanh(WIDTH * (x + CUBIC * x ** 3)) : 1 + erf(x / Math.SQRT2);
  return 0.5 * x * twice;
}

/** Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016. An operator of ONNX from opset 20 on. */
export const gaussianUnit: Op<GeluAttributes> = {
  name: 'gelu',
  doc: 'x times the normal distribution function at x: x / 2 (1 + erf(x / sqrt 2)), or with tanh x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))',
  infer: (inputs, _attributes, ctx) => {
    const x = only(inputs);
    return expectFloat(ctx, 'gelu', x) ? [x] : undefined;
  },
  evaluate: (inputs, { tanh }, outputs) => {
    const { type, data } = arrange(only(inputs), only(outputs));
    return [{ type, data: data.map((x) => gelu(x, tanh)) }];
  },
  isElementwise: true,
  // In this order of factors ONNX Runtime finds its own Gelu in the nodes.
  onnx: (e, { inputs, attributes: { tanh } }) => {
    const x = only(inputs);
    const like = { dims: x.dims };
    const number = (value: number) => e.floats([value], []);
    const squashed = (): typeof x => {
      if (!tanh) return e.node('Erf', [e.node('Div', [x, number(Math.SQRT2)], like)], like);
      const square = e.node('Mul', [x, x], like);
      const bent = e.node('Add', [e.node('Mul', [square, number(CUBIC)], like), number(1)], like);
      return e.node('Tanh', [e.node('Mul', [e.node('Mul', [x, number(WIDTH)], like), bent], like)], like);
    };
    const twice = e.node('Add', [squashed(), number(1)], like);
    return [e.node('Mul', [e.node('Mul', [x, twice], like), number(0.5)], like)];
  },
  tfjs: (e, { inputs, attributes: { tanh } }) => [`${e.helper(tanh ? 'geluTanh' : 'gelu')}(${only(inputs)})`],
  gradient: (b, { inputs, attributes: { tanh }, gradients }) => {
    const [x, gradient] = [only(inputs), only(gradients)];
    return [gradient && b.mul(gradient, tanh ? tanhSlope(b, x) : slope(b, x))];
  },
  flops: (inputs) => scale(elements(only(inputs)), 9),
  // x times that of 1 + erf, next to 0 for x of about -5.
  absoluteError: 2 ** -22,
  samples: [
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { tanh: false } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { tanh: true } },
    { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { tanh: false }, ranges: [[-10, 10]] },
    { inputs: [concrete({ N: 2, T: 33 })], attributes: { tanh: true }, ranges: [[-10, 10]] },
    { inputs: [concrete({})], attributes: { tanh: false } },
    { inputs: [concrete({ N: 1, C: 1 })], attributes: { tanh: true } },
  ],
};

/** P + x p by the normal distribution function P = (1 + erf(x / sqrt 2)) / 2 and its density p = exp(-x^2 / 2) / sqrt(2 pi). */
function slope(b: GradientBuilder, x: GraphValue): GraphValue {
  const twice = b.add(b.one('erf', [b.mul(x, b.number(Math.SQRT1_2))]), b.number(1));
  const exponential = b.one('exp', [b.mul(b.mul(x, b.number(-0.5)), x)]);
  const density = b.mul(exponential, b.number(1 / Math.sqrt(2 * Math.PI)));
  return b.add(b.mul(twice, b.number(0.5)), b.mul(x, density));
}

/** ((1 + t) + x u' (1 - t^2)) / 2 with t = tanh(u), u = sqrt(2 / pi) (x + c x^3). */
function tanhSlope(b: GradientBuilder, x: GraphValue): GraphValue {
  const one = b.number(1);
  const squared = b.mul(x, x);
  const linear = b.mul(x, b.number(WIDTH));
  const t = b.one('tanh', [b.mul(linear, b.add(b.mul(squared, b.number(CUBIC)), one))]);
  const rise = b.mul(linear, b.add(b.mul(squared, b.number(3 * CUBIC)), one));
  const twice = b.add(b.add(t, one), b.mul(rise, b.sub(one, b.mul(t, t))));
  return b.mul(twice, b.number(0.5));
}

export const geluFunction = surfaceOp({
  name: 'gelu',
  doc: 'The Gaussian error linear unit: x times the probability that a normal variable is below x.',
  example: 'gelu(x)',
  arguments: {
    tanh: {
      kind: 'bool',
      optional: true,
      default: 'false',
      doc: 'the approximation by tanh instead of the exact function',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { tanh = false }, operands) {
    const x = tensorOperand(b, 'gelu', operands);
    return x && b.emitOne(gaussianUnit, [x], { tanh });
  },
});
