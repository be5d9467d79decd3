import { hasAxis, printType } from '../ir/tensor-type.ts';
import { expectAtLeast, expectAxis } from './axis-checks.ts';
import { plus } from './binary.ts';
import { contractOver } from './contract.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** torch's `nn.Linear` on a named axis. */
export const linear = surfaceOp({
  name: 'linear',
  doc: 'A learned linear map of one axis into another: y[k] = sum_c weight[k, c] x[c] + bias[k]. All other axes are batched.',
  example: 'linear(C -> K: 14)(x)',
  arguments: {
    axes: {
      kind: 'mapping',
      positional: true,
      doc: 'the axis that is consumed, and the one that is made with its size',
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
    const [from, ...moreFrom] = args.axes.from;
    const [to, ...moreTo] = args.axes.to;
    if (from === undefined || to?.size === undefined || moreFrom.length > 0 || moreTo.length > 0) {
      return b.fail('N3005', '`linear` maps one axis to one axis with a size, as in `linear(C -> K: 14)`');
    }
    const consumed = expectAxis(b, '`linear`', x.type, from);
    if (consumed === undefined || !expectAtLeast(b, to.size, 1, `the size of ${to.axis}`)) return undefined;
    if (to.axis !== from && hasAxis(x.type, to.axis)) {
      return b.fail('N4003', `the result of \`linear\` would have axis ${to.axis} twice`, [
        `x is ${printType(x.type)}`,
        'use another name, or `rename` the axis that is already there',
      ]);
    }
    // The axis that is summed over has a name of its own in the weight, because C -> C: 14 makes another C.
    const made = { name: to.axis, size: to.size };
    const fan = { in: consumed.size, out: to.size };
    const fallback = { name: 'torch_default', args: {} };
    const weight = b.param(
      'weight',
      [made, { name: '.in', size: consumed.size }],
      args.init ?? fallback,
      fan,
    );
    const mapped = b.emitOne(contractOver, [x, weight], { over: [{ left: from, right: '.in' }] });
    if (args.bias === false) return mapped;
    return mapped && b.emitOne(plus, [mapped, b.param('bias', [made], args.bias_init ?? fallback, fan)], {});
  },
});
