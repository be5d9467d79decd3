import { findAxis, hasAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { compare, positiveDivisor } from '../shapes/prop.ts';
import { constant, isConstant, print, type Size } from '../shapes/size.ts';
import type { ShapeContext } from './op.ts';

/** The axis of that name; N4002 where the tensor has none. `op` is what the user wrote, for the message. */
export function expectAxis(ctx: ShapeContext, op: string, type: TensorType, name: string): Axis | undefined {
  const axis = findAxis(type, name);
  if (axis !== undefined) return axis;
  const notes = [
    type.axes.length === 0 ? 'it is a scalar' : `its axes are ${listNames(type.axes.map((a) => a.name))}`,
  ];
  if (hasAxis(type, `...${name}`))
    notes.push(
      `\`...${name}\` stands for axes that the block does not touch; those it works on need names of their own`,
    );
  return ctx.fail('N4002', `${op} works on axis ${name}, which ${printType(type)} does not have`, notes);
}

/** The axes of those names, at least one (N3010), each there (N4002) and named once (N4003). */
export function expectAxes(
  ctx: ShapeContext,
  op: string,
  type: TensorType,
  names: readonly string[],
): readonly Axis[] | undefined {
  if (names.length === 0) return ctx.fail('N3010', `${op} needs at least one axis`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return ctx.fail('N4003', `${op} names axis ${twice} twice`);
  const axes = names.map((name) => expectAxis(ctx, op, type, name));
  const found = axes.filter((axis) => axis !== undefined);
  return found.length === names.length ? found : undefined;
}

/** Demands that the axes which an op adds to `kept` are new (N4003). */
export function expectNewAxes(
  ctx: ShapeContext,
  op: string,
  kept: TensorType,
  added: readonly string[],
): boolean {
  const twice = added.find((name, i) => hasAxis(kept, name) || added.indexOf(name) !== i);
  if (twice === undefined) return true;
  ctx.fail('N4003', `the result of ${op} would have axis ${twice} twice`, [
    `it keeps ${printType(kept)} and adds ${listNames(added)}`,
    'use another name, or `rename` the axis that is already there',
  ]);
  return false;
}

/** Demands f32 (N3011). */
export function expectFloat(ctx: ShapeContext, op: string, type: TensorType): boolean {
  if (type.dtype === 'f32') return true;
  ctx.fail('N3011', `${op} takes f32, not ${printType(type)}`, ['use `cast(to: f32)`']);
  return false;
}

/** Demands int32 (N3011), for what counts elements. */
export function expectInt(ctx: ShapeContext, op: string, type: TensorType): boolean {
  if (type.dtype === 'int32') return true;
  ctx.fail('N3011', `${op} counts by int32, not by ${printType(type)}`, ['use `cast(to: int32)`']);
  return false;
}

/** Demands that an argument is at least `least` (N3010); `what` names it: "the stride along H". */
export function expectAtLeast(ctx: ShapeContext, size: Size, least: number, what: string): boolean {
  const value = isConstant(size);
  if (value === undefined) {
    const prop = least === 1 ? positiveDivisor(size) : compare(size, '>=', constant(least));
    return ctx.require(prop, 'N3010', `${what} must be at least ${least}`);
  }
  if (value >= least) return true;
  ctx.fail('N3010', `${what} is ${print(size)}, but must be at least ${least}`);
  return false;
}

/** `H`, `H and W`, `N, H and W`. */
export function listNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
