import { axisNames, replaceAxis } from '../ir/tensor-type.ts';
import { int } from '../lower/onnx/emitter.ts';
import { add, constant, type Size } from '../shapes/size.ts';
import { expectAxis } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { sizesOf } from './sizes-of.ts';

/** The lengths add up to that of the axis. */
export type CutAttributes = { readonly axis: string; readonly lengths: readonly Size[] };

/** Undoes a concatenation: `split` with pieces of several lengths. */
export const cutAlong: Op<CutAttributes> = {
  name: 'cut',
  doc: 'y_k[.., i] = x[.., l_0 + .. + l_(k - 1) + i] for i < l_k',
  infer: (inputs, { axis, lengths }, ctx) => {
    const x = only(inputs);
    const whole = expectAxis(ctx, '`cut`', x, axis);
    if (whole === undefined) return undefined;
    if (!ctx.equal(whole.size, lengths.reduce(add, constant(0)))) {
      return ctx.fail('N4005', `the pieces of \`cut\` are not as long as axis ${axis}`);
    }
    return lengths.map((size) => replaceAxis(x, axis, [{ name: axis, size }]));
  },
  evaluate: (inputs, { axis }, outputs) => {
    const x = only(inputs);
    let start = 0;
    return outputs.map((type) => {
      const out = zeros(type);
      let i = 0;
      forEachIndex(type.axes, [x.type], ([from = 0]) => {
        out.data[i++] = x.data[start + from] ?? NaN;
      });
      start += sizeOf(type, axis) * strideOf(x.type, axis);
      return out;
    });
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { axis, lengths } }) => {
    const position = axisNames(only(inputTypes)).indexOf(axis);
    const outputs = outputTypes.map((type) => ({ dims: sizesOf(type), dtype: type.dtype }));
    return e.nodes('Split', [...inputs, e.shape(lengths)], outputs, { axis: int(position) });
  },
  noGradient: 'it is made for the updates of parameters, which are not differentiated',
  flops: () => constant(0),
  samples: [{ N: [2], C: [1, 3, 2] }, { N: [4, 1], C: [3] }, { C: [5] }, { H: [3], C: [2, 2], W: [2] }].map(
    (axes) => {
      const [axis = '', lengths = []] = Object.entries(axes).find(([, parts]) => parts.length > 1) ?? [
        'C',
        [5],
      ];
      const sum = (parts: readonly number[]): number => parts.reduce((a, b) => a + b, 0);
      const sizes = Object.fromEntries(Object.entries(axes).map(([name, parts]) => [name, sum(parts)]));
      return { inputs: [concrete(sizes)], attributes: { axis, lengths: lengths.map(constant) } };
    },
  ),
};
