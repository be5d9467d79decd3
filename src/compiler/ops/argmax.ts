import { axisNames, withoutAxes } from '../ir/tensor-type.ts';
import { expectAxis, expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type ArgmaxAttributes = { readonly axis: string };

/** Of several equal maxima the first. Places are whole numbers, through which no gradient passes. */
export const argmaxOver: Op<ArgmaxAttributes> = {
  name: 'argmax',
  doc: 'the first i at which x[.., i] is largest',
  infer: (inputs, { axis }, ctx) => {
    const x = only(inputs);
    if (!expectFloat(ctx, 'argmax', x) || expectAxis(ctx, '`argmax`', x, axis) === undefined)
      return undefined;
    return [{ ...withoutAxes(x, [axis]), dtype: 'int32' }];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const x = only(inputs);
    const out = zeros(only(outputs));
    const [size, stride] = [sizeOf(x.type, axis), strideOf(x.type, axis)];
    forEachIndex(out.type.axes, [x.type, out.type], ([from = 0, to = 0]) => {
      let first = 0;
      for (let i = 1; i < size; i++) {
        if ((x.data[from + i * stride] ?? NaN) > (x.data[from + first * stride] ?? NaN)) first = i;
      }
      out.data[to] = first;
    });
    return [out];
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { axis } }) => {
    const dims = sizesOf(only(outputTypes));
    const position = axisNames(only(inputTypes)).indexOf(axis);
    const places = e.node(
      'ArgMax',
      inputs,
      { dims, dtype: 'int64' },
      {
        axis: { type: 'int', value: position },
        keepdims: { type: 'int', value: 0 },
      },
    );
    return [e.node('Cast', [places], { dims, dtype: 'int32' }, { to: { type: 'int', value: 6 } })];
  },
  tfjs: (e, { inputs, inputTypes, attributes: { axis } }) => [
    `tf.argMax(${only(inputs)}, ${e.number(axisNames(only(inputTypes)).indexOf(axis))})`,
  ],
  noGradient: 'places are whole numbers, which do not vary with small changes of x',
  flops: (inputs) => elements(only(inputs)),
  samples: (
    [
      [{ N: 3, K: 5 }, 'K'],
      [{ N: 3, K: 5 }, 'N'],
      [{ K: 9 }, 'K'],
      [{ N: 2, C: 3, H: 4, W: 5 }, 'C'],
      [{ W: 5, C: 3, N: 2, H: 4 }, 'H'],
      [{ N: 2, K: 1 }, 'K'],
      [{ A: 2, B: 2, N: 2, T: 3, K: 4 }, 'T'],
      [{ K: 33, N: 1 }, 'K'],
    ] as const
  ).flatMap(([sizes, axis]) =>
    [2, 40, 1e-30, 1e6].map((range) => ({
      inputs: [concrete(sizes)],
      attributes: { axis },
      ranges: [[-range, range] as const],
    })),
  ),
};

export const argmax = surfaceOp({
  name: 'argmax',
  doc: 'The place of the largest element along an axis, counted from 0, as int32; the first of several. The axis disappears.',
  example: 'argmax(K)(logits)',
  arguments: { axis: { kind: 'axis', positional: true, doc: 'the axis along which places are counted' } },
  operands: ['x'],
  parameterised: false,
  build(b, { axis }, operands) {
    const x = tensorOperand(b, 'argmax', operands);
    return x && b.emitOne(argmaxOver, [x], { axis });
  },
});
