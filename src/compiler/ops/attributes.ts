import { Size } from '../shapes/polynomial.ts';
import { substitute, type SizeVar } from '../shapes/size.ts';

/** What an op's attributes are made of. Sizes stay symbolic until the program is flattened. */
export type AttributeValue =
  | number
  | string
  | boolean
  | undefined
  | Size
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue };

export type Attributes = { readonly [name: string]: AttributeValue };

/** Of an op that has none. */
export type NoAttributes = Readonly<Record<string, never>>;

/** The same attributes with variables of sizes replaced; what an instantiation does to an op. */
export function substituteAttributes<A extends Attributes>(
  attributes: A,
  sizes: ReadonlyMap<SizeVar, Size>,
): A {
  const walk = (value: AttributeValue): AttributeValue => {
    if (typeof value !== 'object') return value;
    if (value instanceof Size) return substitute(value, sizes);
    if (Array.isArray(value)) return value.map(walk);
    return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, walk(v)]));
  };
  // The walk keeps the structure, so that the result has the type it came with.
  return walk(attributes) as A;
}

/** Canonical text of attributes: equal attributes have equal keys. */
export function attributesKey(attributes: Attributes): string {
  const walk = (value: AttributeValue): string => {
    if (value === undefined) return 'undefined';
    if (typeof value !== 'object') return JSON.stringify(value);
    if (value instanceof Size) return `<${value.key}>`;
    if (Array.isArray(value)) return `[${value.map(walk).join(',')}]`;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([name, v]) => `${name}:${walk(v)}`).join(',')}}`;
  };
  return walk(attributes);
}
