import { axisNames, findAxis } from '../ir/tensor-type.ts';
import { constant, isConstant, type Size } from '../shapes/size.ts';
import { expectAtLeast, expectNewAxes } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type ExpandAttributes = { readonly over: readonly { readonly axis: string; readonly size: Size }[] };

export const expandOver: Op<ExpandAttributes> = {
  name: 'expand',
  doc: 'y[i, ..] = x[..] for every i of the new axes',
  infer: (inputs, { over }, ctx) => {
    const x = only(inputs);
    if (
      !expectNewAxes(
        ctx,
        '`expand`',
        x,
        over.map(({ axis }) => axis),
      )
    )
      return undefined;
    return [{ ...x, axes: [...over.map(({ axis, size }) => ({ name: axis, size })), ...x.axes] }];
  },
  evaluate: (inputs, _attributes, outputs) => [arrange(only(inputs), only(outputs))],
  prefers: (_inputs, _attributes, outputs) => outputs.map(axisNames),
  onnx: (e, { inputs, inputTypes, outputTypes }) => {
    const [x, from, to] = [only(inputs), only(inputTypes), only(outputTypes)];
    const dims = axisNames(to).map((name) => findAxis(from, name)?.size ?? constant(1));
    // A 1 leaves a length that is there as it is: so one that is open need not be computed.
    const target = to.axes.map(({ name, size }) => {
      const isOpen = isConstant(size) === undefined && findAxis(from, name) !== undefined;
      return isOpen ? constant(1) : size;
    });
    const repeated = { dims: sizesOf(to), dtype: to.dtype };
    return [e.node('Expand', [e.reshape(x, dims), e.shape(target)], repeated)];
  },
  tfjs: (e, { inputs, inputTypes, outputTypes }) => {
    const [x, from, to] = [only(inputs), only(inputTypes), only(outputTypes)];
    const shape = e.shape(sizesOf(to));
    const isInFront = axisNames(from).every((name, i) => to.axes.at(i - from.axes.length)?.name === name);
    if (isInFront) return [`tf.broadcastTo(${x}, ${shape})`];
    const dims = axisNames(to).map((name) => findAxis(from, name)?.size ?? constant(1));
    return [`tf.broadcastTo(tf.reshape(${x}, ${e.shape(dims)}), ${shape})`];
  },
  gradient: (b, { inputs, gradients }) => {
    const gradient = only(gradients);
    return [gradient && b.sumTo(gradient, only(inputs).type)];
  },
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 2, C: 3 })], attributes: { over: [{ axis: 'S', size: constant(4) }] } },
    { inputs: [concrete({})], attributes: { over: [{ axis: 'S', size: constant(4) }] } },
    {
      inputs: [concrete({ N: 2, C: 3 })],
      attributes: {
        over: [
          { axis: 'H', size: constant(5) },
          { axis: 'W', size: constant(7) },
        ],
      },
    },
    { inputs: [concrete({ W: 5, N: 2 })], attributes: { over: [{ axis: 'H', size: constant(1) }] } },
    { inputs: [concrete({ N: 2, T: 3, C: 2 })], attributes: { over: [{ axis: 'B', size: constant(2) }] } },
    { inputs: [concrete({ C: 3 })], attributes: { over: [{ axis: 'N', size: constant(1) }] } },
  ],
};

export const expand = surfaceOp({
  name: 'expand',
  doc: 'New axes along which the tensor is repeated.',
  example: 'expand(over: [S: 3])(x)',
  arguments: {
    over: { kind: 'axisSizes', doc: 'the new axes and their sizes' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { over }, operands) {
    const x = tensorOperand(b, 'expand', operands);
    if (x === undefined) return undefined;
    if (over.length === 0) return b.fail('N3010', '`expand` needs at least one axis');
    const positive = over.map(({ axis, size }) =>
      expectAtLeast(b, size, 1, `the size of the new axis ${axis}`),
    );
    if (positive.includes(false)) return undefined;
    return b.emitOne(expandOver, [x], { over: over.map(({ axis, size }) => ({ axis, size })) });
  },
});
