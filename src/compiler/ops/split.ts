import { axisNames, printType, replaceAxis, type TensorType } from '../ir/tensor-type.ts';
import { constant, floorDiv, isConstant, print, type Size } from '../shapes/size.ts';
import { expectAtLeast, expectAxis, expectParts } from './axis-checks.ts';
import { only } from './named.ts';
import {
  concrete,
  forEachIndex,
  sizeOf,
  strideOf,
  zeros,
  type ConcreteType,
  type NdArray,
} from './nd-array.ts';
import type { Op, ShapeContext } from './op.ts';
import { sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** `into` pieces of equal size. */
export type SplitAttributes = { readonly axis: string; readonly into: Size };

/** The type of each piece; N4005 where the axis is not a multiple of their number. */
function pieceType(
  ctx: ShapeContext,
  x: TensorType,
  { axis, into }: SplitAttributes,
): TensorType | undefined {
  const whole = expectAxis(ctx, '`split`', x, axis);
  if (whole === undefined || !expectAtLeast(ctx, into, 1, 'the number of pieces of `split`'))
    return undefined;
  const reason = `axis ${axis} of ${printType(x)} is split into ${print(into)} equal pieces`;
  if (!expectParts(ctx, whole, into, reason, 'pieces')) return undefined;
  return replaceAxis(x, axis, [{ name: axis, size: floorDiv(whole.size, into) }]);
}

/** The pieces of an array, which lie one behind the other along an axis and have all of the others. */
export function piecesAlong(x: NdArray, axis: string, types: readonly ConcreteType[]): readonly NdArray[] {
  let start = 0;
  return types.map((type) => {
    const out = zeros(type);
    let i = 0;
    forEachIndex(type.axes, [x.type], ([from = 0]) => {
      out.data[i++] = x.data[start + from] ?? NaN;
    });
    start += sizeOf(type, axis) * strideOf(x.type, axis);
    return out;
  });
}

export const splitInto: Op<SplitAttributes> = {
  name: 'split',
  doc: 'y_k[.., i] = x[.., k s + i] for pieces of s',
  infer: (inputs, attributes, ctx) => {
    const count = isConstant(attributes.into);
    if (count === undefined) throw new Error('a split into a symbolic number of pieces makes a list');
    const piece = pieceType(ctx, only(inputs), attributes);
    return piece && Array.from({ length: count }, () => piece);
  },
  evaluate: (inputs, { axis }, outputs) => piecesAlong(only(inputs), axis, outputs),
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { axis } }) => {
    const position = axisNames(only(inputTypes)).indexOf(axis);
    const outputs = outputTypes.map((type) => ({ dims: sizesOf(type), dtype: type.dtype }));
    // Equal lengths need not be given, but ONNX Runtime takes splits of one tensor for the same if nothing else differs
    // than the number of their outputs.
    const lengths = e.shape(outputs.map(({ dims }) => dims[position] ?? constant(1)));
    return e.nodes('Split', [...inputs, lengths], outputs, { axis: { type: 'int', value: position } });
  },
  tfjs: (e, { inputs, inputTypes, outputTypes, attributes: { axis, into }, listOutput }) => {
    const x = only(inputs);
    const position = e.number(axisNames(only(inputTypes)).indexOf(axis));
    const count = isConstant(into);
    if (count === 1) return [listOutput === true ? `[${x}]` : x];
    const cut = count === undefined ? e.helper('splitInto') : 'tf.split';
    const pieces = `${cut}(${x}, ${e.size(into)}, ${position})`;
    if (listOutput === true) return [pieces];
    const name = e.let('pieces', pieces);
    return outputTypes.map((_type, i) => `${name}[${i}]`);
  },
  gradient: (b, { outputs, attributes: { axis }, gradients }) => {
    const pieces = outputs.map(({ type }, i) => gradients[i] ?? b.zeros(type));
    return [b.one('concat', pieces, { axis })];
  },
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 2, C: 6 })], attributes: { axis: 'C', into: constant(3) } },
    { inputs: [concrete({ N: 2, C: 6, H: 3 })], attributes: { axis: 'C', into: constant(2) } },
    { inputs: [concrete({ H: 5, C: 4, N: 2, W: 3 })], attributes: { axis: 'C', into: constant(4) } },
    { inputs: [concrete({ T: 9 })], attributes: { axis: 'T', into: constant(3) } },
    { inputs: [concrete({ N: 2, T: 5 })], attributes: { axis: 'T', into: constant(1) } },
    { inputs: [concrete({ N: 6, T: 5 })], attributes: { axis: 'N', into: constant(6) } },
  ],
};

export const split = surfaceOp({
  name: 'split',
  doc: 'A list of equal pieces along an axis, in order. The size of the axis must be a multiple of their number.',
  example: 'split(C, into: 4)(x)',
  arguments: {
    axis: { kind: 'axis', positional: true, doc: 'the axis that is cut' },
    into: {
      kind: 'size',
      doc: 'the number of pieces',
      insteadOfList:
        'pieces of other sizes are taken one by one: `slice(C, start: 0, stop: 4)`, `slice(C, start: 4, stop: C)`',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, attributes, operands) {
    const x = tensorOperand(b, 'split', operands);
    const piece = x && pieceType(b, x.type, attributes);
    return (
      piece && b.list(splitInto, x, { axis: attributes.axis, into: attributes.into }, piece, attributes.into)
    );
  },
});
