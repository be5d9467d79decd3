import type { Module } from '../compiler/ir/module.ts';

/** Makes the model with other hyper-parameters, by name and as text; undefined where they do not fit it. */
export type MakeVariant = (set: Readonly<Record<string, string>>) => Module | undefined;

export interface Variant {
  readonly module: Module;
  /** What was changed; empty for the model as it is. */
  readonly set: Readonly<Record<string, string>>;
}

/** Lengths of an image that are tried, from the least at which five halvings leave a pixel. */
const lengths = [32, 48, 64, 96, 128];

/**
 * The model on the smallest input that it takes, for what is too slow on its own: hyper-parameters that give an input
 * its length are made smaller as far as the model compiles. The model itself where there is no such hyper-parameter.
 */
export function smallestVariant(module: Module, make: MakeVariant): Variant {
  const current = inputLengths(module);
  const names = module.model.hypers.filter(({ value }) => current.has(Number(value))).map(({ name }) => name);
  const largest = Math.max(...current);
  if (names.length > 0) {
    for (const length of lengths.filter((candidate) => candidate < largest)) {
      const set = Object.fromEntries(names.map((name) => [name, String(length)]));
      const variant = make(set);
      if (variant !== undefined) return { module: variant, set };
    }
  }
  return { module, set: {} };
}

/** Lengths of inputs that occur on two axes of one: the sides of images. */
function inputLengths(module: Module): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { type } of module.functions.get(module.model.func)?.inputs ?? []) {
    const sizes = type.axes.map(({ size }) => size.value ?? 0);
    for (const size of sizes) {
      if (size > 8 && sizes.filter((other) => other === size).length > 1) found.add(size);
    }
  }
  return found;
}
