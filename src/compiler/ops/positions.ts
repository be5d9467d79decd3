import { tensorType, type DType } from '../ir/tensor-type.ts';
import { constant, isConstant, type Size } from '../shapes/size.ts';
import { expectAtLeast } from './axis-checks.ts';
import { only } from './named.ts';
import { zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { surfaceOp } from './surface-op.ts';

export type PositionsAttributes = {
  readonly axis: string;
  readonly size: Size;
  readonly type: 'f32' | 'int32';
};

/** The number of an element type in the ONNX format. */
const onnxTypes = { f32: 1, int32: 6 } as const satisfies Partial<Record<DType, number>>;

export const positionsAlong: Op<PositionsAttributes> = {
  name: 'positions',
  doc: 'y[i] = i',
  infer: (_inputs, { axis, size, type }) => [tensorType([{ name: axis, size }], type)],
  evaluate: (_inputs, _attributes, outputs) => {
    const { type, data } = zeros(only(outputs));
    return [{ type, data: data.map((_zero, i) => i) }];
  },
  onnx: (e, { attributes: { size, type: dtype } }) => {
    const output = { dims: [size], dtype };
    const count = isConstant(size);
    const numbers = Array.from({ length: count ?? 0 }, (_, i) => i);
    if (count !== undefined && dtype === 'f32') return [e.floats(numbers, [count])];
    const scalar = { dims: [], dtype: 'int64' } as const;
    const [from, step] = [e.ints([0]), e.ints([1])].map((vector) => e.reshape(vector, []));
    const until = e.node('Squeeze', [e.shape([size])], scalar);
    const counted =
      count === undefined
        ? e.node('Range', [from, until, step], { dims: [size], dtype: 'int64' })
        : e.ints(numbers);
    return [e.node('Cast', [counted], output, { to: { type: 'int', value: onnxTypes[dtype] } })];
  },
  tfjs: (e, { attributes: { size, type } }) => [
    type === 'int32' ? `tf.range(0, ${e.size(size)}, 1, 'int32')` : `tf.range(0, ${e.size(size)})`,
  ],
  noGradient: 'it is made of no tensor',
  flops: () => constant(0),
  samples: [1, 2, 3, 4, 5, 7, 8, 12, 16, 31, 32, 64, 100, 197, 257].flatMap((size) =>
    (['f32', 'int32'] as const).map((type) => ({
      inputs: [],
      attributes: { axis: 'T', size: constant(size), type },
    })),
  ),
};

export const positions = surfaceOp({
  name: 'positions',
  doc: 'The numbers 0, 1, 2, ... along an axis: where each of its elements stands. It works on no tensor, so that `positions(over: [T: 16])` is its result.',
  example: 'positions(over: [T: 16])',
  arguments: {
    over: { kind: 'axisSizes', doc: 'the axis and how many numbers there are' },
    type: {
      kind: 'choice',
      choices: ['f32', 'int32'],
      optional: true,
      default: 'f32',
      doc: 'the element type: int32 where the numbers are to count elements',
    },
  },
  operands: [],
  parameterised: false,
  build(b, { over, type }) {
    const [made, more] = over;
    if (made === undefined || more !== undefined)
      return b.fail('N3010', `\`positions\` makes one axis, not ${over.length}`);
    const { axis, size } = made;
    if (!expectAtLeast(b, size, 1, `the size of ${axis}`)) return undefined;
    return b.emitOne(positionsAlong, [], { axis, size, type: type === 'int32' ? type : 'f32' });
  },
});
