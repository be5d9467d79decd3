import { axisNames, withoutAxes, type TensorType } from '../ir/tensor-type.ts';
import { constant } from '../shapes/size.ts';
import { expectAxes, expectNewAxes } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete, renamed } from './nd-array.ts';
import type { Op } from './op.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** `from[i]` becomes `to[i]`, all at once. */
export type RenameAttributes = { readonly from: readonly string[]; readonly to: readonly string[] };

function forwards({ from, to }: RenameAttributes): (name: string) => string {
  return (name) => to[from.indexOf(name)] ?? name;
}

function backwards({ from, to }: RenameAttributes): (name: string) => string {
  return forwards({ from: to, to: from });
}

/** Changes names alone: nothing is left of it in a target. */
export const renameAxes: Op<RenameAttributes> = {
  name: 'rename',
  doc: 'x under other names of axes',
  infer: (inputs, attributes, ctx) => {
    const x = only(inputs);
    const { from, to } = attributes;
    if (expectAxes(ctx, '`rename`', x, from) === undefined) return undefined;
    if (!expectNewAxes(ctx, '`rename`', withoutAxes(x, from), to)) return undefined;
    const name = forwards(attributes);
    const type: TensorType = {
      ...x,
      axes: x.axes.map((axis) => ({ name: name(axis.name), size: axis.size })),
    };
    return [type];
  },
  evaluate: (inputs, attributes, outputs) => {
    const { type, data } = only(inputs);
    return [arrange({ type: renamed(type, forwards(attributes)), data }, only(outputs))];
  },
  layout: (_inputs, attributes, outputs, _dialect, sorted) => {
    const order = sorted(axisNames(only(outputs)));
    return { inputs: [order.map(backwards(attributes))], outputs: [order] };
  },
  onnx: (_e, { inputs }) => [only(inputs)],
  tfjs: (_e, { inputs }) => [only(inputs)],
  gradient: (b, { attributes: { from, to }, gradients }) => {
    const gradient = only(gradients);
    return [gradient && b.one('rename', [gradient], { from: to, to: from })];
  },
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 2, C: 3 })], attributes: { from: ['C'], to: ['K'] } },
    { inputs: [concrete({ N: 2, T: 3, D: 4 })], attributes: { from: ['T'], to: ['S'] } },
    { inputs: [concrete({ N: 2, H: 3, W: 4 })], attributes: { from: ['H', 'W'], to: ['W', 'H'] } },
    { inputs: [concrete({ W: 4, N: 2, H: 3 })], attributes: { from: ['N', 'H'], to: ['B', 'N'] } },
    { inputs: [concrete({ '.out': 5 })], attributes: { from: ['.out'], to: ['C'] } },
    { inputs: [concrete({ N: 1, C: 1 })], attributes: { from: ['N'], to: ['A'] } },
  ],
};

export const rename = surfaceOp({
  name: 'rename',
  doc: 'The same tensor under another name of an axis, or of several at once.',
  example: 'rename(T -> S)(keys)',
  arguments: {
    axes: {
      kind: 'mapping',
      positional: true,
      doc: 'the old names and as many new ones, as in `[H, W] -> [A, B]`',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { axes: { from, to } }, operands) {
    const x = tensorOperand(b, 'rename', operands);
    if (x === undefined) return undefined;
    if (from.length !== to.length) {
      return b.fail('N3005', `\`rename\` has ${from.length} old and ${to.length} new names`, [], {
        help: 'use `merge` to make one axis of several, and `factor` to make several of one',
      });
    }
    const sized = to.find(({ size }) => size !== undefined);
    if (sized !== undefined) {
      return b.fail('N3005', `\`rename\` keeps sizes, so that ${sized.axis} cannot be given one`, [], {
        help: `write \`rename(${from.join(', ')} -> ${sized.axis})\``,
      });
    }
    return b.emitOne(renameAxes, [x], { from, to: to.map(({ axis }) => axis) });
  },
});
