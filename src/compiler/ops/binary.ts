import { alignTfjs, broadcastTypes, combineOnnx, elementwise, repeatTfjs } from './broadcast.ts';
import type { GraphValue } from '../ir/graph.ts';
import type { NoAttributes } from './attributes.ts';
import type { GradientBuilder } from './gradient.ts';
import { named, only } from './named.ts';
import { concrete, type ConcreteType } from './nd-array.ts';
import type { Op, Sample, ShapeContext } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand, type SurfaceOp } from './surface-op.ts';
import { printType, type TensorType } from '../ir/tensor-type.ts';

interface BinaryRow {
  readonly doc: string;
  readonly value: (a: number, b: number) => number;
  readonly onnx: string;
  readonly tfjs: string;
  /** What the gradient g of y gives to a and to b, before what was broadcast is added up. */
  readonly backward: (
    b: GradientBuilder,
    g: GraphValue,
    node: BinaryValues,
  ) => readonly [GraphValue, GraphValue];
  /** Whether the gradient of the function of `tf` adds up what was broadcast. */
  readonly gradientBroadcasts?: false;
  /** Range of an operand in samples, where not every value will do. */
  readonly left?: readonly [number, number];
  readonly right?: readonly [number, number];
}

interface BinaryValues {
  readonly left: GraphValue;
  readonly right: GraphValue;
  readonly y: GraphValue;
}

const small = concrete({ N: 2, C: 3, H: 4 });
const perChannel = concrete({ C: 3 });
const perRow = concrete({ H: 4, N: 2 });
const reordered = concrete({ H: 4, C: 3, N: 2 });
const scalar = concrete({});

/** Elementwise ops on two tensors of f32; the axes of one contain those of the other. */
function binary(name: string, row: BinaryRow): Op<NoAttributes> {
  const ranges = [row.left ?? [-2, 2], row.right ?? [-2, 2]] as const;
  const sample = (a: ConcreteType, b: ConcreteType): Sample<NoAttributes> => ({
    inputs: [a, b],
    attributes: {},
    ranges,
  });
  return {
    name,
    doc: row.doc,
    infer: (inputs, _attributes, ctx) => {
      const { a, b } = named(inputs, ['a', 'b']);
      if (!expectFloats(ctx, row.doc, a, b)) return undefined;
      const type = broadcastTypes(a, b, ctx);
      return type && [type];
    },
    evaluate: (inputs, _attributes, outputs) => {
      const { a, b } = named(inputs, ['a', 'b']);
      return [elementwise([a, b], only(outputs), (x, y) => row.value(x, y))];
    },
    isElementwise: true,
    onnx: (e, { inputs, inputTypes, outputTypes }) => {
      const type = only(outputTypes);
      const { a, b } = named(inputs, ['a', 'b']);
      const types = named(inputTypes, ['a', 'b']);
      return [combineOnnx(e, row.onnx, [[a, types.a], [b, types.b]], type)]; // prettier-ignore
    },
    tfjs: (e, { inputs, inputTypes, outputTypes }) => {
      const type = only(outputTypes);
      const { a, b } = named(inputs, ['a', 'b']);
      const types = named(inputTypes, ['a', 'b']);
      const fit = row.gradientBroadcasts === false ? repeatTfjs : alignTfjs;
      return [`tf.${row.tfjs}(${fit(e, a, types.a, type)}, ${fit(e, b, types.b, type)})`];
    },
    gradient: (b, { inputs, outputs, gradients }) => {
      const { a: left, b: right } = named(inputs, ['a', 'b']);
      const gradient = only(gradients);
      if (gradient === undefined) return [];
      const [toLeft, toRight] = row.backward(b, gradient, { left, right, y: only(outputs) });
      return [b.sumTo(toLeft, left.type), b.sumTo(toRight, right.type)];
    },
    flops: (_inputs, _attributes, outputs) => elements(only(outputs)),
    samples: [
      sample(small, small),
      sample(small, perChannel),
      sample(perRow, small),
      sample(small, scalar),
      sample(scalar, small),
      sample(small, reordered),
      sample(scalar, scalar),
      sample(concrete({ N: 2, C: 3, H: 1, W: 1 }), scalar),
      sample(perChannel, concrete({ N: 2, C: 3, H: 1, W: 1 })),
      sample(concrete({ H: 1, W: 1 }), scalar),
    ],
  };
}

/** The gradient goes to a where `isLeft` holds, and half of it to each where a = b. */
function shared(
  b: GradientBuilder,
  g: GraphValue,
  isLeft: GraphValue,
  left: GraphValue,
  right: GraphValue,
): readonly [GraphValue, GraphValue] {
  const half = b.mul(b.one('is_equal', [left, right]), b.number(0.5));
  const toLeft = b.mul(g, b.add(b.indicator(isLeft), half));
  return [toLeft, b.sub(g, toLeft)];
}

function expectFloats(ctx: ShapeContext, what: string, a: TensorType, b: TensorType): boolean {
  if (a.dtype === 'f32' && b.dtype === 'f32') return true;
  ctx.fail(
    'N3011',
    `\`${what}\` needs f32 on both sides`,
    [`the left side is ${printType(a)}`, `the right side is ${printType(b)}`],
    { help: 'use `cast(to: f32)`' },
  );
  return false;
}

export const plus = binary('add', {
  doc: 'a + b',
  value: (a, b) => a + b,
  onnx: 'Add',
  tfjs: 'add',
  backward: (_b, g) => [g, g],
});
export const minus = binary('sub', {
  doc: 'a - b',
  value: (a, b) => a - b,
  onnx: 'Sub',
  tfjs: 'sub',
  // Added up first: the negative of a sum is smaller than the sum of negatives.
  backward: (b, g, { right }) => [g, b.one('neg', [b.sumTo(g, right.type)])],
});
export const multiply = binary('mul', {
  doc: 'a * b',
  value: (a, b) => a * b,
  onnx: 'Mul',
  tfjs: 'mul',
  backward: (b, g, { left, right }) => [b.mul(g, right), b.mul(g, left)],
});
export const divide = binary('div', {
  doc: 'a / b',
  value: (a, b) => a / b,
  onnx: 'Div',
  tfjs: 'div',
  backward: (b, g, { right, y }) => {
    const toLeft = b.div(g, right);
    return [toLeft, b.one('neg', [b.mul(toLeft, y)])];
  },
  right: [0.5, 2],
});
export const power = binary('pow', {
  doc: 'pow(a, b)',
  value: (a, b) => a ** b,
  onnx: 'Pow',
  tfjs: 'pow',
  backward: (b, g, { left, right, y }) => {
    const slope = b.mul(right, b.one('pow', [left, b.sub(right, b.number(1))]));
    // The limit of y log(a) at a = 0 is 0, as torch has it.
    const isPositive = b.one('greater', [left, b.number(0)]);
    const logarithm = b.one('log', [b.one('select', [isPositive, left, b.number(1)])]);
    return [b.mul(g, slope), b.mul(g, b.mul(y, logarithm))];
  },
  left: [0.5, 2],
});
/** Where a = b, TensorFlow.js gives the whole gradient to a; torch gives half to each. */
export const maximum = binary('maximum', {
  doc: 'maximum(a, b)',
  value: Math.max,
  onnx: 'Max',
  tfjs: 'maximum',
  backward: (b, g, { left, right }) => shared(b, g, b.one('greater', [left, right]), left, right),
  gradientBroadcasts: false,
});
/** Where a = b, TensorFlow.js gives the whole gradient to a; torch gives half to each. */
export const minimum = binary('minimum', {
  doc: 'minimum(a, b)',
  value: Math.min,
  onnx: 'Min',
  tfjs: 'minimum',
  backward: (b, g, { left, right }) => shared(b, g, b.one('less', [left, right]), left, right),
  gradientBroadcasts: false,
});

/** A binary op that is written as a function; operators have no entry of their own. */
function binaryFunction(op: Op<NoAttributes>, doc: string): SurfaceOp {
  return surfaceOp({
    name: op.name,
    doc: `${doc}, element by element. The axes of one operand contain those of the other; numbers are allowed.`,
    example: `${op.name}(a, b)`,
    arguments: {},
    operands: ['a', 'b'],
    parameterised: false,
    build(b, _args, operands) {
      const left = tensorOperand(b, op.name, operands, 0);
      const right = tensorOperand(b, op.name, operands, 1);
      return left && right && b.emitOne(op, [left, right], {});
    },
  });
}

export const powerFunction = binaryFunction(power, 'a to the power of b');
export const maximumFunction = binaryFunction(maximum, 'The larger of a and b');
export const minimumFunction = binaryFunction(minimum, 'The smaller of a and b');
