// The types of generator.mjs, which is plain JavaScript because generated programs carry a copy of it.

/** Two 32-bit words, the low one first. */
export type PhiloxKey = readonly [number, number];
/** Four 32-bit words. */
export type PhiloxCounter = readonly [number, number, number, number];

/** How the initial value of a parameter is drawn; the meaning of each kind stands at `distributionOf`. */
export type InitialSpec =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  /** Evenly between low and high. */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /** Normal, conditioned on lying within two `std` of `mean`; its own deviation is 0.88 `std`. */
  | { readonly kind: 'truncated_normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'he_normal' | 'he_uniform'; readonly fan: 'in' | 'out' }
  | { readonly kind: 'glorot_normal' | 'glorot_uniform' }
  | { readonly kind: 'lecun_normal' }
  | { readonly kind: 'torch_default' };

/** What initialisers come down to; `share` is the middle part of the normal distribution that is drawn from. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number; readonly share: number };

/** The key of the sequence (seed, name). `seed`: an integer from 0 to 2^53 - 1, else RangeError. */
export function keyOf(seed: number, name: string): PhiloxKey;

/** One block of Philox 4x32-10. */
export function philox4x32(counter: PhiloxCounter, key: PhiloxKey): Uint32Array;

/** Fills `words` (a multiple of 4 long) with the blocks at `counter` and after it. */
export function fillWords(words: Uint32Array, key: PhiloxKey, counter: PhiloxCounter): void;

/** `count` numbers in [0, 1), multiples of 2^-24. */
export function uniforms(
  count: number,
  seed: number,
  name: string,
  stream?: number,
): Float32Array<ArrayBuffer>;

/** A permutation of 0 .. count-1. */
export function permutation(
  count: number,
  seed: number,
  name: string,
  stream?: number,
): Uint32Array<ArrayBuffer>;

/** Of the polynomials in `normalQuantile`, highest powers first. */
export const coefficients: {
  readonly logarithm: Float64Array;
  readonly middleNumerator: Float64Array;
  readonly middleDenominator: Float64Array;
  readonly tailNumerator: Float64Array;
  readonly tailDenominator: Float64Array;
};

/** z with P(Z <= z) = 1/2 + q for a standard normal Z; RangeError unless -1/2 < q < 1/2. */
export function normalQuantile(q: number): number;

/**
 * The initial value of the parameter `name` of this shape, row-major. The fans matter only to the kinds whose
 * definition has them, and must be positive there (RangeError).
 */
export function fillInitial(
  spec: InitialSpec,
  shape: readonly number[],
  fanIn: number,
  fanOut: number,
  seed: number,
  name: string,
): Float32Array<ArrayBuffer>;

/** What an initialiser draws from. RangeError as for `fillInitial`. */
export function distributionOf(spec: InitialSpec, fanIn: number, fanOut: number): Distribution;
