import { constant, floorDiv, print } from '../shapes/size.ts';
import type { TensorValue } from '../ir/module.ts';
import { expectAtLeast, expectAxes, expectAxis, expectParts } from './axis-checks.ts';
import { multiply, plus } from './binary.ts';
import { factorAxis } from './factor.ts';
import { layerNormalise } from './layer-norm.ts';
import { mergeAxes } from './merge.ts';
import { surfaceOp, tensorOperand, type OpBuilder } from './surface-op.ts';

/** x * weight + bias with a learned number of each for every channel. */
function scaledAndShifted(
  b: OpBuilder,
  x: TensorValue | undefined,
  channel: string,
): TensorValue | undefined {
  const axis = x && expectAxis(b, 'a norm', x.type, channel);
  if (x === undefined || axis === undefined) return undefined;
  // Each element is connected with one input and one output.
  const fan = { in: constant(1), out: constant(1) };
  const weight = b.param('weight', [axis], { name: 'ones', args: {} }, fan);
  const bias = b.param('bias', [axis], { name: 'zeros', args: {} }, fan);
  const scaled = b.emitOne(multiply, [x, weight], {});
  return scaled && b.emitOne(plus, [scaled, bias], {});
}

const overArgument = {
  kind: 'axes',
  doc: 'the axes beside the channels over which mean and variance are taken',
} as const;
const epsArgument = {
  kind: 'number',
  optional: true,
  default: '1e-5',
  doc: 'added to the variance',
} as const;

export const groupNorm = surfaceOp({
  name: 'group_norm',
  doc: 'Group normalisation (Wu, He, ECCV 2018): the channels are taken in equal groups, and each group of a sample is normalised by its own mean and variance over its channels and the axes named; then each channel is scaled and shifted.',
  example: 'group_norm(C, groups: 32, over: [H, W])(x)',
  arguments: {
    channel: { kind: 'axis', positional: true, doc: 'the axis of channels' },
    groups: { kind: 'size', doc: 'the number of groups, which divides that of channels' },
    over: overArgument,
    eps: epsArgument,
    affine: { kind: 'bool', optional: true, default: 'true', doc: 'whether it has a weight and a bias' },
  },
  operands: ['x'],
  parameterised: true,
  build(b, { channel, groups, over, eps = 1e-5, affine = true }, operands) {
    const x = tensorOperand(b, 'group_norm', operands);
    const axis = x && expectAxis(b, '`group_norm`', x.type, channel);
    if (x === undefined || axis === undefined) return undefined;
    if (expectAxes(b, '`group_norm`', x.type, [channel, ...over]) === undefined) return undefined;
    if (!expectAtLeast(b, groups, 1, 'the number of groups of `group_norm`')) return undefined;
    const reason = `\`group_norm\` takes axis ${channel} in ${print(groups)} equal groups`;
    if (!expectParts(b, axis, groups, reason, 'groups')) return undefined;

    const to = [
      { axis: '.group', size: groups },
      { axis: '.member', size: floorDiv(axis.size, groups) },
    ];
    const apart = b.emitOne(factorAxis, [x], { from: channel, to });
    const normal = apart && b.emitOne(layerNormalise, [apart], { over: ['.member', ...over], eps });
    const together = normal && b.emitOne(mergeAxes, [normal], { from: ['.group', '.member'], to: channel });
    return affine ? scaledAndShifted(b, together, channel) : together;
  },
});

export const instanceNorm = surfaceOp({
  name: 'instance_norm',
  doc: 'Instance normalisation (Ulyanov, Vedaldi, Lempitsky, 2016): each channel of each sample is normalised by its own mean and variance over the axes named.',
  example: 'instance_norm(C, over: [H, W])(x)',
  arguments: {
    channel: { kind: 'axis', positional: true, doc: 'the axis of channels' },
    over: overArgument,
    eps: epsArgument,
    affine: {
      kind: 'bool',
      optional: true,
      default: 'false',
      doc: 'whether each channel is then scaled and shifted by a learned weight and bias',
    },
  },
  operands: ['x'],
  parameterised: true,
  build(b, { channel, over, eps = 1e-5, affine = false }, operands) {
    const x = tensorOperand(b, 'instance_norm', operands);
    if (x === undefined || expectAxis(b, '`instance_norm`', x.type, channel) === undefined) return undefined;
    if (expectAxes(b, '`instance_norm`', x.type, [channel, ...over]) === undefined) return undefined;
    const normal = b.emitOne(layerNormalise, [x], { over, eps });
    return affine ? scaledAndShifted(b, normal, channel) : normal;
  },
});
