import { axisNames } from '../ir/tensor-type.ts';
import { constant } from '../shapes/size.ts';
import { expectNewAxes } from './axis-checks.ts';
import { expectAlike, listOperand } from './concat.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { sizesOf } from './sizes-of.ts';
import { surfaceOp } from './surface-op.ts';

export type StackAttributes = { readonly axis: string };

export const stackAlong: Op<StackAttributes> = {
  name: 'stack',
  doc: 'y[i, ..] = x_i[..] for the tensors x_0, x_1, ..',
  infer: (inputs, { axis }, ctx) => {
    const [first] = inputs;
    if (!expectAlike(ctx, '`stack`', inputs, undefined) || first === undefined) return undefined;
    if (!expectNewAxes(ctx, '`stack`', first, [axis])) return undefined;
    return [{ ...first, axes: [{ name: axis, size: constant(inputs.length) }, ...first.axes] }];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const out = zeros(only(outputs));
    inputs.forEach((input, i) => {
      const start = i * strideOf(out.type, axis);
      forEachIndex(input.type.axes, [input.type, out.type], ([from = 0, to = 0]) => {
        out.data[start + to] = input.data[from] ?? NaN;
      });
    });
    return [out];
  },
  // Outermost, each tensor is copied in one piece.
  prefers: (_inputs, _attributes, outputs) => outputs.map(axisNames),
  onnx: (e, { inputs, outputTypes, attributes: { axis } }) => {
    const type = only(outputTypes);
    const position = axisNames(type).indexOf(axis);
    const dims = sizesOf(type).with(position, constant(1));
    const pieces = inputs.map((x) => e.reshape(x, dims));
    const output = { dims: sizesOf(type), dtype: type.dtype };
    return [e.node('Concat', pieces, output, { axis: { type: 'int', value: position } })];
  },
  tfjs: (e, { inputs, outputTypes, attributes: { axis }, listInput }) => {
    const list = listInput === true ? only(inputs) : `[${inputs.join(', ')}]`;
    return [`tf.stack(${list}, ${e.number(axisNames(only(outputTypes)).indexOf(axis))})`];
  },
  gradient: (b, { inputs, attributes: { axis }, gradients }) => {
    const gradient = only(gradients);
    if (gradient === undefined) return [];
    return inputs.map((_input, i) => {
      const place = b.one('cast', [b.number(i)], { to: 'int32' });
      return b.one('gather', [gradient, place], { axis });
    });
  },
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 2, C: 3 }), concrete({ N: 2, C: 3 })], attributes: { axis: 'S' } },
    {
      inputs: [concrete({ N: 2, C: 3 }), concrete({ C: 3, N: 2 }), concrete({ N: 2, C: 3 })],
      attributes: { axis: 'S' },
    },
    { inputs: [concrete({ T: 7 })], attributes: { axis: 'S' } },
    { inputs: [concrete({}), concrete({}), concrete({})], attributes: { axis: 'S' } },
    {
      inputs: [concrete({ N: 2, C: 1, H: 3, W: 5 }), concrete({ N: 2, C: 1, W: 5, H: 3 })],
      attributes: { axis: 'A' },
    },
    { inputs: [concrete({ N: 1 }), concrete({ N: 1 })], attributes: { axis: 'C' } },
  ],
};

export const stack = surfaceOp({
  name: 'stack',
  doc: 'The tensors of a list, which have one shape, along a new axis.',
  example: 'stack([near, far], along: S)',
  arguments: { along: { kind: 'axis', doc: 'the new axis' } },
  operands: ['list'],
  takesList: true,
  parameterised: false,
  build(b, { along }, operands) {
    const list = listOperand(b, operands);
    if (!('kind' in list)) return b.emitOne(stackAlong, list, { axis: along });
    const { element, length } = list.type;
    if (!expectNewAxes(b, '`stack`', element, [along])) return undefined;
    const output = { ...element, axes: [{ name: along, size: length }, ...element.axes] };
    return b.reduceList(stackAlong, list, { axis: along }, output);
  },
});
