import { axisNames, findAxis, hasAxis, printType, replaceAxis, type TensorType } from '../ir/tensor-type.ts';
import { constant } from '../shapes/size.ts';
import { expectAxis, expectInt } from './axis-checks.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros } from './nd-array.ts';
import type { Op, ShapeContext } from './op.ts';
import { product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type GatherAttributes = { readonly axis: string };

/** The axes of the indices that the table has, too: one index for both, as in a batch of tables. */
function sharedAxes(table: TensorType, indices: TensorType, axis: string): readonly string[] {
  return axisNames(indices).filter((name) => name !== axis && hasAxis(table, name));
}

/**
 * Elements of a table by their places along an axis, which the axes of the indices replace. Axes that both have run
 * together. Indices must lie in [0, size): other values are no matter of shapes, and each target fails in its own way.
 */
export const gatherAlong: Op<GatherAttributes> = {
  name: 'gather',
  doc: 'y[.., i, ..] = x[.., indices[i], ..]',
  infer: (inputs, { axis }, ctx) => {
    const { table, indices } = named(inputs, ['table', 'indices']);
    if (!expectInt(ctx, 'gather', indices) || expectAxis(ctx, '`gather`', table, axis) === undefined)
      return undefined;
    const shared = sharedAxes(table, indices, axis);
    if (!expectEqualShared(ctx, table, indices, shared)) return undefined;
    const made = indices.axes.filter(({ name }) => !shared.includes(name));
    return [replaceAxis(table, axis, made)];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const { table, indices } = named(inputs, ['table', 'indices']);
    const out = zeros(only(outputs));
    const [size, stride] = [sizeOf(table.type, axis), strideOf(table.type, axis)];
    // An axis of the indices may have the name of the one that it replaces.
    const others = {
      ...table.type,
      axes: table.type.axes.map((a) => (a.name === axis ? { name: '', size } : a)),
    };
    forEachIndex(out.type.axes, [out.type, others, indices.type], ([to = 0, from = 0, at = 0]) => {
      const index = indices.data[at] ?? NaN;
      if (!(index >= 0 && index < size))
        throw new RangeError(`gather: the index ${index} is not one of the ${size} along ${axis}`);
      out.data[to] = table.data[from + index * stride] ?? NaN;
    });
    return [out];
  },
  layout: (inputs, { axis }, _outputs, _dialect, sorted) => {
    const { table, indices } = named(inputs, ['table', 'indices']);
    const shared = sorted(sharedAxes(table, indices, axis));
    const made = sorted(axisNames(indices).filter((name) => !shared.includes(name)));
    const kept = sorted(axisNames(table).filter((name) => !shared.includes(name)));
    if (shared.length === 0) {
      return { inputs: [kept, made], outputs: [kept.flatMap((name) => (name === axis ? made : [name]))] };
    }
    const inner = kept.filter((name) => name !== axis);
    return {
      inputs: [
        [...shared, axis, ...inner],
        [...shared, ...made],
      ],
      outputs: [[...shared, ...made, ...inner]],
    };
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { axis } }) => {
    const { table, indices } = named(inputs, ['table', 'indices']);
    const types = named(inputTypes, ['table', 'indices']);
    const type = only(outputTypes);
    const output = { dims: sizesOf(type), dtype: type.dtype };
    const shared = sharedAxes(types.table, types.indices, axis).length;
    if (shared === 0) {
      const position = axisNames(types.table).indexOf(axis);
      return [e.node('Gather', [table, indices], output, { axis: { type: 'int', value: position } })];
    }
    // GatherND takes int64 alone, and each index as a vector.
    const wide = e.node(
      'Cast',
      [indices],
      { dims: indices.dims, dtype: 'int64' },
      { to: { type: 'int', value: 7 } },
    );
    const places = e.reshape(wide, [...indices.dims, constant(1)]);
    return [e.node('GatherND', [table, places], output, { batch_dims: { type: 'int', value: shared } })];
  },
  tfjs: (e, { inputs, inputTypes, outputTypes, attributes: { axis } }) => {
    const { table, indices } = named(inputs, ['table', 'indices']);
    const types = named(inputTypes, ['table', 'indices']);
    const shared = sharedAxes(types.table, types.indices, axis).length;
    const position = axisNames(types.table).indexOf(axis);
    if (shared === 0) return [`tf.gather(${table}, ${indices}, ${e.number(position)})`];
    const [rows, places] = [sizesOf(types.table), sizesOf(types.indices)];
    const batch = product(rows.slice(0, shared));
    const tables = e.shape([batch, ...rows.slice(shared, shared + 1), product(rows.slice(shared + 1))]);
    const wanted = e.shape([batch, product(places.slice(shared))]);
    const gathered = `${e.helper('gatherEach')}(tf.reshape(${table}, ${tables}), tf.reshape(${indices}, ${wanted}))`;
    return [`tf.reshape(${gathered}, ${e.shape(sizesOf(only(outputTypes)))})`];
  },
  gradient: (b, { inputs, attributes: { axis }, gradients }) => {
    const { table, indices } = named(inputs, ['table', 'indices']);
    const gradient = only(gradients);
    const size = findAxis(table.type, axis)?.size;
    if (gradient === undefined || size === undefined) return [];
    const shared = sharedAxes(table.type, indices.type, axis);
    return [b.one('scatter_add', [gradient, indices], { axis, size, shared })];
  },
  flops: () => constant(0),
  indexBounds: (inputs, { axis }) => [undefined, findAxis(named(inputs, ['table']).table, axis)?.size],
  samples: (
    [
      [
        { V: 7, D: 3 },
        { N: 2, T: 4 },
      ],
      [
        { D: 3, V: 7 },
        { N: 2, T: 4 },
      ],
      [{ V: 7 }, { T: 5 }],
      [{ V: 7, D: 2 }, {}],
      [{ N: 2, V: 7, D: 3 }, { V: 4 }],
      [{ A: 2, V: 5, B: 3 }, { T: 6 }],
      [{ V: 1, D: 3 }, { N: 3 }],
      [{ N: 3, V: 5 }, { N: 3 }],
      [
        { N: 2, V: 5, D: 3 },
        { N: 2, T: 4 },
      ],
      [
        { D: 3, N: 2, V: 5 },
        { T: 4, N: 2 },
      ],
      [
        { N: 2, h: 3, V: 5 },
        { h: 3, N: 2, T: 2 },
      ],
      [
        { N: 2, V: 5, D: 3 },
        { N: 2, V: 2 },
      ],
      [
        { N: 1, V: 4, D: 2, E: 2 },
        { N: 1, T: 3 },
      ],
      [
        { V: 9, h: 2 },
        { T: 3, S: 3 },
      ],
      [
        { T: 3, V: 4, h: 2 },
        { T: 3, S: 2, R: 2 },
      ],
    ] as const
  ).flatMap(([table, indices]) =>
    (['f32', 'int32'] as const).map((dtype) => ({
      inputs: [concrete(table, dtype), concrete(indices, 'int32')],
      attributes: { axis: 'V' },
      ranges: [[-3, 3] as const, [0, table.V - 1] as const],
    })),
  ),
};

function expectEqualShared(
  ctx: ShapeContext,
  table: TensorType,
  indices: TensorType,
  shared: readonly string[],
): boolean {
  const different = shared.find((name) => {
    const [a, b] = [findAxis(table, name), findAxis(indices, name)];
    return a === undefined || b === undefined || !ctx.equal(a.size, b.size);
  });
  if (different === undefined) return true;
  ctx.fail('N4001', `the table and the indices of \`gather\` differ in axis ${different}`, [
    `the table is ${printType(table)}`,
    `the indices are ${printType(indices)}`,
    `both have axis ${different}, so that it is one index: \`rename\` it if it is not`,
  ]);
  return false;
}

export const gather = surfaceOp({
  name: 'gather',
  doc: 'Elements of a table by their places along an axis, counted from 0: the axes of the indices, which are int32, take the place of that axis. Other axes that both have run together, so that `gather(logits, kind, along: K)` takes one number of each sample.',
  example: 'gather(table, indices, along: V)',
  arguments: { along: { kind: 'axis', doc: 'the axis of the table whose elements the indices count' } },
  operands: ['table', 'indices'],
  parameterised: false,
  build(b, { along }, operands) {
    const table = tensorOperand(b, 'gather', operands, 0);
    const indices = tensorOperand(b, 'gather', operands, 1);
    return table && indices && b.emitOne(gatherAlong, [table, indices], { axis: along });
  },
});
