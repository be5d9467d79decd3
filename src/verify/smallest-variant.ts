import type { Module } from '../compiler/ir/module.ts';

/** Makes the model with other hyper-parameters, by name and as text; undefined where they do not fit it. */
export type MakeVariant = (set: Readonly<Record<string, string>>) => Module | undefined;

export interface Variant {
  readonly module: Module;
  /** What was changed; empty for the model as it is. */
  readonly set: Readonly<Record<string, string>>;
}

/** Lengths that are tried, from the least at which five halvings of an image leave a pixel. */
const lengths = [32, 48, 64, 96, 128];

/** From here on an axis is long, whether there is another like it or not. */
const long = 128;

/**
 * The model on the smallest input that it takes, for what is too slow on its own: hyper-parameters that give an input
 * its lengths are made smaller as far as the model compiles, to one length or else in proportion. The model itself where there
 * is no such hyper-parameter.
 */
export function smallestVariant(module: Module, make: MakeVariant): Variant {
  const current = inputLengths(module);
  const hypers = module.model.hypers
    .map(({ name, value }) => ({ name, value: Number(value) }))
    .filter(({ value }) => current.has(value));
  const largest = Math.max(0, ...hypers.map(({ value }) => value));
  for (const length of lengths.filter((candidate) => candidate < largest)) {
    const equal = hypers.map(({ name, value }) => [name, Math.min(value, length)] as const);
    const scaled = hypers.map(({ name, value }) => [name, (value * length) / largest] as const);
    for (const sizes of [equal, scaled]) {
      if (!sizes.every(([, size]) => Number.isInteger(size))) continue;
      const set = Object.fromEntries(sizes.map(([name, size]) => [name, String(size)]));
      const variant = make(set);
      if (variant !== undefined) return { module: variant, set };
    }
  }
  return { module, set: {} };
}

/** Lengths of axes of inputs that are long, and those of the sides of square images, which occur twice. */
function inputLengths(module: Module): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { type } of module.functions.get(module.model.func)?.inputs ?? []) {
    const sizes = type.axes.map(({ size }) => size.value ?? 0);
    for (const size of sizes) {
      const isSide = size > 8 && sizes.filter((other) => other === size).length > 1;
      if (isSide || size >= long) found.add(size);
    }
  }
  return found;
}
