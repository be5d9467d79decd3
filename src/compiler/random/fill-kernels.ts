import { coefficients } from './generator.mjs';
import {
  assembleModule,
  f64x2,
  FunctionBuilder,
  i32,
  i32x4,
  i64x2,
  repeat,
  v128,
  when,
  type Code,
  type Local,
  type Value,
} from './wasm-assembler.ts';

/**
 * The loops of generator.mjs for WebAssembly, with SIMD: all floating-point operations are those of that file, in its
 * order, so that all results are its results to the last bit. What the formulas mean, and whose they are, stands there.
 */

/** Numbers that are made in one call: they stay in the first-level cache while they become values. */
export const CHUNK = 4096;

/** Addresses in the module's memory: the random words of a chunk, and the float32 values that they become. */
const WORDS = 0;
export const VALUES = WORDS + 4 * CHUNK;
/** A list of the elements in the tails of the normal distribution, with room to make an odd list even. */
const TAILS = VALUES + 4 * CHUNK;
const END_OF_MEMORY = TAILS + 4 * (CHUNK + 2);

/** What the module exports. Each works on the elements whose offsets in bytes, 4 * index, are below `end`, rounded up. */
export interface FillKernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  /**
   * Makes the words from the start of this block on, of stream 0. The blocks of a chunk must have the upper half of
   * their number in common, as they do where chunks begin at multiples of their length.
   */
  words(end: number, keyLow: number, keyHigh: number, blockLow: number, blockHigh: number): void;
  /** low + range * u. */
  uniform(end: number, low: number, range: number): void;
  /** mean + deviation * z, where z is from the middle `share` of the normal distribution. */
  normal(end: number, mean: number, deviation: number, share: number): void;
}

export function assembleFillKernels(): Uint8Array<ArrayBuffer> {
  return assembleModule([words(), uniform(), normal()], Math.ceil(END_OF_MEMORY / 65536));
}

type Vector = Value<'v128'>;
type VectorLocal = Local<'v128'>;

function fourVectors(f: FunctionBuilder): readonly [VectorLocal, VectorLocal, VectorLocal, VectorLocal] {
  return [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')];
}

// ---------------------------------------------------------------------------------------------------------------
// Philox 4x32-10: four blocks at a time, one in each lane.
// ---------------------------------------------------------------------------------------------------------------

const ROUNDS = 10;

function words(): FunctionBuilder {
  const f = new FunctionBuilder('words');
  const end = f.param('i32');
  const keyLow = f.param('i32');
  const keyHigh = f.param('i32');
  const blockLow = f.param('i32');
  const blockHigh = f.param('i32');
  const at = f.local('i32');
  const block = f.local('v128');
  const [c0, c1, c2, c3] = fourVectors(f);
  const k0 = f.local('v128');
  const k1 = f.local('v128');
  const [product0, product0High, product1, product1High] = fourVectors(f);

  const inAllLanes = (value: number): Vector => i32x4.const(value, value, value, value);
  const multiplier0 = inAllLanes(0xd2511f53);
  const multiplier1 = inAllLanes(0xcd9e8d57);
  const upperHalves = (a: Vector, b: Vector): Vector => i32x4.shuffle(a, b, 1, 3, 5, 7);
  const lowerHalves = (a: Vector, b: Vector): Vector => i32x4.shuffle(a, b, 0, 2, 4, 6);
  const round: Code = [
    product0.set(i64x2.productLow(c0, multiplier0)),
    product0High.set(i64x2.productHigh(c0, multiplier0)),
    product1.set(i64x2.productLow(c2, multiplier1)),
    product1High.set(i64x2.productHigh(c2, multiplier1)),
    c0.set(v128.xor(v128.xor(upperHalves(product1, product1High), c1), k0)),
    c1.set(lowerHalves(product1, product1High)),
    c2.set(v128.xor(v128.xor(upperHalves(product0, product0High), c3), k1)),
    c3.set(lowerHalves(product0, product0High)),
    k0.set(i32x4.add(k0, inAllLanes(0x9e3779b9))),
    k1.set(i32x4.add(k1, inAllLanes(0xbb67ae85))),
  ];
  // The lanes hold blocks, memory wants the four words of each block side by side: a transposition.
  const firstTwo = (a: Vector, b: Vector): Vector => i32x4.shuffle(a, b, 0, 4, 1, 5);
  const lastTwo = (a: Vector, b: Vector): Vector => i32x4.shuffle(a, b, 2, 6, 3, 7);
  const join = (a: Vector, b: Vector, half: 0 | 2): Vector =>
    i32x4.shuffle(a, b, half, half + 1, half + 4, half + 5);
  const [a, b, c, d] = [product0, product0High, product1, product1High];
  const store: Code = [
    a.set(firstTwo(c0, c1)),
    b.set(firstTwo(c2, c3)),
    c.set(lastTwo(c0, c1)),
    d.set(lastTwo(c2, c3)),
    v128.store(at, join(a, b, 0), WORDS),
    v128.store(at, join(a, b, 2), WORDS + 16),
    v128.store(at, join(c, d, 0), WORDS + 32),
    v128.store(at, join(c, d, 2), WORDS + 48),
  ];
  return f.body([
    block.set(i32x4.add(i32x4.splat(blockLow), i32x4.const(0, 1, 2, 3))),
    repeat(at, i32.const(0), end, 64, [
      c0.set(block),
      c1.set(i32x4.splat(blockHigh)),
      c2.set(inAllLanes(0)),
      c3.set(inAllLanes(0)),
      k0.set(i32x4.splat(keyLow)),
      k1.set(i32x4.splat(keyHigh)),
      Array<Code>(ROUNDS).fill(round),
      store,
      block.set(i32x4.add(block, inAllLanes(4))),
    ]),
  ]);
}

// ---------------------------------------------------------------------------------------------------------------
// Values: four words are two pairs of float64.
// ---------------------------------------------------------------------------------------------------------------

/** (word + 1/2) / 2^32 for the words 0 and 1. */
const fractions = (pair: Vector): Vector =>
  f64x2.mul(f64x2.add(f64x2.fromUnsigned(pair), f64x2.const(0.5)), f64x2.const(2 ** -32));

const secondPair = (four: Vector): Vector => i32x4.shuffle(four, four, 2, 3, 2, 3);

const storeValues = (at: Value<'i32'>, first: Vector, second: Vector): Code =>
  v128.store(at, i32x4.shuffle(f64x2.toFloat32(first), f64x2.toFloat32(second), 0, 1, 4, 5), VALUES);

function uniform(): FunctionBuilder {
  const f = new FunctionBuilder('uniform');
  const end = f.param('i32');
  const low = f.param('f64');
  const range = f.param('f64');
  const at = f.local('i32');
  const four = f.local('v128');
  const value = (pair: Vector): Vector =>
    f64x2.add(f64x2.splat(low), f64x2.mul(f64x2.splat(range), fractions(pair)));
  return f.body(
    repeat(at, i32.const(0), end, 16, [
      four.set(v128.load(at, WORDS)),
      storeValues(at, value(four), value(secondPair(four))),
    ]),
  );
}

/** A polynomial by Horner's rule; the coefficient of the highest power comes first. */
function polynomial(x: Vector, [first = 0, ...others]: Float64Array): Vector {
  return others.reduce(
    (sum, coefficient) => f64x2.add(f64x2.mul(sum, x), f64x2.const(coefficient)),
    f64x2.const(first),
  );
}

/**
 * Branches would be taken at random by one value in seven, so that there are none: the formula for the middle is
 * applied to all elements, and those that are in the tails are listed and then done over, two at a time.
 */
function normal(): FunctionBuilder {
  const f = new FunctionBuilder('normal');
  const end = f.param('i32');
  const mean = f.param('f64');
  const deviation = f.param('f64');
  const share = f.param('f64');
  const at = f.local('i32');
  const endOfTails = f.local('i32');

  const fromMedian = (pair: Vector): Vector =>
    f64x2.mul(f64x2.sub(fractions(pair), f64x2.const(0.5)), f64x2.splat(share));
  const scaled = (z: Vector): Vector => f64x2.add(f64x2.splat(mean), f64x2.mul(f64x2.splat(deviation), z));
  return f.body([
    endOfTails.set(i32.const(TAILS)),
    repeat(at, i32.const(0), end, 16, middle(f, at, endOfTails, fromMedian, scaled)),
    when(i32.below(i32.const(TAILS), endOfTails), [
      // An odd list ends with its last element twice.
      i32.store(endOfTails, i32.load(i32.add(endOfTails, i32.const(-4)))),
      repeat(at, i32.const(TAILS), endOfTails, 8, tails(f, at, fromMedian, scaled)),
    ]),
  ]);
}

type OfPair = (pair: Vector) => Vector;

/** The four elements at `at` by the formula for |q| <= 0.425; appends to the list those that are not in its range. */
function middle(
  f: FunctionBuilder,
  at: Value<'i32'>,
  endOfTails: Local<'i32'>,
  fromMedian: OfPair,
  scaled: OfPair,
): Code {
  const four = f.local('v128');
  const outside = f.local('i32');
  const [first, second, firstR, secondR] = fourVectors(f);
  const r = (q: Vector): Vector => f64x2.sub(f64x2.const(0.180625), f64x2.mul(q, q));
  const quantile = (q: Vector, r: Vector): Vector =>
    f64x2.div(
      f64x2.mul(q, polynomial(r, coefficients.middleNumerator)),
      polynomial(r, coefficients.middleDenominator),
    );
  const isOutside = (q: Vector): Vector => f64x2.above(f64x2.abs(q), f64x2.const(0.425));
  const append = (element: number): Code => [
    i32.store(endOfTails, i32.add(at, i32.const(4 * element))),
    endOfTails.set(
      i32.add(
        endOfTails,
        i32.shl(i32.and(i32.shiftRight(outside, i32.const(element)), i32.const(1)), i32.const(2)),
      ),
    ),
  ];
  return [
    four.set(v128.load(at, WORDS)),
    first.set(fromMedian(four)),
    second.set(fromMedian(secondPair(four))),
    firstR.set(r(first)),
    secondR.set(r(second)),
    storeValues(at, scaled(quantile(first, firstR)), scaled(quantile(second, secondR))),
    outside.set(i32x4.bitmask(i32x4.shuffle(isOutside(first), isOutside(second), 0, 2, 4, 6))),
    [0, 1, 2, 3].map(append),
  ];
}

/** The two elements that the list names at `at`, by the formula for |q| > 0.425. */
function tails(f: FunctionBuilder, at: Value<'i32'>, fromMedian: OfPair, scaled: OfPair): Code {
  const first = f.local('i32');
  const second = f.local('i32');
  const [q, tail, r, values] = fourVectors(f);
  const z = f64x2.div(polynomial(r, coefficients.tailNumerator), polynomial(r, coefficients.tailDenominator));
  const sign = v128.and(q, f64x2.const(-0));
  return [
    first.set(i32.load(at)),
    second.set(i32.load(at, 4)),
    q.set(
      fromMedian(v128.loadWord(second, v128.loadWord(first, i32x4.const(0, 0, 0, 0), 0, WORDS), 1, WORDS)),
    ),
    tail.set(f64x2.sub(f64x2.const(0.5), f64x2.abs(q))),
    logarithm(f, tail, r),
    r.set(f64x2.sub(f64x2.sqrt(f64x2.neg(r)), f64x2.const(1.6))),
    values.set(f64x2.toFloat32(scaled(v128.or(z, sign)))),
    v128.storeWord(first, values, 0, VALUES),
    v128.storeWord(second, values, 1, VALUES),
  ];
}

/** ln x of normal numbers 0 < x < sqrt(1/2), by parting the bits where generator.mjs doubles. */
function logarithm(f: FunctionBuilder, x: Vector, result: VectorLocal): Code {
  const [mantissa, exponent, isLow, s] = fourVectors(f);
  const square = f.local('v128');
  const exponentBits = i64x2.shiftRight(x, i32.const(52));
  const fraction = v128.and(x, i32x4.const(-1, 0x000fffff, -1, 0x000fffff));
  const one = f64x2.const(1);
  return [
    // x = mantissa * 2^exponent, the mantissa from 1/2 to 1 and then from sqrt(1/2) to sqrt(2).
    mantissa.set(v128.or(fraction, f64x2.const(0.5))),
    exponent.set(
      f64x2.fromSigned(
        i32x4.sub(i32x4.shuffle(exponentBits, exponentBits, 0, 2, 0, 2), i32x4.const(1022, 1022, 0, 0)),
      ),
    ),
    isLow.set(f64x2.below(mantissa, f64x2.const(Math.SQRT1_2))),
    mantissa.set(f64x2.add(mantissa, v128.and(mantissa, isLow))),
    exponent.set(f64x2.sub(exponent, v128.and(one, isLow))),

    s.set(f64x2.div(f64x2.sub(mantissa, one), f64x2.add(mantissa, one))),
    square.set(f64x2.mul(s, s)),
    result.set(
      f64x2.add(
        f64x2.mul(f64x2.mul(f64x2.const(2), s), polynomial(square, coefficients.logarithm)),
        f64x2.mul(exponent, f64x2.const(Math.LN2)),
      ),
    ),
  ];
}
