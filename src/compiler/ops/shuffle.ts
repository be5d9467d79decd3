import { axisNames, findAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import { constant, floorDiv, print, type Size } from '../shapes/size.ts';
import { expectAtLeast, expectAxis, expectParts } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, concrete, replaced, sizeOf } from './nd-array.ts';
import type { Op } from './op.ts';
import { numberOf, product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type ShuffleAttributes = { readonly axis: string; readonly groups: Size };

/**
 * Channel shuffle: Zhang et al., "ShuffleNet", CVPR 2018. The axis is read as [groups, members] and written as
 * [members, groups], so that what follows in the same groups sees some of every group.
 */
export const shuffleGroups: Op<ShuffleAttributes> = {
  name: 'shuffle',
  doc: 'y[.., i g + k] = x[.., k n + i] for g groups of n',
  infer: (inputs, { axis, groups }, ctx) => {
    const x = only(inputs);
    const shuffled = expectAxis(ctx, '`shuffle`', x, axis);
    if (shuffled === undefined || !expectAtLeast(ctx, groups, 1, 'the number of groups of `shuffle`'))
      return undefined;
    const reason = `\`shuffle\` takes axis ${axis} of ${printType(x)} in ${print(groups)} equal groups`;
    return expectParts(ctx, shuffled, groups, reason, 'groups') ? [x] : undefined;
  },
  evaluate: (inputs, { axis, groups }, outputs) => {
    const { type, data } = only(inputs);
    const group = { name: `${axis}.group`, size: numberOf(groups) };
    const member = { name: `${axis}.member`, size: sizeOf(type, axis) / group.size };
    const out = only(outputs);
    const turned = arrange(
      { type: replaced(type, axis, [group, member]), data },
      replaced(out, axis, [member, group]),
    );
    return [{ type: out, data: turned.data }];
  },
  onnx: (e, { inputs, inputTypes, attributes }) => {
    const type = only(inputTypes);
    const { apart, turn } = turnOf(type, attributes);
    return [e.reshape(e.transpose(e.reshape(only(inputs), apart), turn), sizesOf(type))];
  },
  tfjs: (e, { inputs, inputTypes, attributes }) => {
    const type = only(inputTypes);
    const { apart, turn } = turnOf(type, attributes);
    const turned = `tf.transpose(tf.reshape(${only(inputs)}, ${e.shape(apart)}), [${turn.join(', ')}])`;
    return [`tf.reshape(${turned}, ${e.shape(sizesOf(type))})`];
  },
  // Back, as many groups as a group had members are taken.
  gradient: (b, { inputs, attributes: { axis, groups }, gradients }) => {
    const gradient = only(gradients);
    const members = floorDiv(findAxis(only(inputs).type, axis)?.size ?? groups, groups);
    return [gradient && b.one('shuffle', [gradient], { axis, groups: members })];
  },
  flops: () => constant(0),
  samples: [
    { inputs: [concrete({ N: 2, C: 6, H: 3, W: 5 })], attributes: { axis: 'C', groups: constant(2) } },
    { inputs: [concrete({ N: 2, C: 6, H: 3, W: 5 })], attributes: { axis: 'C', groups: constant(3) } },
    { inputs: [concrete({ W: 5, C: 12, N: 2 })], attributes: { axis: 'C', groups: constant(4) } },
    { inputs: [concrete({ C: 9 })], attributes: { axis: 'C', groups: constant(3) } },
    { inputs: [concrete({ N: 2, C: 5 })], attributes: { axis: 'C', groups: constant(1) } },
    { inputs: [concrete({ N: 6, C: 5 })], attributes: { axis: 'N', groups: constant(6) } },
  ],
};

/** The axes before and after are flattened, which keeps the rank small: [before, group, member, after]. */
function turnOf(
  type: TensorType,
  { axis, groups }: ShuffleAttributes,
): { apart: readonly Size[]; turn: readonly number[] } {
  const sizes = sizesOf(type);
  const position = axisNames(type).indexOf(axis);
  const members = floorDiv(sizes[position] ?? constant(1), groups);
  const before = sizes.slice(0, position);
  const after = sizes.slice(position + 1);
  const front = before.length === 0 ? [] : [product(before)];
  const back = after.length === 0 ? [] : [product(after)];
  const apart = [...front, groups, members, ...back];
  const first = front.length;
  return { apart, turn: apart.map((_size, i) => (i === first ? first + 1 : i === first + 1 ? first : i)) };
}

export const shuffle = surfaceOp({
  name: 'shuffle',
  doc: 'Channel shuffle: an axis of g groups of n is reordered into n groups of g, as ShuffleNet does.',
  example: 'shuffle(C, groups: 4)(x)',
  arguments: {
    axis: { kind: 'axis', positional: true, doc: 'the axis whose elements are reordered' },
    groups: { kind: 'size', doc: 'the number of groups that the axis consists of' },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { axis, groups }, operands) {
    const x = tensorOperand(b, 'shuffle', operands);
    return x && b.emitOne(shuffleGroups, [x], { axis, groups });
  },
});
