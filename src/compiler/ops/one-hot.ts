import { axisNames } from '../ir/tensor-type.ts';
import { constant, type Size } from '../shapes/size.ts';
import { expectAtLeast, expectInt, expectNewAxes } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type OneHotAttributes = { readonly axis: string; readonly size: Size };

/** An index outside of [0, size) has no place, and gives zeros alone: what marks a sample as unlabelled may be -1. */
export const oneHotAlong: Op<OneHotAttributes> = {
  name: 'one_hot',
  doc: 'y[.., k] = 1 where k is x[..], 0 elsewhere',
  infer: (inputs, { axis, size }, ctx) => {
    const x = only(inputs);
    if (!expectInt(ctx, 'one_hot', x) || !expectNewAxes(ctx, '`one_hot`', x, [axis])) return undefined;
    return [{ kind: 'tensor', dtype: 'f32', axes: [...x.axes, { name: axis, size }] }];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const x = only(inputs);
    const out = zeros(only(outputs));
    const size = out.type.axes.find(({ name }) => name === axis)?.size ?? 0;
    forEachIndex(x.type.axes, [x.type, out.type], ([from = 0, to = 0]) => {
      const index = x.data[from] ?? NaN;
      if (index >= 0 && index < size) out.data[to + index * strideOf(out.type, axis)] = 1;
    });
    return [out];
  },
  layout: (_inputs, { axis }, outputs, _dialect, sorted) => {
    const order = sorted(axisNames(only(outputs)).filter((name) => name !== axis));
    return { inputs: [order], outputs: [[...order, axis]] };
  },
  onnx: (e, { inputs, outputTypes, attributes: { size } }) => {
    const x = only(inputs);
    const dims = sizesOf(only(outputTypes));
    // OneHot counts negative indices from the end.
    const counted = Array.from({ length: e.constant(size) }, (_, k) => k);
    const kinds = e.node(
      'Cast',
      [e.ints(counted)],
      { dims: [size], dtype: 'int32' },
      { to: { type: 'int', value: 6 } },
    );
    const column = e.reshape(x, [...x.dims, constant(1)]);
    const isKind = e.node('Equal', [column, kinds], { dims, dtype: 'bool' });
    return [e.node('Cast', [isKind], { dims }, { to: { type: 'int', value: 1 } })];
  },
  tfjs: (e, { inputs, attributes: { size } }) => {
    // tf.oneHot refuses a single place.
    const isThere = `tf.equal(tf.expandDims(${only(inputs)}, -1), tf.range(0, ${e.size(size)}, 1, 'int32'))`;
    return [`tf.cast(${isThere}, 'float32')`];
  },
  noGradient: 'indices are whole numbers, which do not vary by small changes',
  flops: () => constant(0),
  indexBounds: (_inputs, { size }) => [size],
  samples: [{ N: 4 }, { N: 2, T: 3 }, { T: 3, N: 2 }, {}, { N: 2, H: 2, W: 3 }, { N: 1 }].flatMap((sizes) =>
    [1, 2, 5, 8, 13].map((kinds) => ({
      inputs: [concrete(sizes, 'int32')],
      attributes: { axis: 'K', size: constant(kinds) },
      ranges: [[-1, kinds] as const],
    })),
  ),
};

export const oneHot = surfaceOp({
  name: 'one_hot',
  doc: 'A new axis with a 1 at the place that an int32 index names, counted from 0, and zeros elsewhere. Indices that name no place, such as -1, give zeros alone.',
  example: 'one_hot(over: [K: 10])(kind)',
  arguments: { over: { kind: 'axisSizes', doc: 'the new axis and its size' } },
  operands: ['indices'],
  parameterised: false,
  build(b, { over }, operands) {
    const x = tensorOperand(b, 'one_hot', operands);
    if (x === undefined) return undefined;
    const [made, more] = over;
    if (made === undefined || more !== undefined)
      return b.fail('N3010', `\`one_hot\` makes one axis, not ${over.length}`);
    if (!expectAtLeast(b, made.size, 1, `the size of the new axis ${made.axis}`)) return undefined;
    return b.emitOne(oneHotAlong, [x], { axis: made.axis, size: made.size });
  },
});
