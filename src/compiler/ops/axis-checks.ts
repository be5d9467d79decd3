import { closest } from '../diagnostics/closest.ts';
import { findAxis, hasAxis, printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { compare, divides, positiveDivisor } from '../shapes/prop.ts';
import { constant, isConstant, print, type Size } from '../shapes/size.ts';
import type { OpRemedy, Reason, ShapeContext } from './op.ts';

/**
 * The axis of that name; N4002 where the tensor has none. `op` is what the user wrote, for the message; `help` says what
 * to do where no name is near.
 */
export function expectAxis(
  ctx: ShapeContext,
  op: string,
  type: TensorType,
  name: string,
  help?: string,
): Axis | undefined {
  return expectAxes(ctx, op, type, [name], help)?.[0];
}

/** The axes of those names, at least one (N3010), each there (N4002) and named once (N4003). */
export function expectAxes(
  ctx: ShapeContext,
  op: string,
  type: TensorType,
  names: readonly string[],
  help?: string,
): readonly Axis[] | undefined {
  if (names.length === 0) return ctx.fail('N3010', `${op} needs at least one axis`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return ctx.fail('N4003', `${op} names axis ${twice} twice`);
  const missing = names.filter((name) => !hasAxis(type, name));
  if (missing.length === 0) return names.flatMap((name) => findAxis(type, name) ?? []);
  const rest = missing.find((name) => hasAxis(type, `...${name}`));
  return ctx.fail(
    'N4002',
    `${op} works on ${axesOf(missing)}, which ${printType(type)} does not have`,
    rest === undefined
      ? [itsAxes(type)]
      : [
          itsAxes(type),
          `\`...${rest}\` stands for axes that the block does not touch; those it works on need names of their own`,
        ],
    rest === undefined ? remedyOf(type, names, missing, help) : undefined,
  );
}

function itsAxes({ axes }: TensorType): string {
  const [first, more] = axes;
  if (first === undefined) return 'it is a scalar';
  return more === undefined
    ? `its only axis is ${first.name}`
    : `its axes are ${listNames(axes.map(({ name }) => name))}`;
}

/** What to do about axes that are not there: another spelling, another name, or what the op itself advises. */
function remedyOf(
  type: TensorType,
  names: readonly string[],
  [name, more]: readonly string[],
  help: string | undefined,
): OpRemedy {
  if (name === undefined || more !== undefined) return help === undefined ? {} : { help };
  const free = type.axes.map((axis) => axis.name).filter((axis) => !names.includes(axis));
  const near = closest(name, free);
  if (near !== undefined) return { help: `did you mean \`${near}\`?`, misspelt: { word: name, meant: near } };
  const missing = [name];
  if (help !== undefined) return { help, missing };
  // The first is most often the batch, and nobody means that.
  const other = free.findLast((axis) => axis !== type.axes[0]?.name && !axis.startsWith('...'));
  return other === undefined
    ? { missing }
    : {
        missing,
        help: `name one that is there, or rename it before, as \`rename(${other} -> ${name})\` does`,
      };
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
  ctx.fail(
    'N4003',
    `the result of ${op} would have axis ${twice} twice`,
    [`it keeps ${printType(kept)} and adds ${listNames(added)}`],
    { help: 'use another name, or `rename` the axis that is already there' },
  );
  return false;
}

/** Demands the same axes, in whatever order (N4001); `what` and `as` name the tensors: "the gradient", "y". */
export function expectSameAxes(
  ctx: ShapeContext,
  what: string,
  type: TensorType,
  as: string,
  wanted: TensorType,
): boolean {
  const isSame =
    type.axes.length === wanted.axes.length &&
    wanted.axes.every(({ name, size }) => {
      const axis = findAxis(type, name);
      return axis !== undefined && ctx.equal(axis.size, size);
    });
  if (isSame) return true;
  ctx.fail('N4001', `${what} is ${printType(type)}, and ${as} is ${printType(wanted)}`);
  return false;
}

/** Demands f32 (N3011). */
export function expectFloat(ctx: ShapeContext, op: string, type: TensorType): boolean {
  if (type.dtype === 'f32') return true;
  ctx.fail('N3011', `\`${op}\` takes f32, not ${printType(type)}`, [], { help: 'use `cast(to: f32)`' });
  return false;
}

/** Demands int32 (N3011), for what counts elements. */
export function expectInt(ctx: ShapeContext, op: string, type: TensorType): boolean {
  if (type.dtype === 'int32') return true;
  ctx.fail('N3011', `\`${op}\` counts by int32, not by ${printType(type)}`, [], {
    help: `declare it as int32${printType(type)} where it comes from, or use \`cast(to: int32)\``,
  });
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

/** Divisors of sizes beyond it are not looked for one by one. */
const MAX_ADVISED = 2 ** 20;

/**
 * Demands that an axis can be taken in equal parts (N4005); `parts` is what they are called where their number can be chosen
 * freely.
 */
export function expectParts(
  ctx: ShapeContext,
  { name, size }: Axis,
  count: Size,
  reason: Reason,
  parts?: 'groups' | 'pieces',
): boolean {
  return ctx.require(divides(size, count), 'N4005', reason, () => {
    const [whole, by] = [size.value, count.value];
    if (whole === undefined || by === undefined || whole > MAX_ADVISED) return undefined;
    const below = whole - (whole % by);
    const fitting = `let ${name} be ${below === 0 ? by : `${below} or ${below + by}`}`;
    return parts === undefined
      ? fitting
      : `take ${divisorsBeside(whole, by).join(' or ')} ${parts}, or ${fitting}`;
  });
}

/** The divisors of a number that are nearest to one that is none: the last below it, and the first above it. */
function divisorsBeside(whole: number, by: number): readonly number[] {
  let below = Math.min(by, whole);
  while (whole % below !== 0) below--;
  if (by > whole) return [below];
  let above = by;
  while (whole % above !== 0) above++;
  return [below, above];
}

/** `axis H`, `axes H and W`. */
export function axesOf(names: readonly string[]): string {
  return names.length === 1 ? `axis ${names.join()}` : `axes ${listNames(names)}`;
}

/** `H`, `H and W`, `N, H and W`. */
export function listNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
