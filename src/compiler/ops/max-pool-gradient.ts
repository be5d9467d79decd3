import { replaceAxis } from '../ir/tensor-type.ts';
import { int, ints, string } from '../lower/onnx/emitter.ts';
import { elements, product, sizesOf } from './sizes-of.ts';
import { expectFloat, expectSameAxes } from './axis-checks.ts';
import { channelsFirstDims } from './image.ts';
import { named, only } from './named.ts';
import { forEachIndex, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { maxPoolOver, type MaxPoolAttributes } from './pool.ts';
import { mul } from '../shapes/size.ts';
import {
  placements,
  reaching,
  slide,
  slidType,
  windowAttributes,
  windowsInOrder,
  withOverhang,
} from './window.ts';

/** Of several equal maxima the first is meant, row-major in the order of the windows. */
export const maxPoolGradient: Op<MaxPoolAttributes> = {
  name: 'max_pool_gradient',
  doc: 'dx[j] = the sum of g[i] over the windows i whose largest element is the one at j, the first of several',
  infer: (inputs, { windows }, ctx) => {
    const { x, g } = named(inputs, ['x', 'g']);
    if (!expectFloat(ctx, 'max_pool_gradient', x)) return undefined;
    const slid = slide(ctx, '`max_pool_gradient`', x, windows);
    if (slid === undefined) return undefined;
    const y = slid.reduce((type, axis) => replaceAxis(type, axis.name, [axis]), x);
    return expectSameAxes(ctx, 'the gradient', g, 'what it belongs to', y) ? [x] : undefined;
  },
  evaluate: (inputs, { windows }, outputs) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const out = zeros(only(outputs));
    const places = (array: typeof x): ReturnType<typeof placements> =>
      placements(
        windows,
        array.type,
        g.type,
        (axis) => strideOf(array.type, axis),
        (axis) => strideOf(g.type, axis),
      );
    const [read, written] = [places(x), places(out)];
    const others = x.type.axes.filter(({ name }) => windows.every(({ axis }) => axis !== name));
    forEachIndex(others, [x.type, g.type, out.type], ([from = 0, of = 0, to = 0]) => {
      read.forEach((place, i) => {
        const values = place.inputs.map((offset) => x.data[from + offset] ?? NaN);
        const at = to + (written[i]?.inputs[values.indexOf(Math.max(...values))] ?? NaN);
        out.data[at] = (out.data[at] ?? NaN) + (g.data[of + place.output] ?? NaN);
      });
    });
    return [out];
  },
  layout: (_inputs, { windows }) => {
    // What comes first is said in this order.
    const order = ['...', ...windows.map(({ axis }) => axis)];
    return { inputs: [order, order], outputs: [order] };
  },
  /** MaxPool tells where the first maximum was. Masks for each place in the window take more than twice the time. */
  onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const types = named(inputTypes, ['x', 'g']);
    const count = attributes.windows.length;
    const windows = reaching(types.x, windowsInOrder(types.x, attributes.windows));
    const dims = channelsFirstDims(types.g, count);
    const [, places] = e.nodes(
      'MaxPool',
      [e.reshape(x, channelsFirstDims(types.x, count))],
      [{ dims }, { dims, dtype: 'int64' }],
      {
        ...windowAttributes(e, windows.map(withOverhang)),
        dilations: ints(windows.map(({ dilation }) => e.constant(dilation))),
      },
    );
    if (places === undefined) throw new Error('MaxPool gave no places');
    const [all, taken] = [[elements(types.x)], [elements(types.g)]];
    const nothing = e.node('Expand', [e.floats([0], []), e.shape(all)], { dims: all });
    const scattered = e.node(
      'ScatterElements',
      [nothing, e.reshape(places, taken), e.reshape(g, taken)],
      { dims: all },
      { axis: int(0), reduction: string('add') },
    );
    return [e.reshape(scattered, sizesOf(only(outputTypes)))];
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs, { windows }) =>
    mul(elements(named(inputs, ['x', 'g']).g), product(windows.map(({ kernel }) => kernel))),
  samples: maxPoolOver.samples.map(({ inputs, attributes }) => {
    const x = only(inputs);
    return { inputs: [x, slidType(x, attributes.windows)], attributes };
  }),
};
