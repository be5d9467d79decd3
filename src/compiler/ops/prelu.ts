import { axisNames, printType } from '../ir/tensor-type.ts';
import { scale } from '../shapes/size.ts';
import { alignOnnx, elementwise } from './broadcast.ts';
import { expectAxis, expectFloat } from './axis-checks.ts';
import { named, only } from './named.ts';
import { concrete } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { elements, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type PreluAttributes = { readonly channel: string };

/** He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 1. At 0 the slope is the learned one. */
export const learnedRectify: Op<PreluAttributes> = {
  name: 'prelu',
  doc: 'x where x > 0, slope x elsewhere',
  infer: (inputs, { channel }, ctx) => {
    const { x, slope } = named(inputs, ['x', 'slope']);
    if (!expectFloat(ctx, 'prelu', x)) return undefined;
    const axis = expectAxis(ctx, '`prelu`', x, channel);
    if (axis === undefined) return undefined;
    const [own, ...more] = slope.axes;
    if (own?.name === channel && more.length === 0 && ctx.equal(own.size, axis.size)) return [x];
    return ctx.fail('N4001', `the slopes of \`prelu\` do not fit axis ${channel} of x`, [
      `x is ${printType(x)}`,
      `the slopes are ${printType(slope)}`,
    ]);
  },
  evaluate: (inputs, _attributes, outputs) => [
    elementwise(inputs, only(outputs), (x, slope) => (x > 0 ? x : slope * x)),
  ],
  // The WASM kernel of TensorFlow.js repeats the slopes along the last axis, whatever their shape.
  layout: (inputs, { channel }, _outputs, dialect, sorted) => {
    const { x } = named(inputs, ['x']);
    const order = dialect === 'channels-last' ? ['...', channel] : sorted(axisNames(x));
    return { inputs: [order, [channel]], outputs: [order] };
  },
  onnx: (e, { inputs, inputTypes, outputTypes }) => {
    const { x, slope } = named(inputs, ['x', 'slope']);
    const type = only(outputTypes);
    const aligned = alignOnnx(e, slope, named(inputTypes, ['x', 'slope']).slope, type);
    return [e.node('PRelu', [x, aligned], { dims: sizesOf(type) })];
  },
  tfjs: (_e, { inputs }) => {
    const { x, slope } = named(inputs, ['x', 'slope']);
    return [`tf.prelu(${x}, ${slope})`];
  },
  gradient: (b, { inputs, gradients }) => {
    const { x, slope } = named(inputs, ['x', 'slope']);
    const gradient = only(gradients);
    if (gradient === undefined) return [];
    const isRight = b.one('greater', [x, b.number(0)]);
    const negative = b.one('minimum', [x, b.number(0)]);
    return [
      b.mul(gradient, b.one('select', [isRight, b.number(1), slope])),
      b.sumTo(b.mul(gradient, negative), slope.type),
    ];
  },
  flops: (inputs) => scale(elements(named(inputs, ['x']).x), 2),
  samples: [
    sample({ N: 3, C: 5 }, 'C'),
    sample({ N: 2, C: 3, H: 5, W: 4 }, 'C'),
    sample({ C: 3, T: 7 }, 'C'),
    sample({ T: 7 }, 'T'),
    sample({ N: 2, T: 5, D: 3 }, 'T'),
    sample({ C: 1 }, 'C'),
  ],
};

function sample(x: Readonly<Record<string, number>>, channel: string): Sample<PreluAttributes> {
  return { inputs: [concrete(x), concrete({ [channel]: x[channel] ?? 1 })], attributes: { channel } };
}

export const prelu = surfaceOp({
  name: 'prelu',
  doc: 'A rectifier that learns, for each channel, by how much what is negative is multiplied.',
  example: 'prelu(C)(x)',
  arguments: {
    channel: { kind: 'axis', positional: true, doc: 'the axis with one slope for each of its elements' },
    init: { kind: 'init', optional: true, default: 'constant(value: 0.25)', doc: 'how the slopes start' },
  },
  operands: ['x'],
  parameterised: true,
  build(b, { channel, init = { name: 'constant', args: { value: 0.25 } } }, operands) {
    const x = tensorOperand(b, 'prelu', operands);
    const axis = x && expectAxis(b, '`prelu`', x.type, channel);
    if (x === undefined || axis === undefined) return undefined;
    const slope = b.param('weight', [axis], init, { in: axis.size, out: axis.size });
    return b.emitOne(learnedRectify, [x, slope], { channel });
  },
});
