import { printType, type TensorType } from '../ir/tensor-type.ts';
import { alignOnnx, alignTfjs, broadcastTypes, elementwise } from './broadcast.ts';
import type { NoAttributes } from './attributes.ts';
import { only } from './named.ts';
import { concrete, type ConcreteType } from './nd-array.ts';
import type { Op, Sample, ShapeContext } from './op.ts';
import { elements, sizesOf } from './sizes-of.ts';

interface LogicRow {
  readonly doc: string;
  readonly holds: (a: boolean, b: boolean) => boolean;
  readonly onnx: string;
  readonly tfjs: string;
  readonly samples: readonly (readonly ConcreteType[])[];
}

const conditions = concrete({ N: 2, C: 3, H: 4 }, 'bool');
const pairs = [
  [conditions, conditions],
  [conditions, concrete({ C: 3 }, 'bool')],
  [concrete({ H: 4, N: 2 }, 'bool'), conditions],
  [conditions, concrete({}, 'bool')],
  [conditions, concrete({ H: 4, C: 3, N: 2 }, 'bool')],
  [concrete({}, 'bool'), concrete({}, 'bool')],
];

/** `and`, `or` and `not` of tensors of bool; the axes of one operand contain those of the other. */
function logical(name: string, row: LogicRow): Op<NoAttributes> {
  return {
    name,
    doc: row.doc,
    infer: (inputs, _attributes, ctx) => {
      if (!expectConditions(ctx, row.doc, inputs)) return undefined;
      const [a, b] = inputs;
      const type = a && b ? broadcastTypes(a, b, ctx) : a;
      return type && [type];
    },
    evaluate: (inputs, _attributes, outputs) => [
      elementwise(inputs, only(outputs), (a, b) => Number(row.holds(a !== 0, b !== 0))),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes }) => {
      const type = only(outputTypes);
      const operands = inputs.map((x, i) => alignOnnx(e, x, inputTypes[i] ?? type, type));
      return [e.node(row.onnx, operands, { dims: sizesOf(type), dtype: 'bool' })];
    },
    tfjs: (e, { inputs, inputTypes, outputTypes }) => {
      const type = only(outputTypes);
      const operands = inputs.map((x, i) => alignTfjs(e, x, inputTypes[i] ?? type, type));
      return [`tf.${row.tfjs}(${operands.join(', ')})`];
    },
    noGradient: 'conditions do not vary by small changes',
    flops: (_inputs, _attributes, outputs) => elements(only(outputs)),
    samples: row.samples.map((inputs): Sample<NoAttributes> => ({ inputs, attributes: {} })),
  };
}

function expectConditions(ctx: ShapeContext, what: string, types: readonly TensorType[]): boolean {
  if (types.every(({ dtype }) => dtype === 'bool')) return true;
  const sides = types.length === 1 ? ['it is'] : ['the left side is', 'the right side is'];
  ctx.fail(
    'N3011',
    `\`${what}\` takes tensors of bool`,
    types.map((type, i) => `${sides[i] ?? 'it is'} ${printType(type)}`),
    { help: 'compare, as in `x > 0`, or use `cast(to: bool)`' },
  );
  return false;
}

export const logicalAnd = logical('logical_and', {
  doc: 'a and b',
  holds: (a, b) => a && b,
  onnx: 'And',
  tfjs: 'logicalAnd',
  samples: pairs,
});
export const logicalOr = logical('logical_or', {
  doc: 'a or b',
  holds: (a, b) => a || b,
  onnx: 'Or',
  tfjs: 'logicalOr',
  samples: pairs,
});
export const logicalNot = logical('logical_not', {
  doc: 'not a',
  holds: (a) => !a,
  onnx: 'Not',
  tfjs: 'logicalNot',
  samples: pairs.map(([a = conditions]) => [a]),
});
