import { findAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import type { TensorValue } from '../ir/module.ts';
import { floorDiv, print, type Size } from '../shapes/size.ts';
import type { ArgumentSpecs, AxisSize } from './arguments.ts';
import { expectAtLeast, expectAxes, expectParts } from './axis-checks.ts';
import { factorAxis } from './factor.ts';
import { mergeAxes } from './merge.ts';
import type { ShapeContext } from './op.ts';
import { product } from './sizes-of.ts';
import { surfaceOp, tensorOperand, type OpBuilder } from './surface-op.ts';

/** The axis of places within a block along a spatial axis. */
const inner = (axis: string): string => `.${axis}`;

/** What both directions take: channels, and blocks of places. */
const blocks = {
  channels: { kind: 'axis', positional: true, doc: 'the axis of channels' },
  over: { kind: 'axisSizes', doc: 'the spatial axes and the size of a block along each' },
} as const satisfies ArgumentSpecs;

function expectBlocks(
  b: ShapeContext,
  op: string,
  x: TensorType,
  channels: string,
  over: readonly AxisSize[],
): boolean {
  if (expectAxes(b, `\`${op}\``, x, [channels, ...over.map(({ axis }) => axis)]) === undefined) return false;
  if (over.length === 0) {
    b.fail('N3010', `\`${op}\` needs at least one spatial axis`);
    return false;
  }
  return over.every(({ axis, size }) => expectAtLeast(b, size, 1, `the block of \`${op}\` along ${axis}`));
}

function expectDivisible(
  b: ShapeContext,
  op: string,
  x: TensorType,
  axis: string,
  by: Size,
): Size | undefined {
  const found = findAxis(x, axis);
  const reason = (): string => `\`${op}\` takes axis ${axis} of ${printType(x)} apart by ${print(by)}`;
  return found !== undefined && expectParts(b, found, by, reason) ? floorDiv(found.size, by) : undefined;
}

/**
 * torch's `pixel_unshuffle`: of channel c, place (i, j) of each block becomes channel (c h + i) w + j for blocks of h by
 * w. A rearrangement of axes, so that it is made of `factor` and `merge`.
 */
export const spaceToDepth = surfaceOp({
  name: 'space_to_depth',
  doc: "Blocks of places become channels, as in torch's `pixel_unshuffle`: of channel c, place (i, j) of each block of h by w goes to channel (c h + i) w + j. The sizes must be multiples of the block's.",
  example: 'space_to_depth(C, over: [H: 2, W: 2])(x)',
  arguments: blocks,
  operands: ['x'],
  parameterised: false,
  build(b, { channels, over }, operands) {
    let x = tensorOperand(b, 'space_to_depth', operands);
    if (x === undefined || !expectBlocks(b, 'space_to_depth', x.type, channels, over)) return undefined;
    for (const { axis, size } of over) {
      const outer = expectDivisible(b, 'space_to_depth', x.type, axis, size);
      if (outer === undefined) return undefined;
      x = factored(b, x, axis, [
        { axis, size: outer },
        { axis: inner(axis), size },
      ]);
      if (x === undefined) return undefined;
    }
    return b.emitOne(mergeAxes, [x], {
      from: [channels, ...over.map(({ axis }) => inner(axis))],
      to: channels,
    });
  },
});

/** torch's `pixel_shuffle`, the inverse of `space_to_depth`. */
export const depthToSpace = surfaceOp({
  name: 'depth_to_space',
  doc: "Channels become blocks of places, as in torch's `pixel_shuffle`: channel (c h + i) w + j goes to place (i, j) of each block of h by w of channel c. The channels must be a multiple of a block's places.",
  example: 'depth_to_space(C, over: [H: 2, W: 2])(x)',
  arguments: blocks,
  operands: ['x'],
  parameterised: false,
  build(b, { channels, over }, operands) {
    let x = tensorOperand(b, 'depth_to_space', operands);
    if (x === undefined || !expectBlocks(b, 'depth_to_space', x.type, channels, over)) return undefined;
    const places = product(over.map(({ size }) => size));
    const kept = expectDivisible(b, 'depth_to_space', x.type, channels, places);
    if (kept === undefined) return undefined;
    const made = over.map(({ axis, size }) => ({ axis: inner(axis), size }));
    x = factored(b, x, channels, [{ axis: channels, size: kept }, ...made]);
    for (const { axis } of over) {
      x = x && b.emitOne(mergeAxes, [x], { from: [axis, inner(axis)], to: axis });
    }
    return x;
  },
});

function factored(
  b: OpBuilder,
  x: TensorValue,
  from: string,
  to: readonly AxisSize[],
): TensorValue | undefined {
  return b.emitOne(factorAxis, [x], { from, to: to.map(({ axis, size }) => ({ axis, size })) });
}
