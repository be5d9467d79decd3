import { findAxis, hasAxis, printType } from '../ir/tensor-type.ts';
import { plus } from './binary.ts';
import { contract } from './contract.ts';
import { renameAxes } from './rename.ts';
import { surfaceOp } from './surface-op.ts';

/** y[.., k] = sum over c of weight[k, c] x[.., c] + bias[k]; torch's `nn.Linear` on the named axis. */
export const linear = surfaceOp({
  name: 'linear',
  doc: 'A learned linear map of one axis into another: y[k] = sum_c weight[k, c] x[c] + bias[k]. All other axes are batched.',
  example: 'linear(C -> K: 14)(x)',
  arguments: {
    axes: { kind: 'mapping', positional: true, doc: 'the axis that is consumed, and the one that is made with its size' },
    bias: { kind: 'bool', optional: true, default: 'true', doc: 'whether a bias is added' },
    init: { kind: 'init', optional: true, default: 'torch_default', doc: "the weight's initialiser" },
    bias_init: { kind: 'init', optional: true, default: 'torch_default', doc: "the bias' initialiser" },
  },
  operands: ['x'],
  parameterised: true,
  build(b, args, [x]) {
    const [from, ...moreFrom] = args.axes.from;
    const [to, ...moreTo] = args.axes.to;
    if (x?.kind !== 'tensor') return undefined;
    if (from === undefined || to?.size === undefined || moreFrom.length > 0 || moreTo.length > 0) {
      return b.fail('N3005', '`linear` maps one axis to one axis with a size, as in `linear(C -> K: 14)`');
    }
    const axis = findAxis(x.type, from);
    if (axis === undefined) return b.fail('N4002', `there is no axis ${from} in ${printType(x.type)}`);
    if (to.axis !== from && hasAxis(x.type, to.axis)) {
      return b.fail('N4003', `the result would have axis ${to.axis} twice: it is already in ${printType(x.type)}`);
    }
    const fan = { in: axis.size, out: to.size };
    const out = { name: '.out', size: to.size };
    const fallback = { name: 'torch_default', args: {} };
    const weight = b.param('weight', [out, { name: from, size: axis.size }], args.init ?? fallback, fan);
    const mapped = b.emitOne(contract, [x, weight], { over: [from] });
    if (mapped === undefined) return undefined;
    const biased =
      args.bias === false
        ? mapped
        : b.emitOne(plus, [mapped, b.param('bias', [out], args.bias_init ?? fallback, fan)], {});
    return biased && b.emitOne(renameAxes, [biased], { from: ['.out'], to: [to.axis] });
  },
});
