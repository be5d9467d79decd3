import type { TensorValue } from '../ir/module.ts';
import type { Axis, TensorType } from '../ir/tensor-type.ts';
import { constant, mul, print, type Size } from '../shapes/size.ts';
import type { ArgumentSpecs, AxisMapping, Init } from './arguments.ts';
import { expectAtLeast, expectAxis, expectParts } from './axis-checks.ts';
import { kernelAxis } from './kernel-axis.ts';
import type { ShapeContext } from './op.ts';
import { sumOver } from './reduce.ts';
import { product } from './sizes-of.ts';
import type { OpBuilder } from './surface-op.ts';
import type { Window } from './window.ts';

/** The arguments of `conv` and `conv_transpose` that do not depend on which way the kernel is laid. */
export const channelArguments = {
  axes: {
    kind: 'mapping',
    positional: true,
    isSized: true,
    doc: 'the axis of channels, and the one that is made with its size; `-> []` makes one channel and drops its axis',
  },
} as const satisfies ArgumentSpecs;

export const weightArguments = {
  groups: {
    kind: 'size',
    optional: true,
    default: '1',
    doc: 'groups of channels that do not see each other',
  },
  bias: { kind: 'bool', optional: true, default: 'true', doc: 'whether a bias is added' },
  init: { kind: 'init', optional: true, default: 'torch_default', doc: "the weight's initialiser" },
  bias_init: { kind: 'init', optional: true, default: 'torch_default', doc: "the bias' initialiser" },
} as const satisfies ArgumentSpecs;

/** What `from -> to: 64` and `groups` say of channels. */
export interface Channels {
  readonly from: string;
  readonly inputs: Size;
  readonly to: string;
  readonly outputs: Size;
  readonly groups: Size;
  /** `C -> []`: the one channel that is made is summed away. */
  readonly dropped: boolean;
}

/** Undefined after a complaint: of the mapping (N3005), a missing axis (N4002), a number too small, groups (N4005). */
export function channelsFrom(
  b: ShapeContext,
  op: string,
  x: TensorType,
  given: { readonly axes: AxisMapping; readonly groups: Size | undefined },
): Channels | undefined {
  const mapped = mappedChannels(b, op, given.axes);
  const inputs = mapped && expectAxis(b, `\`${op}\``, x, mapped.from)?.size;
  if (mapped === undefined || inputs === undefined) return undefined;
  const { from, to, outputs } = mapped;
  const groups = given.groups ?? constant(1);
  const counts = [
    expectAtLeast(b, outputs, 1, `the size of ${to}`),
    expectAtLeast(b, groups, 1, `the number of groups of \`${op}\``),
  ];
  if (counts.includes(false)) return undefined;
  const inGroups =
    groups.value === 1
      ? []
      : [
          { name: from, size: inputs },
          { name: to, size: outputs },
        ];
  const grouped = inGroups.map((axis) =>
    expectParts(
      b,
      axis,
      groups,
      `\`${op}\` takes axis ${axis.name} in ${print(groups)} equal groups`,
      'groups',
    ),
  );
  return grouped.includes(false) ? undefined : { ...mapped, inputs, groups };
}

/** `C -> K: 64`, or `C -> []`. Undefined after a complaint (N3005). */
function mappedChannels(
  ctx: ShapeContext,
  op: string,
  { from: [from, ...moreFrom], to: [to, ...moreTo] }: AxisMapping,
): Pick<Channels, 'from' | 'to' | 'outputs' | 'dropped'> | undefined {
  const dropped = to === undefined;
  const outputs = dropped ? constant(1) : to.size;
  if (from !== undefined && outputs !== undefined && moreFrom.length === 0 && moreTo.length === 0) {
    return { from, to: to?.axis ?? '.out', outputs, dropped };
  }
  return ctx.fail(
    'N3005',
    `\`${op}\` maps one axis to one axis with a size, as in \`${op}(C -> K: 64, ...)\`, or to none`,
  );
}

/**
 * The weight, its axes of channels followed by those of the kernel, and the bias, if there is to be one. Fans are torch's:
 * of the weight's shape, whatever it means and whatever the groups.
 */
export function kernelParams(
  b: OpBuilder,
  [first, second]: readonly [Axis, Axis],
  windows: readonly Window[],
  outputs: Size,
  given: {
    readonly bias: boolean | undefined;
    readonly init: Init | undefined;
    readonly bias_init: Init | undefined;
  },
): readonly TensorValue[] {
  const kernel = windows.map((window) => ({ name: kernelAxis(window.axis), size: window.kernel }));
  const taps = product(kernel.map(({ size }) => size));
  const fan = { in: mul(second.size, taps), out: mul(first.size, taps) };
  const fallback = { name: 'torch_default', args: {} };
  const weight = b.param('weight', [first, second, ...kernel], given.init ?? fallback, fan);
  if (given.bias === false) return [weight];
  return [weight, b.param('bias', [{ name: '.out', size: outputs }], given.bias_init ?? fallback, fan)];
}

/** A convolution without the axis of its one channel, where `-> []` asked for that. */
export function withoutDropped(
  b: OpBuilder,
  y: TensorValue | undefined,
  { to, dropped }: Channels,
): TensorValue | undefined {
  return dropped ? y && b.emitOne(sumOver, [y], { over: [to] }) : y;
}
