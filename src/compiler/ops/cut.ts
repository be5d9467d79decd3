import { axisNames, replaceAxis } from '../ir/tensor-type.ts';
import { int } from '../lower/onnx/emitter.ts';
import { add, constant, type Size } from '../shapes/size.ts';
import { expectAxis } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete } from './nd-array.ts';
import type { Op, Sample } from './op.ts';
import { sizesOf } from './sizes-of.ts';
import { piecesAlong } from './split.ts';

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
  evaluate: (inputs, { axis }, outputs) => piecesAlong(only(inputs), axis, outputs),
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { axis, lengths } }) => {
    const position = axisNames(only(inputTypes)).indexOf(axis);
    const outputs = outputTypes.map((type) => ({ dims: sizesOf(type), dtype: type.dtype }));
    return e.nodes('Split', [...inputs, e.shape(lengths)], outputs, { axis: int(position) });
  },
  noGradient: 'it is made for the updates of parameters, which are not differentiated',
  flops: () => constant(0),
  samples: [
    sample({ N: 2, C: 6 }, 'C', [1, 3, 2]),
    sample({ N: 5, C: 3 }, 'N', [4, 1]),
    sample({ C: 5 }, 'C', [5]),
    sample({ H: 3, C: 4, W: 2 }, 'C', [2, 2]),
    sample({ C: 9 }, 'C', [2, 3, 1, 3]),
    sample({ W: 2, N: 1, H: 5 }, 'H', [1, 4]),
  ],
};

function sample(
  x: Readonly<Record<string, number>>,
  axis: string,
  lengths: readonly number[],
): Sample<CutAttributes> {
  return { inputs: [concrete(x)], attributes: { axis, lengths: lengths.map((length) => constant(length)) } };
}
