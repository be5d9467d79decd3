import type { Size } from '../shapes/size.ts';

/** One axis and a length or step that belongs to it: `H: 3` in `over: [H: 3, W: 3]`. */
export interface AxisSize {
  readonly axis: string;
  readonly size: Size;
}

/** `C -> K: 14`, `[H, W] -> T`, `D -> [h: heads, d: D / heads]`, `C -> []`. */
export interface AxisMapping {
  readonly from: readonly string[];
  readonly to: readonly { readonly axis: string; readonly size: Size | undefined }[];
}

/** A number for all axes, or one per axis: `stride: 2`, `stride: [H: 2, W: 1]`. */
export type PerAxis =
  | { readonly kind: 'all'; readonly size: Size }
  | { readonly kind: 'each'; readonly sizes: readonly AxisSize[] };

/** `padding: same`, `padding: valid`, or explicit numbers on both sides. */
export type PaddingArgument =
  | { readonly kind: 'same' }
  | { readonly kind: 'valid' }
  | { readonly kind: 'explicit'; readonly by: PerAxis };

/** The initialiser of a parameter, with its own arguments filled in. */
export interface Init {
  readonly name: string;
  readonly args: Readonly<Record<string, number | string>>;
}

/** The kinds of arguments an op can take, and the type that each arrives as. */
export interface ArgumentTypes {
  axis: string;
  axes: readonly string[];
  axisSizes: readonly AxisSize[];
  mapping: AxisMapping;
  size: Size;
  number: number;
  bool: boolean;
  choice: string;
  perAxis: PerAxis;
  padding: PaddingArgument;
  init: Init;
}

export type ArgumentKind = keyof ArgumentTypes;

/**
 * One argument of an op. Arguments without `name:` in the source fill `positional` ones in order. `optional` ones
 * that are left out arrive as undefined; `default` is what the documentation says is then assumed.
 */
export interface ArgumentSpec {
  readonly kind: ArgumentKind;
  readonly doc: string;
  readonly positional?: true;
  readonly optional?: true;
  /** For the documentation: the value that the op assumes. */
  readonly default?: string;
  /** For `choice`. */
  readonly choices?: readonly string[];
  /** For a `size`, where a list is likely to be given: what to write in its place. */
  readonly insteadOfList?: string;
  /** For `axisSizes`, where the number 1 is likely to be given, for all axes: what to write in its place. */
  readonly insteadOfOne?: string;
  /** For a `mapping`: whether the axes that are made have sizes that must be said. */
  readonly isSized?: true;
}

export type ArgumentSpecs = { readonly [name: string]: ArgumentSpec };

/** The typed arguments that a table of specs describes. */
export type ArgumentsOf<S extends ArgumentSpecs> = {
  readonly [K in keyof S]: S[K] extends { readonly optional: true }
    ? ArgumentTypes[S[K]['kind']] | undefined
    : ArgumentTypes[S[K]['kind']];
};

/** The value for one axis, where it was given for all or for each; `otherwise` where it was left out. */
export function forAxis(given: PerAxis | undefined, axis: string, otherwise: Size): Size {
  if (given === undefined) return otherwise;
  if (given.kind === 'all') return given.size;
  return given.sizes.find((s) => s.axis === axis)?.size ?? otherwise;
}
