import { Size } from '../shapes/polynomial.ts';
import type { ArgumentKind, ArgumentTypes } from '../ops/arguments.ts';
import type { Factory, Hypers, OpArguments, Val } from './value.ts';

/**
 * The sizes among hyper-parameters that are arguments of a function, in a fixed order: every integer and count of
 * labels, and within lists and blocks those that are not constants. `ConvBn(C / 2)` as a hyper-parameter of a block
 * so becomes a function in which C / 2 is a variable, and a call of it with that size.
 */
export function sizesOfHypers(hypers: Hypers): readonly Size[] {
  const sizes: Size[] = [];
  mapHyperSizes(hypers, (size) => {
    sizes.push(size);
    return size;
  });
  return sizes;
}

/** Replaces the sizes that {@link sizesOfHypers} finds, in its order; `name` says where one stands, `widths_0`. */
export function mapHyperSizes(hypers: Hypers, replace: (size: Size, name: string) => Size): Hypers {
  const mapped = new Map<string, Val>();
  for (const [name, val] of hypers) {
    if (val.kind === 'int') mapped.set(name, { kind: 'int', size: replace(val.size, name) });
    else if (val.kind === 'labels') mapped.set(name, { ...val, count: replace(val.count, name) });
    else
      mapped.set(
        name,
        mapNested(val, name, (size, at) => (size.value === undefined ? replace(size, at) : size)),
      );
  }
  return mapped;
}

type Replace = (size: Size, name: string) => Size;

function mapNested(val: Val, name: string, replace: Replace): Val {
  switch (val.kind) {
    case 'int':
      return { kind: 'int', size: replace(val.size, name) };
    case 'labels':
      return { ...val, count: replace(val.count, name) };
    case 'items':
      return { kind: 'items', items: val.items.map((item, i) => mapNested(item, `${name}_${i}`, replace)) };
    case 'factory':
      return { ...val, make: mapFactory(val.make, name, replace) };
    default:
      return val;
  }
}

function mapFactory(make: Factory, name: string, replace: Replace): Factory {
  if (make.of === 'block') {
    const hypers = [...make.hypers].map(([key, val]): [string, Val] => [
      key,
      mapNested(val, `${name}_${key}`, replace),
    ]);
    return { ...make, hypers: new Map(hypers) };
  }
  const args: Record<string, OpArguments[string]> = {};
  for (const [key, value] of Object.entries(make.args))
    args[key] = mapArgument(value, `${name}_${key}`, replace);
  return { ...make, args };
}

function mapArgument(value: OpArguments[string], name: string, replace: Replace): OpArguments[string] {
  const walk = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (part instanceof Size) return replace(part, name);
    if (Array.isArray(part)) return part.map(walk);
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
  };
  // The walk keeps the structure, so that the result has the type it came with.
  return walk(value) as ArgumentTypes[ArgumentKind] | undefined;
}
