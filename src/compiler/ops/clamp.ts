import { scale } from '../shapes/size.ts';
import { expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** Bounds that are undefined do not bound. */
export type ClampAttributes = { readonly min: number | undefined; readonly max: number | undefined };

/** The gradient passes inside and at the bounds, as in torch. */
export const clampTo: Op<ClampAttributes> = {
  name: 'clamp',
  doc: 'min(max(x, lower bound), upper bound)',
  infer: (inputs, { min, max }, ctx) => {
    const x = only(inputs);
    if (!expectFloat(ctx, 'clamp', x)) return undefined;
    if (min === undefined && max === undefined) {
      return ctx.fail('N3003', '`clamp` has neither `min` nor `max`', [
        'write `clamp(min: 0)`, for instance',
      ]);
    }
    if (min !== undefined && max !== undefined && !(min <= max)) {
      return ctx.fail('N3010', `\`clamp\` has \`min\` ${min} above \`max\` ${max}`);
    }
    return [x];
  },
  evaluate: (inputs, { min = -Infinity, max = Infinity }, outputs) => {
    const { type, data } = arrange(only(inputs), only(outputs));
    return [{ type, data: data.map((x) => Math.min(Math.max(x, min), max)) }];
  },
  isElementwise: true,
  onnx: (e, { inputs, attributes: { min, max } }) => {
    const x = only(inputs);
    const lower = min === undefined ? undefined : e.floats([min], []);
    const bounds = max === undefined ? [lower] : [lower, e.floats([max], [])];
    return [e.node('Clip', [x, ...bounds], { dims: x.dims })];
  },
  tfjs: (e, { inputs, attributes: { min = -Infinity, max = Infinity } }) => [
    `tf.clipByValue(${only(inputs)}, ${e.number(min)}, ${e.number(max)})`,
  ],
  // What was not changed is what passes: one comparison instead of one for each bound.
  gradient: (b, { inputs, outputs, gradients }) => {
    const gradient = only(gradients);
    return [gradient && b.mul(gradient, b.one('is_equal', [only(inputs), only(outputs)]))];
  },
  flops: (inputs) => scale(elements(only(inputs)), 2),
  samples: [
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { min: -0.5, max: 1 } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { min: 0.25, max: undefined } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { min: undefined, max: 0.25 } },
    { inputs: [concrete({})], attributes: { min: 0, max: 1 } },
    { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { min: -1, max: 1.5 } },
    { inputs: [concrete({ T: 33 })], attributes: { min: 1e-8, max: 1 } },
  ],
};

export const clamp = surfaceOp({
  name: 'clamp',
  doc: 'Each element brought between the bounds.',
  example: 'clamp(min: 0, max: 1)(x)',
  arguments: {
    min: { kind: 'number', optional: true, default: 'no bound', doc: 'the lower bound' },
    max: { kind: 'number', optional: true, default: 'no bound', doc: 'the upper bound' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { min, max }, operands) {
    const x = tensorOperand(b, 'clamp', operands);
    return x && b.emitOne(clampTo, [x], { min, max });
  },
});
