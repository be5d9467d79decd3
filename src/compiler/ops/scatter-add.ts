import { axisNames, findAxis, withoutAxes, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { constant, type Size } from '../shapes/size.ts';
import { expectAxes, expectFloat, expectInt, expectNewAxes } from './axis-checks.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements, product, sizesOf } from './sizes-of.ts';

export type ScatterAddAttributes = {
  /** The axis that the indices count, and its size. */
  readonly axis: string;
  readonly size: Size;
  /** Axes of the indices that are kept: one index for both, as in a batch of tables. */
  readonly shared: readonly string[];
};

/** The axes of the indices that give way to the one that they count. */
function countedAxes(indices: TensorType, { shared }: ScatterAddAttributes): readonly string[] {
  return axisNames(indices).filter((name) => !shared.includes(name));
}

/**
 * What `gather` has read, added up where it stood. Gradients are made of it and no program: it is the gradient of
 * `gather`, and of all that takes elements from places known only while it runs, such as `max`.
 */
export const scatterAdd: Op<ScatterAddAttributes> = {
  name: 'scatter_add',
  doc: 'y[.., k, ..] = sum of x[.., i, ..] over all i with indices[i] = k',
  infer: (inputs, attributes, ctx) => {
    const { x, indices } = named(inputs, ['x', 'indices']);
    const { axis, size } = attributes;
    if (!expectFloat(ctx, 'scatter_add', x) || !expectInt(ctx, 'scatter_add', indices)) return undefined;
    if (!hasAll(x, indices.axes, (a, b) => ctx.equal(a, b))) {
      return ctx.fail('N4001', '`scatter_add` has indices of another shape than its elements');
    }
    if (attributes.shared.length > 0 && !expectAxes(ctx, '`scatter_add`', indices, attributes.shared)) {
      return undefined;
    }
    const kept = withoutAxes(x, countedAxes(indices, attributes));
    if (!expectNewAxes(ctx, '`scatter_add`', kept, [axis])) return undefined;
    return [{ ...kept, axes: [{ name: axis, size }, ...kept.axes] }];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const { x, indices } = named(inputs, ['x', 'indices']);
    const out = zeros(only(outputs));
    const stride = strideOf(out.type, axis);
    // An axis of the indices may have the name of the one that they count.
    const others = {
      ...out.type,
      axes: out.type.axes.map((a) => (a.name === axis ? { ...a, name: '' } : a)),
    };
    forEachIndex(x.type.axes, [x.type, indices.type, others], ([from = 0, at = 0, to = 0]) => {
      const place = to + (indices.data[at] ?? NaN) * stride;
      out.data[place] = (out.data[place] ?? NaN) + (x.data[from] ?? NaN);
    });
    return [out];
  },
  layout: (inputs, attributes, outputs, _dialect, sorted) => {
    const { indices } = named(inputs, ['x', 'indices']);
    const { axis } = attributes;
    const [shared, counted] = [sorted(attributes.shared), sorted(countedAxes(indices, attributes))];
    const names = axisNames(only(outputs));
    const inner = sorted(names.filter((name) => name !== axis && !shared.includes(name)));
    const order = shared.length === 0 ? sorted(names) : [...shared, axis, ...inner];
    const read = order.flatMap((name) => (name === axis ? counted : [name]));
    return { inputs: [read, [...shared, ...counted]], outputs: [order] };
  },
  // ScatterND would take whole rows, but what several threads add to one place at a time is lost there.
  onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
    const { x, indices } = named(inputs, ['x', 'indices']);
    const type = only(outputTypes);
    const position = axisNames(type).indexOf(attributes.axis);
    const [outer, inner] = [type.axes.slice(0, position), type.axes.slice(position + 1)].map(elementsOf);
    const counted = countedAxes(named(inputTypes, ['x', 'indices']).indices, attributes);
    const count = elementsOf(named(inputTypes, ['x']).x.axes.filter(({ name }) => counted.includes(name)));
    if (outer === undefined || inner === undefined) throw new Error('an axis lies before and behind others');
    const read = [outer, count, inner];
    const alike = attributes.shared.length === 0 ? constant(1) : outer;
    const column = e.reshape(indices, [alike, count, constant(1)]);
    const places = e.node('Expand', [column, e.shape(read)], { dims: read, dtype: 'int32' });
    const written = { dims: [outer, attributes.size, inner] };
    const start = e.node('Expand', [e.floats([0], [1, 1, 1]), e.shape(written.dims)], written);
    const sums = e.node('ScatterElements', [start, places, e.reshape(x, read)], written, {
      axis: { type: 'int', value: 1 },
      reduction: { type: 'string', value: 'add' },
    });
    return [e.reshape(sums, sizesOf(type))];
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs) => elements(named(inputs, ['x']).x),
  indexBounds: (_inputs, { size }) => [undefined, size],
  samples: [
    sample({ N: 2, T: 4, D: 3 }, { N: 2, T: 4 }, 7),
    sample({ D: 3, T: 4, N: 2 }, { N: 2, T: 4 }, 7),
    sample({ T: 9 }, { T: 9 }, 3),
    sample({ D: 2 }, {}, 5),
    sample({ N: 2, V: 4, D: 3 }, { V: 4 }, 3),
    sample({ A: 2, T: 6, B: 3 }, { T: 6 }, 1),
    sample({ N: 3 }, { N: 3 }, 5, ['N']),
    sample({ N: 2, T: 4, D: 3 }, { N: 2, T: 4 }, 2, ['N']),
    sample({ D: 3, T: 4, N: 2 }, { T: 4, N: 2 }, 5, ['N']),
    sample({ N: 2, h: 3, T: 2 }, { h: 3, N: 2, T: 2 }, 4, ['h', 'N']),
  ],
};

function elementsOf(axes: readonly Axis[]): Size {
  return product(axes.map(({ size }) => size));
}

function hasAll(x: TensorType, axes: readonly Axis[], equal: (a: Size, b: Size) => boolean): boolean {
  return axes.every(({ name, size }) => {
    const axis = findAxis(x, name);
    return axis !== undefined && equal(axis.size, size);
  });
}

function sample(
  x: Readonly<Record<string, number>>,
  indices: Readonly<Record<string, number>>,
  size: number,
  shared: readonly string[] = [],
): Op<ScatterAddAttributes>['samples'][number] {
  return {
    inputs: [concrete(x), concrete(indices, 'int32')],
    attributes: { axis: 'V', size: constant(size), shared },
  };
}
