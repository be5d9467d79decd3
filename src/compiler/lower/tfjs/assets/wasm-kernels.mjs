/**
 * Fast training kernels for TensorFlow.js on WebAssembly.
 *
 * Why this file exists. The stock WASM backend cannot train: the gradient of a convolution needs
 * `Conv2DBackpropFilter`, which it does not have, and much of what it has is slow in a backward pass
 * (transposed products, pooling gradients, slices, saved tensors that are copied). This module registers what is
 * missing and replaces what is slow, from outside the package, through `registerKernel` and `registerGradient`.
 *
 * How. The backend keeps all tensors in one WebAssembly memory. A second, small module with SIMD loops works in the
 * same memory. It is assembled below, in this file, from a dozen functions written in a handful of combinators: no
 * binary blob, no build step. Everything else is address arithmetic in JavaScript.
 *
 * Registered for the backend `wasm`:
 *
 * | kernel | reason |
 * | --- | --- |
 * | Conv2DBackpropFilter, DepthwiseConv2dNativeBackpropFilter / Input, UnsortedSegmentSum | missing; gradients of convolutions and of gather need them |
 * | Conv2D, Conv2DBackpropInput, BatchMatMul | one blocked product serves all; stock is 1.1 to 20 times slower, worst when an operand is transposed |
 * | MaxPoolGrad, AvgPoolGrad | stock walks scalars; ties go to the first maximum |
 * | Sum, Mean over leading or middle axes | stock transposes first, and adds in one long chain |
 * | Add, Sub, Multiply, RealDiv, Maximum, Minimum, Relu | stock is scalar; broadcasts along rows or columns included |
 * | Concat, SplitV, Slice, PadV2 | stock copies row by row from JavaScript; its Slice copies the whole input first |
 * | Identity, Cast to the same type | shared instead of copied: saved tensors are not held twice |
 * | BatchNormTrain(Grad), ReluGrad, Repeat | new: used by the gradients and helpers below |
 *
 * Gradients registered, for every backend, because the stock ones are wrong or refuse:
 *
 * | gradient of | stock |
 * | --- | --- |
 * | Conv2D, DepthwiseConv2dNative | refuse dilations |
 * | AvgPool | divides by the whole window where the forward pass does not count padding |
 * | Max, Min | give the gradient to every tie; here to the first |
 * | ResizeBilinear, ResizeNearestNeighbor | ignore half-pixel centres |
 * | Relu, Sum, Mean | right but slow: three passes and tensors of ones |
 *
 * Limits: float32, NHWC. Other types and layouts go to the stock kernels. Written against
 * `@tensorflow/tfjs-backend-wasm` 4.22, whose memory it reads at `backend.wasm.asm.memory`: pin the version.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as wasmBackend from '@tensorflow/tfjs-backend-wasm';

// ---------------------------------------------------------------------------------------------------------------
// A small assembler. A piece of code is a nested array of bytes; what it leaves on the stack is its value. Where an
// operand is expected, a number stands for an i32 constant and a Local for its value.
// ---------------------------------------------------------------------------------------------------------------

const TYPE = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** @typedef {number | Local | Code} Operand */
/** @typedef {(number | Code)[]} Code */

/** Unsigned LEB128, the variable-length integers of the binary format. @param {number} value */
function unsigned(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

/** Signed LEB128, for i32 constants. @param {number} value */
function signed(value) {
  const bytes = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

/** @param {Operand} operand @returns {Code} */
function push(operand) {
  if (typeof operand === 'number') return [0x41, ...signed(operand)];
  return operand instanceof Local ? [0x20, ...unsigned(operand.index)] : operand;
}

/** A parameter or local variable of a function under assembly. */
class Local {
  /** @param {number} index */
  constructor(index) {
    this.index = index;
  }

  /** @param {Operand} value @returns {Code} */
  set(value) {
    return [push(value), 0x21, unsigned(this.index)];
  }

  /** @param {Operand} amount @returns {Code} */
  advance(amount) {
    return this.set(i32.add(this, amount));
  }
}

/** @param {number} code @returns {(a: Operand, b: Operand) => Code} */
const binary = (code) => (a, b) => [push(a), push(b), code];
/** @param {number} code @returns {(...operands: Operand[]) => Code} */
const vector = (code) => (...operands) => [operands.map(push), 0xfd, unsigned(code)];
/** A memory access of natural width 4 at `address + offset`. @param {number[]} code */
const load = (code) => (/** @type {Operand} */ address, offset = 0) => [push(address), code, 2, unsigned(offset)];
/** @param {number[]} code */
const store = (code) => (/** @type {Operand} */ address, /** @type {Operand} */ value, offset = 0) => [
  push(address), push(value), code, 2, unsigned(offset),
];

const i32 = {
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  below: binary(0x49), // unsigned: addresses go up to 4 GiB
  load: load([0x28]),
};

/** The two widths in which a loop over channels is written: four lanes, and one for what is left. */
const four = {
  type: TYPE.v128,
  lanes: 4,
  load: load([0xfd, 0]),
  spread: load([0xfd, 9]), // one float in all lanes
  store: store([0xfd, 11]),
  zero: [0xfd, 12, Array(16).fill(0)],
  add: vector(0xe4),
  sub: vector(0xe5),
  mul: vector(0xe6),
  div: vector(0xe7),
  min: vector(0xe8),
  max: vector(0xe9),
  /** `value` where `gate` > 0 (or is NaN), else 0. */
  passWhere: (/** @type {Operand} */ gate, /** @type {Operand} */ value) =>
    vector(0x4f)(value, vector(0x45)(gate, four.zero)),
  equal: vector(0x41),
  and: vector(0x4e),
  andNot: vector(0x4f),
  or: vector(0x50),
};
const one = {
  type: TYPE.f32,
  lanes: 1,
  load: load([0x2a]),
  spread: load([0x2a]),
  store: store([0x38]),
  zero: [0x43, 0, 0, 0, 0],
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  min: binary(0x96),
  max: binary(0x97),
  passWhere: (/** @type {Operand} */ gate, /** @type {Operand} */ value) => [
    one.zero, push(value), binary(0x5f)(gate, one.zero), 0x1b,
  ],
};

/** @param {Operand} condition @param {Code} then @param {Code} [otherwise] @returns {Code} */
const when = (condition, then, otherwise) => [
  push(condition), 0x04, 0x40, then, otherwise ? [0x05, otherwise] : [], 0x0b,
];

/** `for (i = from; i < to; i += step)`, the test at the bottom. @returns {Code} */
function loop(/** @type {Local} */ i, /** @type {Operand} */ from, /** @type {Operand} */ to,
  /** @type {Operand} */ step, /** @type {Code} */ body) {
  const more = i32.below(i, to);
  return [i.set(from), when(more, [0x03, 0x40, body, i.advance(step), more, 0x0d, 0, 0x0b])];
}

/**
 * Assembles one exported function. All parameters are i32: addresses, byte strides and counts.
 * @param {string} name
 * @param {string[]} parameters
 * @param {(p: Record<string, Local>, local: (type?: number) => Local) => Code} body
 */
function assemble(name, parameters, body) {
  /** @type {number[]} */
  const locals = [];
  const local = (type = TYPE.i32) => new Local(parameters.length + locals.push(type) - 1);
  const named = Object.fromEntries(parameters.map((parameter, index) => [parameter, new Local(index)]));
  const code = body(named, local);
  return { name, arity: parameters.length, locals, code };
}

/**
 * The bytes of a module that exports the functions and imports its memory.
 * @param {ReturnType<typeof assemble>[]} functions
 * @param {boolean} shared whether the memory is shared between threads
 */
function moduleBytes(functions, shared) {
  const list = (/** @type {Code} */ items) => [unsigned(items.length), items];
  const text = (/** @type {string} */ name) => list([...new TextEncoder().encode(name)]);
  const section = (/** @type {number} */ id, /** @type {Code} */ content) => {
    const bytes = /** @type {number[]} */ (content.flat(Infinity));
    return [id, unsigned(bytes.length), bytes];
  };
  const memory = shared ? [3, 1, unsigned(65536)] : [0, 1];
  const bodies = functions.map(({ locals, code }) => {
    const bytes = [list(locals.map((type) => [1, type])), code, 0x0b].flat(Infinity);
    return [unsigned(bytes.length), bytes];
  });
  return new Uint8Array(/** @type {number[]} */ ([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, list(functions.map(({ arity }) => [0x60, list(Array(arity).fill(TYPE.i32)), 0]))),
    section(2, list([[text('tfjs'), text('memory'), 2, memory]])),
    section(3, list(functions.map((_, index) => unsigned(index)))),
    section(7, list(functions.map(({ name }, index) => [text(name), 0, unsigned(index)]))),
    section(10, list(bodies)),
  ].flat(Infinity)));
}
