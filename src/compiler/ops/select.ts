import { printType } from '../ir/tensor-type.ts';
import { alignOnnx, alignTfjs, broadcastTypes, elementwise } from './broadcast.ts';
import type { NoAttributes } from './attributes.ts';
import { named, only } from './named.ts';
import { concrete, type ConcreteType } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { elements, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

const operandNames = ['condition', 'a', 'b'] as const;

/** The gradient goes to the operand that was taken. */
export const selectBy: Op<NoAttributes> = {
  name: 'select',
  doc: 'a where the condition holds, b elsewhere',
  infer: (inputs, _attributes, ctx) => {
    const { condition, a, b } = named(inputs, operandNames);
    if (condition.dtype !== 'bool') {
      return ctx.fail('N3011', `the condition of \`select\` is bool, not ${printType(condition)}`, [], {
        help: 'compare, as in `x > 0`, or use `cast(to: bool)`',
      });
    }
    if (a.dtype !== b.dtype) {
      return ctx.fail('N3011', '`select` chooses between tensors of one element type', [
        `the first is ${printType(a)}`,
        `the second is ${printType(b)}`,
      ]);
    }
    const types = [condition, a, b];
    const widest = types.reduce((wide, type) => (type.axes.length > wide.axes.length ? type : wide));
    const fits = types.every((type) => broadcastTypes(type, widest, ctx) !== undefined);
    return fits ? [{ ...widest, dtype: a.dtype }] : undefined;
  },
  evaluate: (inputs, _attributes, outputs) => [
    elementwise(inputs, only(outputs), (condition, a, b) => (condition === 0 ? b : a)),
  ],
  onnx: (e, { inputs, inputTypes, outputTypes }) => {
    const type = only(outputTypes);
    const operands = inputs.map((x, i) => alignOnnx(e, x, inputTypes[i] ?? type, type));
    return [e.node('Where', operands, { dims: sizesOf(type), dtype: type.dtype })];
  },
  tfjs: (e, { inputs, inputTypes, outputTypes }) => {
    const type = only(outputTypes);
    const operands = inputs.map((x, i) => alignTfjs(e, x, inputTypes[i] ?? type, type));
    return [`tf.where(${operands.join(', ')})`];
  },
  // Zeros are chosen, not multiplied: what was not taken gets none of an infinite gradient.
  gradient: (b, { inputs, gradients }) => {
    const values = named(inputs, operandNames);
    const gradient = only(gradients);
    if (gradient === undefined) return [];
    const [taken, other] = [
      [gradient, b.number(0)],
      [b.number(0), gradient],
    ].map((choice) => b.one('select', [values.condition, ...choice]));
    return [undefined, taken && b.sumTo(taken, values.a.type), other && b.sumTo(other, values.b.type)];
  },
  flops: (_inputs, _attributes, outputs) => elements(only(outputs)),
  samples: [
    sample({ N: 2, C: 3 }, { N: 2, C: 3 }, { N: 2, C: 3 }),
    sample({ N: 2, C: 3, H: 4 }, { C: 3 }, {}),
    sample({ C: 3 }, { N: 2, C: 3, H: 4 }, { H: 4 }),
    sample({ T: 4, S: 4 }, { N: 2, h: 3, T: 4, S: 4 }, {}),
    sample({}, {}, {}),
    sample({ N: 5, C: 3, H: 2 }, { C: 3 }, { H: 2 }),
    {
      inputs: [
        concrete({ N: 2, T: 3 }, 'bool'),
        concrete({ T: 3 }, 'int32'),
        concrete({ N: 2, T: 3 }, 'int32'),
      ],
      attributes: {},
      ranges: [
        [0, 1],
        [-9, 9],
        [-9, 9],
      ],
    },
  ],
};

type Sizes = Readonly<Record<string, number>>;

function sample(condition: Sizes, a: Sizes, b: Sizes): Sample<NoAttributes> {
  const inputs: readonly ConcreteType[] = [concrete(condition, 'bool'), concrete(a), concrete(b)];
  return { inputs, attributes: {} };
}

export const select = surfaceOp({
  name: 'select',
  doc: 'One of two values, element by element. The axes of one of the three contain those of the others; numbers are allowed.',
  example: 'select(x > 0, x, y)',
  arguments: {},
  operands: operandNames,
  parameterised: false,
  build(b, _args, operands) {
    const tensors = operandNames.map((_name, i) => tensorOperand(b, 'select', operands, i));
    const given = tensors.filter((tensor) => tensor !== undefined);
    return given.length === tensors.length ? b.emitOne(selectBy, given, {}) : undefined;
  },
});
