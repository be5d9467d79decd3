import { printType, axisNames, findAxis, replaceAxis, withoutAxes } from '../ir/tensor-type.ts';
import { print, constant } from '../shapes/size.ts';
import { expectAxes, expectNewAxes } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete, replaced, sizeOf } from './nd-array.ts';
import type { Op } from './op.ts';
import { product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type MergeAttributes = { readonly from: readonly string[]; readonly to: string };

/** The index along the new axis is row-major in the old ones: the first named is the outermost. */
export const mergeAxes: Op<MergeAttributes> = {
  name: 'merge',
  doc: 'y[.., (i, j)] = x[.., i, j]',
  infer: (inputs, { from, to }, ctx) => {
    const x = only(inputs);
    const axes = expectAxes(ctx, '`merge`', x, from);
    const outermost = from[0];
    if (axes === undefined || outermost === undefined) return undefined;
    if (!expectNewAxes(ctx, '`merge`', withoutAxes(x, from), [to])) return undefined;
    const merged = { name: to, size: product(axes.map(({ size }) => size)) };
    return [replaceAxis(withoutAxes(x, from.slice(1)), outermost, [merged])];
  },
  evaluate: (inputs, { from, to }, outputs) => {
    const x = only(inputs);
    const type = only(outputs);
    const apart = replaced(
      type,
      to,
      from.map((name) => ({ name, size: sizeOf(x.type, name) })),
    );
    return [{ type, data: arrange(x, apart).data }];
  },
  prefers: (inputs, { from }, outputs) => [from, ...outputs.map(axisNames), ...inputs.map(axisNames)],
  layout: (_inputs, { from, to }, outputs, _dialect, sorted) => {
    const order = sorted(axisNames(only(outputs)));
    return { inputs: [order.flatMap((name) => (name === to ? from : [name]))], outputs: [order] };
  },
  onnx: (e, { inputs, outputTypes }) => [e.reshape(only(inputs), sizesOf(only(outputTypes)))],
  tfjs: (e, { inputs, outputTypes }) => [
    `tf.reshape(${only(inputs)}, ${e.shape(sizesOf(only(outputTypes)))})`,
  ],
  gradient: (b, { inputs, attributes: { from, to }, gradients }) => {
    const [x, gradient] = [only(inputs), only(gradients)];
    const apart = from.map((axis) => ({ axis, size: findAxis(x.type, axis)?.size ?? constant(1) }));
    return [gradient && b.one('factor', [gradient], { from: to, to: apart })];
  },
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 2, C: 3, H: 4, W: 5 })], attributes: { from: ['H', 'W'], to: 'T' } },
    { inputs: [concrete({ N: 2, C: 3, H: 4, W: 5 })], attributes: { from: ['W', 'H'], to: 'T' } },
    { inputs: [concrete({ N: 2, h: 3, T: 4, d: 5 })], attributes: { from: ['h', 'd'], to: 'D' } },
    { inputs: [concrete({ W: 5, C: 3, N: 2 })], attributes: { from: ['N', 'C', 'W'], to: 'C' } },
    { inputs: [concrete({ C: 3, N: 2 })], attributes: { from: ['N'], to: 'B' } },
    { inputs: [concrete({ N: 1, C: 7, H: 1 })], attributes: { from: ['C', 'H'], to: 'C' } },
  ],
};

export const merge = surfaceOp({
  name: 'merge',
  doc: 'One axis made of several, row-major: the first one named is the outermost.',
  example: 'merge([H, W] -> T)(x)',
  arguments: {
    axes: {
      kind: 'mapping',
      positional: true,
      doc: 'the axes that are merged, and the name of the one that is made',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { axes: { from, to } }, operands) {
    const x = tensorOperand(b, 'merge', operands);
    if (x === undefined) return undefined;
    const [target] = to;
    if (target === undefined || to.length !== 1) {
      return b.fail('N3005', '`merge` makes one axis, as in `merge([H, W] -> T)`');
    }
    const result = b.emitOne(mergeAxes, [x], { from, to: target.axis });
    const made = result && findAxis(result.type, target.axis)?.size;
    if (made !== undefined && target.size !== undefined && !b.equal(made, target.size)) {
      const message = `the merged axis ${target.axis} has ${print(made)} elements, not ${print(target.size)}`;
      return b.fail('N4001', message, [`x is ${printType(x.type)}`], {
        help: 'leave the size out: it follows from the axes that are merged',
      });
    }
    return result;
  },
});
