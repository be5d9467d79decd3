import type { InitialSpec } from './generator.mjs';

export { fillInitial } from './generator.mjs';
export type { InitialSpec } from './generator.mjs';

/** An argument of an initialiser as the language writes it: `normal(std: 0.02)`, `he_normal(fan: "out")`. */
export type InitializerArgument =
  | { readonly kind: 'number'; readonly default?: number; readonly min?: number }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] };

interface Initializer {
  readonly doc: string;
  readonly arguments: Readonly<Record<string, InitializerArgument>>;
}

const fan: InitializerArgument = { kind: 'choice', default: 'in', choices: ['in', 'out'] };
const mean: InitializerArgument = { kind: 'number', default: 0 };
const std: InitializerArgument = { kind: 'number', default: 1, min: 0 };

/** The initialisers of the language: the checker's table and the reference's. Arguments without a default are required. */
export const initializers: { readonly [K in InitialSpec['kind']]: Initializer } = {
  zeros: { doc: 'all 0', arguments: {} },
  ones: { doc: 'all 1', arguments: {} },
  constant: { doc: 'all the same value', arguments: { value: { kind: 'number' } } },
  uniform: {
    doc: 'evenly between low and high',
    arguments: { low: { kind: 'number' }, high: { kind: 'number' } },
  },
  normal: { doc: 'normal', arguments: { mean, std } },
  truncated_normal: { doc: 'normal, within two std of the mean', arguments: { mean, std } },
  he_normal: { doc: 'normal, variance 2 / fan', arguments: { fan } },
  he_uniform: { doc: 'uniform, variance 2 / fan', arguments: { fan } },
  glorot_normal: { doc: 'normal, variance 2 / (fan in + fan out)', arguments: {} },
  glorot_uniform: { doc: 'uniform, variance 2 / (fan in + fan out)', arguments: {} },
  lecun_normal: { doc: 'normal, variance 1 / fan in', arguments: {} },
  torch_default: { doc: 'uniform, at most 1 / sqrt(fan in)', arguments: {} },
};

export function isInitializer(name: string): name is InitialSpec['kind'] {
  return Object.hasOwn(initializers, name);
}

/**
 * The specification of an initialiser whose name and arguments the checker has accepted against the table above;
 * RangeError for what it should not have accepted.
 */
export function initialSpec(name: string, given: Readonly<Record<string, number | string>>): InitialSpec {
  if (!isInitializer(name)) throw new RangeError(`unknown initialiser ${name}`);
  const argument = (key: string) => given[key] ?? initializers[name].arguments[key]?.default;
  const number = (key: string): number => {
    const value = argument(key);
    if (typeof value !== 'number') throw new RangeError(`${name} needs the number ${key}`);
    return value;
  };
  switch (name) {
    case 'zeros':
    case 'ones':
    case 'glorot_normal':
    case 'glorot_uniform':
    case 'lecun_normal':
    case 'torch_default':
      return { kind: name };
    case 'constant':
      return { kind: name, value: number('value') };
    case 'uniform':
      return { kind: name, low: number('low'), high: number('high') };
    case 'normal':
    case 'truncated_normal':
      return { kind: name, mean: number('mean'), std: number('std') };
    case 'he_normal':
    case 'he_uniform': {
      const chosen = argument('fan');
      if (chosen !== 'in' && chosen !== 'out') throw new RangeError(`${name} needs fan "in" or "out"`);
      return { kind: name, fan: chosen };
    }
  }
}
