import type { GraphValue } from '../ir/graph.ts';
import { axisNames } from '../ir/tensor-type.ts';
import { scale } from '../shapes/size.ts';
import { expectAxis, expectFloat } from './axis-checks.ts';
import type { GradientBuilder } from './gradient.ts';
import { only } from './named.ts';
import { arrange, concrete, forEachIndex, zeros, type ConcreteType } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements } from './sizes-of.ts';
import { surfaceOp, tensorOperand, type SurfaceOp } from './surface-op.ts';

export type SoftmaxAttributes = { readonly axis: string };

interface SoftmaxRow {
  readonly doc: string;
  /** From x - max and the sum of exp(x - max) along the axis. */
  readonly value: (shifted: number, sum: number) => number;
  readonly onnx: string;
  readonly tfjs: string;
  /** The gradient of x, given g, that of y. */
  readonly backward: (b: GradientBuilder, g: GraphValue, y: GraphValue, axis: string) => GraphValue;
}

function softmaxLike(name: string, row: SoftmaxRow): Op<SoftmaxAttributes> {
  return {
    name,
    doc: row.doc,
    infer: (inputs, { axis }, ctx) => {
      const x = only(inputs);
      if (!expectFloat(ctx, name, x) || expectAxis(ctx, `\`${name}\``, x, axis) === undefined)
        return undefined;
      return [x];
    },
    evaluate: (inputs, { axis }, outputs) => {
      const { type, data } = arrange(only(inputs), only(outputs));
      const rows: ConcreteType = { ...type, axes: type.axes.filter(({ name: n }) => n !== axis) };
      const largest = zeros(rows).data.fill(-Infinity);
      const sums = zeros(rows).data;
      const each = (visit: (at: number, row: number) => void): void =>
        forEachIndex(type.axes, [type, rows], ([at = 0, inRows = 0]) => visit(at, inRows));
      const shifted = (at: number, inRows: number): number => (data[at] ?? NaN) - (largest[inRows] ?? NaN);
      each((at, inRows) => {
        largest[inRows] = Math.max(largest[inRows] ?? NaN, data[at] ?? NaN);
      });
      each((at, inRows) => {
        sums[inRows] = (sums[inRows] ?? NaN) + Math.exp(shifted(at, inRows));
      });
      const out = zeros(type);
      each((at, inRows) => {
        out.data[at] = row.value(shifted(at, inRows), sums[inRows] ?? NaN);
      });
      return [out];
    },
    layout: (inputs, { axis }, _outputs, dialect, sorted) => {
      // TensorFlow.js knows the softmax of the last axis alone.
      const order = dialect === 'channels-last' ? ['...', axis] : sorted(axisNames(only(inputs)));
      return { inputs: [order], outputs: [order] };
    },
    onnx: (e, { inputs, inputTypes, attributes: { axis } }) => {
      const x = only(inputs);
      const position = axisNames(only(inputTypes)).indexOf(axis);
      return [e.node(row.onnx, [x], { dims: x.dims }, { axis: { type: 'int', value: position } })];
    },
    tfjs: (_e, { inputs }) => [`tf.${row.tfjs}(${only(inputs)})`],
    gradient: (b, { outputs, attributes: { axis }, gradients }) => {
      const gradient = only(gradients);
      return [gradient && row.backward(b, gradient, only(outputs), axis)];
    },
    flops: (inputs) => scale(elements(only(inputs)), 5),
    samples: [
      { inputs: [concrete({ N: 3, K: 5 })], attributes: { axis: 'K' } },
      { inputs: [concrete({ N: 3, K: 5 })], attributes: { axis: 'N' } },
      { inputs: [concrete({ N: 2, S: 3, C: 5 })], attributes: { axis: 'S' } },
      { inputs: [concrete({ C: 5, S: 3, N: 2 })], attributes: { axis: 'S' } },
      { inputs: [concrete({ S: 7 })], attributes: { axis: 'S' } },
      { inputs: [concrete({ N: 2, h: 2, T: 3, S: 1 })], attributes: { axis: 'S' }, ranges: [[-40, 40]] },
      { inputs: [concrete({ N: 2, C: 3, H: 5, W: 4 })], attributes: { axis: 'C' }, ranges: [[-40, 40]] },
    ],
  };
}

export const softmaxAlong = softmaxLike('softmax', {
  doc: 'exp(x) / sum of exp(x) along the axis',
  value: (shifted, sum) => Math.exp(shifted) / sum,
  onnx: 'Softmax',
  tfjs: 'softmax',
  backward: (b, g, y, axis) => b.mul(y, b.sub(g, b.one('sum', [b.mul(g, y)], { over: [axis] }))),
});
export const logSoftmaxAlong = softmaxLike('log_softmax', {
  doc: 'x - log of the sum of exp(x) along the axis',
  value: (shifted, sum) => shifted - Math.log(sum),
  onnx: 'LogSoftmax',
  tfjs: 'logSoftmax',
  backward: (b, g, y, axis) => b.sub(g, b.mul(b.one('exp', [y]), b.one('sum', [g], { over: [axis] }))),
});

function alongAxis(op: Op<SoftmaxAttributes>, doc: string): SurfaceOp {
  return surfaceOp({
    name: op.name,
    doc,
    example: `${op.name}(S)(scores)`,
    arguments: {
      axis: { kind: 'axis', positional: true, doc: 'the axis along which the exponentials are summed' },
    },
    operands: ['x'],
    parameterised: false,
    build(b, { axis }, operands) {
      const x = tensorOperand(b, op.name, operands);
      return x && b.emitOne(op, [x], { axis });
    },
  });
}

export const softmax = alongAxis(softmaxAlong, 'Positive weights that add up to 1 along an axis.');
export const logSoftmax = alongAxis(
  logSoftmaxAlong,
  'The logarithm of the softmax, without its loss of digits.',
);
