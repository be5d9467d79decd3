import { printType } from '../ir/tensor-type.ts';
import { alignOnnx, alignTfjs, broadcastTypes, elementwise } from './broadcast.ts';
import type { NoAttributes } from './attributes.ts';
import { named, only } from './named.ts';
import { concrete, type ConcreteType } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { elements, sizesOf } from './sizes-of.ts';

interface CompareRow {
  readonly doc: string;
  readonly holds: (a: number, b: number) => boolean;
  readonly onnx: string;
  /** What is computed is the opposite: ONNX has no NotEqual. */
  readonly negated?: true;
  readonly tfjs: string;
}

const numbers = concrete({ N: 2, C: 3, H: 4 });
const whole = concrete({ N: 2, C: 3, H: 4 }, 'int32');

/** Comparisons of two tensors of numbers of one type; the axes of one contain those of the other. */
function comparison(name: string, row: CompareRow): Op<NoAttributes> {
  const sample = (a: ConcreteType, b: ConcreteType): Sample<NoAttributes> => ({
    inputs: [a, b],
    attributes: {},
    // Whole numbers so near that some are equal.
    ranges: a.dtype === 'int32' ? [[0, 2], [0, 2]] : [[-2, 2], [-2, 2]], // prettier-ignore
  });
  return {
    name,
    doc: row.doc,
    infer: (inputs, _attributes, ctx) => {
      const { a, b } = named(inputs, ['a', 'b']);
      if (a.dtype === 'bool' || a.dtype !== b.dtype) {
        return ctx.fail(
          'N3011',
          `\`${row.doc}\` needs f32 or int32, the same on both sides`,
          [`the left side is ${printType(a)}`, `the right side is ${printType(b)}`],
          { help: 'use `cast(to: f32)`' },
        );
      }
      const type = broadcastTypes(a, b, ctx);
      return type && [{ ...type, dtype: 'bool' }];
    },
    evaluate: (inputs, _attributes, outputs) => [
      elementwise(inputs, only(outputs), (a, b) => Number(row.holds(a, b))),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes }) => {
      const type = only(outputTypes);
      const operands = inputs.map((x, i) => alignOnnx(e, x, inputTypes[i] ?? type, type));
      const output = { dims: sizesOf(type), dtype: 'bool' } as const;
      const result = e.node(row.onnx, operands, output);
      return [row.negated === true ? e.node('Not', [result], output) : result];
    },
    // Of most comparisons TensorFlow.js knows no gradient, and would refuse to train.
    tfjs: (e, { inputs, inputTypes, outputTypes }) => {
      const type = only(outputTypes);
      const operands = inputs.map((x, i) => alignTfjs(e, x, inputTypes[i] ?? type, type));
      const call = `tf.${row.tfjs}(${operands.join(', ')})`;
      return [
        only(inputTypes.slice(0, 1)).dtype === 'f32' ? `${e.helper('noGradient')}(() => ${call})` : call,
      ];
    },
    noGradient: 'whether a comparison holds does not vary with small changes of its sides',
    flops: (_inputs, _attributes, outputs) => elements(only(outputs)),
    samples: [
      sample(numbers, numbers),
      sample(numbers, concrete({ C: 3 })),
      sample(concrete({ H: 4, N: 2 }), numbers),
      sample(numbers, concrete({})),
      sample(whole, whole),
      sample(whole, concrete({ H: 4, C: 3 }, 'int32')),
      sample(concrete({}, 'int32'), whole),
    ],
  };
}

export const equal = comparison('equal', {
  doc: 'a == b',
  holds: (a, b) => a === b,
  onnx: 'Equal',
  tfjs: 'equal',
});
export const notEqual = comparison('not_equal', {
  doc: 'a != b',
  holds: (a, b) => a !== b,
  onnx: 'Equal',
  negated: true,
  tfjs: 'notEqual',
});
export const less = comparison('less', {
  doc: 'a < b',
  holds: (a, b) => a < b,
  onnx: 'Less',
  tfjs: 'less',
});
export const lessEqual = comparison('less_equal', {
  doc: 'a <= b',
  holds: (a, b) => a <= b,
  onnx: 'LessOrEqual',
  tfjs: 'lessEqual',
});
export const greater = comparison('greater', {
  doc: 'a > b',
  holds: (a, b) => a > b,
  onnx: 'Greater',
  tfjs: 'greater',
});
export const greaterEqual = comparison('greater_equal', {
  doc: 'a >= b',
  holds: (a, b) => a >= b,
  onnx: 'GreaterOrEqual',
  tfjs: 'greaterEqual',
});
