import { constant } from '../shapes/size.ts';
import type { DType } from '../ir/tensor-type.ts';
import { only } from './named.ts';
import { arrange, concrete } from './nd-array.ts';
import type { Op } from './op.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type CastAttributes = { readonly to: DType };

const tfjsTypes: Readonly<Record<DType, string>> = { f32: 'float32', int32: 'int32', bool: 'bool' };

/** f32 to int32 drops the fraction; anything but 0 is true; true is 1. No gradient passes an int32 or a bool. */
export const castTo: Op<CastAttributes> = {
  name: 'cast',
  doc: 'x in another element type',
  infer: (inputs, { to }) => [{ ...only(inputs), dtype: to }],
  evaluate: (inputs, { to }, outputs) => {
    const { type, data } = arrange(only(inputs), only(outputs));
    if (to === 'f32') return [{ type, data }];
    return [{ type, data: data.map(to === 'int32' ? Math.trunc : (x) => (x === 0 ? 0 : 1)) }];
  },
  onnx: (e, { inputs, inputTypes, attributes: { to } }) => {
    const x = only(inputs);
    if (only(inputTypes).dtype === to) return [x];
    const elementType = { f32: 1, int32: 6, bool: 9 }[to];
    return [e.node('Cast', [x], { dims: x.dims, dtype: to }, { to: { type: 'int', value: elementType } })];
  },
  tfjs: (e, { inputs, inputTypes, attributes: { to } }) => {
    const x = only(inputs);
    const from = only(inputTypes).dtype;
    if (from === to) return [x];
    // The cast of the WASM backend makes false of what lies between 0 and 1.
    const call = to === 'bool' ? `tf.notEqual(${x}, 0)` : `tf.cast(${x}, '${tfjsTypes[to]}')`;
    return [from === 'f32' ? `${e.helper('noGradient')}(() => ${call})` : call];
  },
  gradient: (_b, { inputs, gradients }) => [only(inputs).type.dtype === 'f32' ? only(gradients) : undefined],
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { to: 'int32' } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { to: 'bool' } },
    { inputs: [concrete({ N: 3, C: 5 })], attributes: { to: 'f32' } },
    { inputs: [concrete({ N: 3, T: 5 }, 'int32')], attributes: { to: 'f32' }, ranges: [[-9, 9]] },
    { inputs: [concrete({ N: 3, T: 5 }, 'int32')], attributes: { to: 'bool' }, ranges: [[-2, 2]] },
    { inputs: [concrete({ T: 7 }, 'bool')], attributes: { to: 'f32' } },
  ],
};

function isDType(name: string): name is DType {
  return name in tfjsTypes;
}

export const cast = surfaceOp({
  name: 'cast',
  doc: 'The same values in another element type. f32 to int32 drops the fraction; anything but 0 is true.',
  example: 'cast(to: f32)(tokens)',
  arguments: {
    to: { kind: 'choice', choices: ['f32', 'int32', 'bool'], doc: 'the element type of the result' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { to }, operands) {
    const x = tensorOperand(b, 'cast', operands);
    if (x === undefined) return undefined;
    if (!isDType(to))
      return b.fail('N3010', `\`cast\` knows no element type ${to}`, ['use f32, int32 or bool']);
    return b.emitOne(castTo, [x], { to });
  },
});
