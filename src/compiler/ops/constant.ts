import { constant as constantSize, isConstant, type Size } from '../shapes/size.ts';
import { tensorType } from '../ir/tensor-type.ts';
import { only } from './named.ts';
import { zeros } from './nd-array.ts';
import type { Op } from './op.ts';

/** A number of the source, or a size as a number. */
export type ConstantAttributes = { readonly value: number | Size };

/** A number of the source as a tensor without axes. In a TensorFlow.js program it stays a number. */
export const scalarConstant: Op<ConstantAttributes> = {
  name: 'constant',
  doc: 'a number',
  infer: () => [tensorType([])],
  evaluate: (_inputs, { value }, outputs) => {
    const out = zeros(only(outputs));
    return [
      { type: out.type, data: out.data.fill(typeof value === 'number' ? value : (isConstant(value) ?? NaN)) },
    ];
  },
  onnx: (e, { attributes: { value } }) => [
    e.floats([typeof value === 'number' ? value : e.constant(value)], []),
  ],
  tfjs: (e, { attributes: { value } }) => [typeof value === 'number' ? e.number(value) : e.size(value)],
  noGradient: 'it is made of no tensor',
  flops: () => constantSize(0),
  samples: [0, 1, -2.5, 1e-5, 1e30, 1 / 3].map((value) => ({ inputs: [], attributes: { value } })),
};
