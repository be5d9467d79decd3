/**
 * The random numbers of netc: the same bytes on every target, engine and machine.
 *
 * The generator is Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
 * It keeps no state: number i of a named sequence is a function of (seed, name, stream, i), so a parameter's initial
 * value depends neither on the order in which parameters are made nor on the other parameters of the network.
 *
 * Everything below uses 32-bit integers and float64 `+ - * /` and `sqrt`, which IEEE 754 fixes to the last bit.
 * `Math.log`, `Math.cos` and their like are avoided: engines may differ in their last digit.
 *
 * This file stands alone, in plain JavaScript, because a copy of it lies beside every generated training program.
 */

// ---------------------------------------------------------------------------------------------------------------
// Keys: from a seed and a name to the 64 bits that key the generator
// ---------------------------------------------------------------------------------------------------------------

const fnvOffset = 0xcbf29ce484222325n;
const fnvPrime = 0x100000001b3n;

/** The key of a named sequence: 64-bit FNV-1a over the seed (8 bytes, least first) and then the name in UTF-8. */
export function keyOf(seed, name) {
  requireNatural(seed, 'seed');
  const seedBytes = new Uint8Array(8);
  for (let i = 0, rest = seed; i < 8; i++, rest = Math.floor(rest / 256)) seedBytes[i] = rest % 256;
  let hash = fnvOffset;
  for (const bytes of [seedBytes, new TextEncoder().encode(name)]) {
    for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * fnvPrime);
  }
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)];
}

function requireNatural(value, what) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} must be an integer from 0 to 2^53 - 1, not ${value}`);
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Philox 4x32-10
// ---------------------------------------------------------------------------------------------------------------

// Multipliers and key increments of the paper; the multipliers also in 16-bit halves, see below.
const M0 = 0xd2511f53;
const M0_LOW = 0x1f53;
const M0_HIGH = 0xd251;
const M1 = 0xcd9e8d57;
const M1_LOW = 0x8d57;
const M1_HIGH = 0xcd9e;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/**
 * Fills `words` with the blocks of four 32-bit words that follow from the counter (c0, c1, c2, c3) and the ones after
 * it, where (c0, c1) counts blocks as one 64-bit number and (c2, c3) stays. The length must be a multiple of 4.
 */
export function fillWords(words, key, [blockLow, blockHigh, streamLow, streamHigh]) {
  const [keyLow, keyHigh] = key;
  for (let at = 0; at < words.length; at += 4) {
    let c0 = blockLow | 0;
    let c1 = blockHigh | 0;
    let c2 = streamLow | 0;
    let c3 = streamHigh | 0;
    let k0 = keyLow | 0;
    let k1 = keyHigh | 0;
    for (let round = 0; round < 10; round++) {
      // The high 32 bits of c0 * M0 and c2 * M1, from 16-bit halves: no sum of two such terms passes 2^32.
      let low = c0 & 0xffff;
      let high = c0 >>> 16;
      let middle = (Math.imul(high, M0_LOW) + (Math.imul(low, M0_LOW) >>> 16)) | 0;
      let carry = (Math.imul(low, M0_HIGH) + (middle & 0xffff)) | 0;
      const high0 = (Math.imul(high, M0_HIGH) + (middle >>> 16) + (carry >>> 16)) | 0;
      const low0 = Math.imul(c0, M0);
      low = c2 & 0xffff;
      high = c2 >>> 16;
      middle = (Math.imul(high, M1_LOW) + (Math.imul(low, M1_LOW) >>> 16)) | 0;
      carry = (Math.imul(low, M1_HIGH) + (middle & 0xffff)) | 0;
      const high1 = (Math.imul(high, M1_HIGH) + (middle >>> 16) + (carry >>> 16)) | 0;
      const low1 = Math.imul(c2, M1);

      c0 = high1 ^ c1 ^ k0;
      c1 = low1;
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 = (k0 + W0) | 0;
      k1 = (k1 + W1) | 0;
    }
    words[at] = c0;
    words[at + 1] = c1;
    words[at + 2] = c2;
    words[at + 3] = c3;

    blockLow = (blockLow + 1) >>> 0;
    if (blockLow === 0) blockHigh = (blockHigh + 1) >>> 0;
  }
}

/** One block of Philox 4x32-10: four words from a counter of four words and a key of two. */
export function philox4x32(counter, key) {
  const words = new Uint32Array(4);
  fillWords(words, key, counter);
  return words;
}

/** Words made at a time: they stay in the first-level cache between being made and being used. */
const chunkWords = 4096;

/**
 * Calls `use(words, from, to)` for consecutive stretches [from, to) of the sequence (seed, name, stream); words[0] is
 * number `from` of the sequence.
 */
function eachChunk(count, seed, name, stream, use) {
  requireNatural(stream, 'stream');
  const key = keyOf(seed, name);
  const words = new Uint32Array(Math.min(chunkWords, Math.ceil(count / 4) * 4));
  for (let from = 0; from < count; from += chunkWords) {
    const block = from / 4;
    fillWords(words, key, [
      block >>> 0,
      Math.floor(block / 2 ** 32),
      stream >>> 0,
      Math.floor(stream / 2 ** 32),
    ]);
    use(words, from, Math.min(count, from + chunkWords));
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Numbers and orders
// ---------------------------------------------------------------------------------------------------------------

/**
 * `count` numbers in [0, 1), multiples of 2^-24 and so exact in float32: the upper 24 bits of each word. The stream
 * tells draws of the same name apart, for instance the steps of a training run.
 */
export function uniforms(count, seed, name, stream = 0) {
  const values = new Float32Array(count);
  eachChunk(count, seed, name, stream, (words, from, to) => {
    for (let i = from; i < to; i++) values[i] = (words[i - from] >>> 8) * 2 ** -24;
  });
  return values;
}

/** A permutation of 0 .. count-1 (Fisher and Yates, from the end), the same for the same seed, name and stream. */
export function permutation(count, seed, name, stream = 0) {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  const draws = new Float64Array(count);
  eachChunk(2 * count, seed, name, stream, (words, from, to) => {
    // 53 bits a draw: with 32 the bias towards some orders of a large data set would be measurable.
    for (let i = from; i < to; i += 2) {
      draws[i / 2] = ((words[i - from] >>> 5) * 2 ** 26 + (words[i - from + 1] >>> 6)) * 2 ** -53;
    }
  });
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(draws[last] * (last + 1));
    const held = order[last];
    order[last] = order[other];
    order[other] = held;
  }
  return order;
}

// prettier-ignore
/** The coefficients of the two functions below, highest powers first. */
export const coefficients = {
  /** 1/19, 1/17, ..., 1/3, 1: the series of atanh(s) / s in s^2. */
  logarithm: Float64Array.from({ length: 10 }, (_, i) => 1 / (19 - 2 * i)),
  middleNumerator: Float64Array.of(
    2.509080928730122672e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
  ),
  middleDenominator: Float64Array.of(
    5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
  ),
  tailNumerator: Float64Array.of(
    7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ),
  tailDenominator: Float64Array.of(
    1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
    6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
  ),
};

/** A polynomial by Horner's rule, which fixes the order of its roundings. */
function polynomial(coefficients, x) {
  let sum = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i];
  return sum;
}

/** The natural logarithm of x > 0 to about 1e-16, from exact operations alone (see the head of this file). */
function logarithm(x) {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa < Math.SQRT1_2; exponent--) mantissa *= 2;
  for (; mantissa > Math.SQRT2; exponent++) mantissa /= 2;
  // ln m = 2 atanh(s) with s = (m - 1) / (m + 1), |s| <= 0.172: ten terms of the series leave less than 1e-17.
  const s = (mantissa - 1) / (mantissa + 1);
  return 2 * s * polynomial(coefficients.logarithm, s * s) + exponent * Math.LN2;
}

/**
 * The quantile of the standard normal distribution: z with P(Z <= z) = 1/2 + q, given q in (-1/2, 1/2) as the distance
 * from the median, where float64 is dense. Wichura, "Algorithm AS 241: The Percentage Points of the Normal
 * Distribution", Applied Statistics 37 (1988), routine PPND16: relative error about 1e-16. Its third region (tails
 * below exp(-25)) is out of reach of 32-bit words and left out.
 */
export function normalQuantile(q) {
  if (q >= -0.425 && q <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(coefficients.middleNumerator, r)) / polynomial(coefficients.middleDenominator, r);
  }
  const tail = q < 0 ? 0.5 + q : 0.5 - q;
  if (!(tail > 0)) throw new RangeError(`normalQuantile takes numbers inside (-1/2, 1/2), not ${q}`);
  const r = Math.sqrt(-logarithm(tail)) - 1.6;
  const z = polynomial(coefficients.tailNumerator, r) / polynomial(coefficients.tailDenominator, r);
  return q < 0 ? -z : z;
}

// ---------------------------------------------------------------------------------------------------------------
// Initial values of parameters
// ---------------------------------------------------------------------------------------------------------------

/** P(|Z| <= 2) for a standard normal Z: the part of the distribution that the truncated normal keeps. */
const massWithinTwo = 0.9544997361036416;

/**
 * The initial value of a parameter: float32, row-major. Element i comes from word i of the sequence (seed, name), by
 * the inverse of the distribution's cumulative function at (word + 1/2) / 2^32, in float64, rounded to float32 once.
 */
export function fillInitial(spec, shape, fanIn, fanOut, seed, name) {
  const count = shape.reduce((product, size) => product * size, 1);
  const distribution = distributionOf(spec, fanIn, fanOut);
  switch (distribution.kind) {
    case 'constant':
      return new Float32Array(count).fill(distribution.value);
    case 'uniform':
      return uniformValues(count, distribution, seed, name);
    case 'normal':
      return normalValues(count, distribution, seed, name);
  }
}

/**
 * What an initialiser draws from. `fanIn` and `fanOut` are the numbers of inputs that one output sums over and of
 * outputs that one input reaches; of these, each initialiser reads what its definition needs:
 *
 *   he_*           variance 2 / fan            He et al., 2015
 *   glorot_*       variance 2 / (in + out)     Glorot and Bengio, 2010
 *   lecun_normal   variance 1 / in             LeCun et al., 1998
 *   torch_default  uniform, |x| <= 1/sqrt(in)  PyTorch's linear and convolution layers, weight and bias alike
 *
 * where the uniform kinds reach sqrt(3) standard deviations to each side and the normal ones are not truncated.
 */
export function distributionOf(spec, fanIn, fanOut) {
  switch (spec.kind) {
    case 'zeros':
      return { kind: 'constant', value: 0 };
    case 'ones':
      return { kind: 'constant', value: 1 };
    case 'constant':
      return { kind: 'constant', value: spec.value };
    case 'uniform':
      return { kind: 'uniform', low: spec.low, high: spec.high };
    case 'normal':
      return normal(spec.mean, spec.std);
    case 'truncated_normal':
      return { ...normal(spec.mean, spec.std), share: massWithinTwo };
    case 'he_normal':
      return normal(0, heDeviation(spec, fanIn, fanOut));
    case 'he_uniform':
      return symmetric(Math.sqrt(3) * heDeviation(spec, fanIn, fanOut));
    case 'glorot_normal':
      return normal(0, Math.sqrt(2 / positive(fanIn + fanOut)));
    case 'glorot_uniform':
      return symmetric(Math.sqrt(3) * Math.sqrt(2 / positive(fanIn + fanOut)));
    case 'lecun_normal':
      return normal(0, Math.sqrt(1 / positive(fanIn)));
    case 'torch_default':
      return symmetric(1 / Math.sqrt(positive(fanIn)));
    default:
      throw new RangeError(`unknown initialiser ${JSON.stringify(spec)}`);
  }
}

function normal(mean, deviation) {
  return { kind: 'normal', mean, deviation, share: 1 };
}

function symmetric(bound) {
  return { kind: 'uniform', low: -bound, high: bound };
}

function heDeviation(spec, fanIn, fanOut) {
  return Math.sqrt(2 / positive(spec.fan === 'in' ? fanIn : fanOut));
}

function positive(fan) {
  if (!(fan > 0))
    throw new RangeError(`an initialiser that scales by the fan needs a positive one, not ${fan}`);
  return fan;
}

function uniformValues(count, { low, high }, seed, name) {
  const values = new Float32Array(count);
  const range = high - low;
  eachChunk(count, seed, name, 0, (words, from, to) => {
    for (let i = from; i < to; i++) values[i] = low + range * ((words[i - from] + 0.5) * 2 ** -32);
  });
  return values;
}

/** Normal values restricted to the middle `share` of the probability. */
function normalValues(count, { mean, deviation, share }, seed, name) {
  const values = new Float32Array(count);
  eachChunk(count, seed, name, 0, (words, from, to) => {
    for (let i = from; i < to; i++) {
      const fromMedian = (words[i - from] + 0.5) * 2 ** -32 - 0.5;
      values[i] = mean + deviation * normalQuantile(fromMedian * share);
    }
  });
  return values;
}
