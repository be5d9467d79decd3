import { axisNames } from '../ir/tensor-type.ts';
import { constant, equalSize, mod, sub, type Size } from '../shapes/size.ts';
import { expectAxes } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { numberOf, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** Shifts may be negative, and larger than the axis. */
export type RollAttributes = { readonly axis: string; readonly by: Size };

/** torch's `roll`: what leaves at one end comes back at the other. */
export const rollAlong: Op<RollAttributes> = {
  name: 'roll',
  doc: 'y[.., i] = x[.., (i - by) mod n]',
  infer: (inputs, { axis }, ctx) => {
    const x = only(inputs);
    return expectAxes(ctx, '`roll`', x, [axis]) && [x];
  },
  evaluate: (inputs, { axis, by }, outputs) => {
    const x = only(inputs);
    const out = zeros(only(outputs));
    const [size, shift] = [sizeOf(x.type, axis), numberOf(by)];
    const others = out.type.axes.filter(({ name }) => name !== axis);
    for (let i = 0; i < size; i++) {
      const from = ((((i - shift) % size) + size) % size) * strideOf(x.type, axis);
      const to = i * strideOf(out.type, axis);
      forEachIndex(others, [x.type, out.type], ([xAt = 0, outAt = 0]) => {
        out.data[to + outAt] = x.data[from + xAt] ?? NaN;
      });
    }
    return [out];
  },
  onnx: (e, { inputs, inputTypes, attributes: { axis, by } }) => {
    const [x, type] = [only(inputs), only(inputTypes)];
    const position = axisNames(type).indexOf(axis);
    const sizes = sizesOf(type);
    const size = sizes[position] ?? constant(1);
    const moved = mod(by, size);
    if (equalSize(moved, constant(0))) return [x];
    const cut = sub(size, moved);
    const part = (start: Size, stop: Size): typeof x =>
      e.node('Slice', [x, e.shape([start]), e.shape([stop]), e.ints([position])], {
        dims: sizes.with(position, sub(stop, start)),
        dtype: type.dtype,
      });
    const parts = [part(cut, size), part(constant(0), cut)];
    const output = { dims: sizes, dtype: type.dtype };
    return [e.node('Concat', parts, output, { axis: { type: 'int', value: position } })];
  },
  tfjs: (e, { inputs, inputTypes, attributes: { axis, by } }) => {
    const position = e.number(axisNames(only(inputTypes)).indexOf(axis));
    return [`${e.helper('roll')}(${only(inputs)}, ${e.size(by)}, ${position})`];
  },
  gradient: (b, { attributes: { axis, by }, gradients }) => {
    const gradient = only(gradients);
    return [gradient && b.one('roll', [gradient], { axis, by: sub(constant(0), by) })];
  },
  flops: () => constant(0),
  samples: [
    { T: 7 },
    { N: 2, T: 5 },
    { T: 4, C: 3, N: 2 },
    { N: 2, H: 3, T: 6, C: 2 },
    { N: 1, T: 1 },
  ].flatMap((sizes) =>
    [0, 1, -1, 3, -3, 12].map((by) => ({
      inputs: [concrete(sizes)],
      attributes: { axis: 'T', by: constant(by) },
    })),
  ),
};

export const roll = surfaceOp({
  name: 'roll',
  doc: 'Elements moved along axes, in a circle: what leaves at one end comes back at the other. Negative numbers move towards the beginning.',
  example: 'roll(by: [H: -3, W: -3])(x)',
  arguments: { by: { kind: 'axisSizes', doc: 'the axes, and by how many places elements move along each' } },
  operands: ['x'],
  parameterised: false,
  build(b, { by }, operands) {
    const x = tensorOperand(b, 'roll', operands);
    if (x === undefined) return undefined;
    if (by.length === 0) return b.fail('N3010', '`roll` needs at least one axis');
    return by.reduce<typeof x | undefined>(
      (rolled, { axis, size }) => rolled && b.emitOne(rollAlong, [rolled], { axis, by: size }),
      x,
    );
  },
});
