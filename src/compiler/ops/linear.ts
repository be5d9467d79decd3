import { type TensorType, axisNames, hasAxis, printType, withoutAxes, type Axis } from '../ir/tensor-type.ts';
import { expectAtLeast, expectAxis } from './axis-checks.ts';
import { plus } from './binary.ts';
import { contractOver } from './contract.ts';
import { product } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** torch's `nn.Linear` on named axes. */
export const linear = surfaceOp({
  name: 'linear',
  doc: 'A learned linear map of axes into others: y[k] = sum_c weight[k, c] x[c] + bias[k]. All other axes are batched. Several axes may be consumed or made at once, as in `D -> [h: heads, d: D / heads]`; `-> []` makes none.',
  example: 'linear(C -> K: 14)(x)',
  arguments: {
    axes: {
      kind: 'mapping',
      positional: true,
      isSized: true,
      doc: 'the axes that are consumed, and those that are made with their sizes',
    },
    bias: { kind: 'bool', optional: true, default: 'true', doc: 'whether a bias is added' },
    init: { kind: 'init', optional: true, default: 'torch_default', doc: "the weight's initialiser" },
    bias_init: { kind: 'init', optional: true, default: 'torch_default', doc: "the bias' initialiser" },
  },
  operands: ['x'],
  parameterised: true,
  build(b, args, operands) {
    const x = tensorOperand(b, 'linear', operands);
    if (x === undefined) return undefined;
    const { from, to } = args.axes;
    if (from.length === 0)
      return b.fail('N3005', '`linear` consumes at least one axis, as in `linear(C -> K: 14)`');
    const consumed: Axis[] = [];
    for (const name of from) {
      const axis = expectAxis(b, '`linear`', x.type, name, howToGet(x.type, name));
      if (axis === undefined) return undefined;
      consumed.push(axis);
    }
    const made: Axis[] = [];
    for (const { axis: name, size } of to) {
      if (size === undefined) {
        return b.fail(
          'N3005',
          `the axis ${name} that \`linear\` makes needs a size, as in \`linear(C -> K: 14)\``,
        );
      }
      if (!expectAtLeast(b, size, 1, `the size of ${name}`)) return undefined;
      if (hasAxis(withoutAxes(x.type, from), name)) {
        return b.fail('N4003', `the result of \`linear\` would have axis ${name} twice`, [
          `x is ${printType(x.type)}`,
          'use another name, or `rename` the axis that is already there',
        ]);
      }
      made.push({ name, size });
    }
    // Axes that are summed over have names of their own in the weight, because C -> C: 14 makes another C.
    const summed = consumed.map(({ name, size }) => ({
      name: consumed.length === 1 ? '.in' : `.in.${name}`,
      size,
    }));
    const fan = { in: product(summed.map(({ size }) => size)), out: product(made.map(({ size }) => size)) };
    const fallback = { name: 'torch_default', args: {} };
    const weight = b.param('weight', [...made, ...summed], args.init ?? fallback, fan);
    const over = axisNames(weight.type).flatMap((right) => {
      const left = consumed[summed.findIndex(({ name }) => name === right)]?.name;
      return left === undefined ? [] : [{ left, right }];
    });
    const mapped = b.emitOne(contractOver, [x, weight], { over });
    if (args.bias === false) return mapped;
    return mapped && b.emitOne(plus, [mapped, b.param('bias', made, args.bias_init ?? fallback, fan)], {});
  },
});

/** A map that wants one axis of several is mostly one before which the others were to be flattened. */
function howToGet({ axes }: TensorType, name: string): string | undefined {
  if (axes.length < 3 || axes.some((axis) => axis.name.startsWith('...'))) return undefined;
  const inner = axes.slice(1).map((axis) => axis.name);
  return `\`merge([${inner.join(', ')}] -> ${name})\` makes it of the others, \`rename(${inner.at(-1)} -> ${name})\` of one`;
}
