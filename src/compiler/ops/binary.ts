import { constant, mul, type Size } from '../shapes/size.ts';
import type { TensorType } from '../ir/tensor-type.ts';
import { alignOnnx, alignTfjs, broadcastTypes } from './broadcast.ts';
import { forEachIndex, zeros, type ConcreteType } from './nd-array.ts';
import type { Op, Sample } from './op.ts';

/** The number of elements of a tensor. */
export function elements(type: TensorType): Size {
  return type.axes.reduce((product, axis) => mul(product, axis.size), constant(1));
}

interface BinaryRow {
  readonly doc: string;
  readonly value: (a: number, b: number) => number;
  readonly onnx: string;
  readonly tfjs: string;
  /** Range of the right operand in samples, where not every value will do. */
  readonly right?: readonly [number, number];
  readonly left?: readonly [number, number];
}

const small: ConcreteType = { dtype: 'f32', axes: [{ name: 'N', size: 2 }, { name: 'C', size: 3 }, { name: 'H', size: 4 }] }; // prettier-ignore
const perChannel: ConcreteType = { dtype: 'f32', axes: [{ name: 'C', size: 3 }] };
const perRow: ConcreteType = { dtype: 'f32', axes: [{ name: 'H', size: 4 }, { name: 'N', size: 2 }] };
const scalar: ConcreteType = { dtype: 'f32', axes: [] };

/** Elementwise ops on two tensors of f32; the axes of one contain those of the other. */
function binary<const Name extends string>(name: Name, row: BinaryRow): Op<Record<string, never>> {
  const ranges = [row.left ?? [-2, 2], row.right ?? [-2, 2]] as const;
  const sample = (a: ConcreteType, b: ConcreteType): Sample<Record<string, never>> => ({ inputs: [a, b], attributes: {}, ranges }); // prettier-ignore
  return {
    name,
    doc: row.doc,
    infer: ([a, b], _attributes, ctx) => {
      if (a === undefined || b === undefined) return undefined;
      if (a.dtype !== b.dtype) {
        return ctx.fail('N3011', `the left side is ${a.dtype}, the right side ${b.dtype}`, ['use `cast(to: ...)`']);
      }
      const type = broadcastTypes(a, b, ctx);
      return type === undefined ? undefined : [type];
    },
    evaluate: ([a, b], _attributes, [type]) => {
      if (a === undefined || b === undefined || type === undefined) return [];
      const out = zeros(type);
      let i = 0;
      forEachIndex(type.axes, [a.type, b.type], ([atA = 0, atB = 0]) => {
        out.data[i++] = row.value(a.data[atA] ?? NaN, b.data[atB] ?? NaN);
      });
      return [out];
    },
    onnx: (e, { inputs: [a, b], inputTypes: [typeA, typeB], outputTypes: [type] }) => {
      if (!a || !b || !typeA || !typeB || !type) return [];
      const operands = [alignOnnx(e, a, typeA, type), alignOnnx(e, b, typeB, type)];
      return [e.node(row.onnx, operands, { dims: type.axes.map((axis) => axis.size), dtype: type.dtype })];
    },
    tfjs: (e, { inputs: [a, b], inputTypes: [typeA, typeB], outputTypes: [type] }) => {
      if (!a || !b || !typeA || !typeB || !type) return [];
      return [`tf.${row.tfjs}(${alignTfjs(e, a, typeA, type)}, ${alignTfjs(e, b, typeB, type)})`];
    },
    flops: (_inputs, _attributes, [type]) => (type === undefined ? constant(0) : elements(type)),
    samples: [sample(small, small), sample(small, perChannel), sample(perRow, small), sample(small, scalar), sample(scalar, small)], // prettier-ignore
  };
}

export const plus = binary('add', { doc: 'a + b', value: (a, b) => a + b, onnx: 'Add', tfjs: 'add' });
export const minus = binary('sub', { doc: 'a - b', value: (a, b) => a - b, onnx: 'Sub', tfjs: 'sub' });
export const multiply = binary('mul', { doc: 'a * b', value: (a, b) => a * b, onnx: 'Mul', tfjs: 'mul' });
export const divide = binary('div', { doc: 'a / b', value: (a, b) => a / b, onnx: 'Div', tfjs: 'div', right: [0.5, 2] });
export const power = binary('pow', { doc: 'a to the power b', value: (a, b) => a ** b, onnx: 'Pow', tfjs: 'pow', left: [0.5, 2] }); // prettier-ignore
export const maximum = binary('maximum', { doc: 'the larger of a and b; of equal ones each takes half the gradient', value: Math.max, onnx: 'Max', tfjs: 'maximum' }); // prettier-ignore
export const minimum = binary('minimum', { doc: 'the smaller of a and b; of equal ones each takes half the gradient', value: Math.min, onnx: 'Min', tfjs: 'minimum' }); // prettier-ignore
