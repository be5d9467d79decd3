import type { GraphValue } from '../ir/graph.ts';
import {
  axisNames,
  findAxis,
  printType,
  replaceAxis,
  type Axis,
  type TensorType,
} from '../ir/tensor-type.ts';
import { compare } from '../shapes/prop.ts';
import { ceilDiv, constant, isConstant, print, sub, type Size } from '../shapes/size.ts';
import { expectAtLeast, expectAxis } from './axis-checks.ts';
import type { GradientBuilder } from './gradient.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, strideOf, zeros } from './nd-array.ts';
import type { Op, ShapeContext } from './op.ts';
import { numberOf, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** Every `step`-th element from `start` on, before `stop`. */
export type SliceAttributes = {
  readonly axis: string;
  readonly start: Size;
  readonly stop: Size;
  readonly step: Size;
};

const zero = constant(0);
const one = constant(1);

export const sliceAlong: Op<SliceAttributes> = {
  name: 'slice',
  doc: 'y[.., i] = x[.., start + step i] as long as that is below stop',
  infer: (inputs, attributes, ctx) => {
    const x = only(inputs);
    const { axis: name, start, stop, step } = attributes;
    const axis = expectAxis(ctx, '`slice`', x, name);
    if (axis === undefined || !expectAtLeast(ctx, step, 1, 'the step of `slice`')) return undefined;
    if (!expectInside(ctx, x, axis, attributes)) return undefined;
    return [replaceAxis(x, name, [{ name, size: ceilDiv(sub(stop, start), step) }])];
  },
  evaluate: (inputs, { axis, start, step }, outputs) => {
    const x = only(inputs);
    const out = zeros(only(outputs));
    const stride = strideOf(x.type, axis);
    const first = numberOf(start) * stride;
    // Along the axis x is read in steps; its other strides are those of an array as long as the result.
    const others = out.type.axes.filter(({ name }) => name !== axis);
    const kept = out.type.axes.filter(({ name }) => name === axis);
    const along = kept[0]?.size ?? 1;
    for (let i = 0; i < along; i++) {
      const from = first + i * numberOf(step) * stride;
      const to = i * strideOf(out.type, axis);
      forEachIndex(others, [x.type, out.type], ([xAt = 0, outAt = 0]) => {
        out.data[to + outAt] = x.data[from + xAt] ?? NaN;
      });
    }
    return [out];
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { axis, start, stop, step } }) => {
    const type = only(outputTypes);
    const position = axisNames(only(inputTypes)).indexOf(axis);
    const bounds = [e.shape([start]), e.shape([stop]), e.ints([position]), e.shape([step])];
    return [e.node('Slice', [only(inputs), ...bounds], { dims: sizesOf(type), dtype: type.dtype })];
  },
  tfjs: (e, { inputs, inputTypes, attributes: { axis, start, stop, step } }) => {
    const x = only(inputs);
    const names = axisNames(only(inputTypes));
    if (isConstant(step) === 1) {
      const begin = names.map((name) => (name === axis ? start : zero));
      const size = names.map((name) => (name === axis ? sub(stop, start) : constant(-1)));
      return [`tf.slice(${x}, ${e.shape(begin)}, ${e.shape(size)})`];
    }
    // tf.stridedSlice has no gradient.
    const indices = `tf.range(${e.size(start)}, ${e.size(stop)}, ${e.size(step)}, 'int32')`;
    return [`tf.gather(${x}, ${indices}, ${e.number(names.indexOf(axis))})`];
  },
  gradient: (b, { inputs, attributes, gradients }) => {
    const [x, gradient] = [only(inputs), only(gradients)];
    const { axis, start, stop } = attributes;
    const size = findAxis(x.type, axis)?.size;
    if (gradient === undefined || size === undefined) return [];
    const over = [{ axis, before: start, after: sub(size, stop) }];
    return [b.one('pad', [spaced(b, gradient, attributes)], { over, mode: 'constant', value: 0 })];
  },
  flops: () => zero,
  samples: [
    { N: 2, C: 7, H: 3 },
    { C: 7, N: 2 },
    { H: 2, W: 3, C: 8 },
    { C: 9 },
    { B: 2, N: 1, C: 7, H: 2, W: 2 },
  ].flatMap((sizes) =>
    [
      { start: 0, stop: 7, step: 1 },
      { start: 1, stop: 7, step: 1 },
      { start: 0, stop: 1, step: 1 },
      { start: 2, stop: 6, step: 1 },
      { start: 0, stop: 7, step: 2 },
      { start: 1, stop: 6, step: 3 },
      { start: 4, stop: 5, step: 9 },
    ].map(({ start, stop, step }) => ({
      inputs: [concrete(sizes)],
      attributes: { axis: 'C', start: constant(start), stop: constant(stop), step: constant(step) },
    })),
  ),
};

/** What is taken must be there (N3010, N4011), and something must be left (N4009). */
function expectInside(
  ctx: ShapeContext,
  x: TensorType,
  { name, size }: Axis,
  { start, stop }: Pick<SliceAttributes, 'start' | 'stop'>,
): boolean {
  if (!expectAtLeast(ctx, start, 0, `the start of \`slice\` along ${name}`)) return false;
  const taken = `\`slice\` takes the elements from ${print(start)} on and before ${print(stop)} of axis ${name}`;
  const isThere = ctx.require(compare(stop, '<=', size), 'N4011', () => `${taken} of ${printType(x)}`);
  const help = (): string => `nothing is left: \`stop\` has to be greater than \`start\``;
  return isThere && ctx.require(compare(sub(stop, start), '>=', one), 'N4009', taken, help);
}

/** The elements where they were before `slice` left out those between them, which are 0; from `start` on and before `stop`. */
function spaced(
  b: GradientBuilder,
  gradient: GraphValue,
  { axis, start, stop, step }: SliceAttributes,
): GraphValue {
  const count = findAxis(gradient.type, axis)?.size;
  if (count === undefined || isConstant(step) === 1) return gradient;
  // Each element becomes a row of `step`, of which it is the first; behind the last are too many.
  const between = `${axis}.step`;
  const to = [
    { axis, size: count },
    { axis: between, size: one },
  ];
  const rows = b.one('pad', [b.one('factor', [gradient], { from: axis, to })], {
    over: [{ axis: between, before: zero, after: sub(step, one) }],
    mode: 'constant',
    value: 0,
  });
  const line = b.one('merge', [rows], { from: [axis, between], to: axis });
  const length = sub(stop, start);
  return b.one('slice', [line], { axis, start: zero, stop: length, step: one });
}

export const slice = surfaceOp({
  name: 'slice',
  doc: 'A part of an axis: the elements from `start` on and before `stop`, or every `step`-th of them. To count from the end, write the size: `stop: T - 1`.',
  example: 'slice(T, start: 1)(x)',
  arguments: {
    axis: { kind: 'axis', positional: true, doc: 'the axis that is cut' },
    start: { kind: 'size', optional: true, default: '0', doc: 'the first element that is taken' },
    stop: { kind: 'size', optional: true, default: 'the size', doc: 'the first element behind those taken' },
    step: { kind: 'size', optional: true, default: '1', doc: 'the distance between elements that are taken' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { axis: name, start = zero, stop, step = one }, operands) {
    const x = tensorOperand(b, 'slice', operands);
    const axis = x && expectAxis(b, '`slice`', x.type, name);
    if (x === undefined || axis === undefined) return undefined;
    return b.emitOne(sliceAlong, [x], { axis: name, start, stop: stop ?? axis.size, step });
  },
});
