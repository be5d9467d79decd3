/**
 * A small assembler for WebAssembly: code is written as nested calls, `f64x2.add(a, f64x2.mul(b, c))`, and the types of
 * TypeScript keep the operands right. It knows the instructions that the compiler's own loops use and no others.
 */

export type Type = 'i32' | 'f64' | 'v128';

/** Bytes of the binary format, in pieces. */
export type Code = readonly (number | Code)[];

/** Code that leaves one value on the stack. */
export interface Value<T extends Type> {
  readonly type: T;
  readonly code: Code;
}

const TYPE_CODES: Readonly<Record<Type, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };
const SIMD = 0xfd;

// ---------------------------------------------------------------------------------------------------------------
// Numbers in the binary format
// ---------------------------------------------------------------------------------------------------------------

/** LEB128 of a natural number. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** LEB128 of 32 bits with a sign. */
function signed(value: number): Code {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

// ---------------------------------------------------------------------------------------------------------------
// Instructions
// ---------------------------------------------------------------------------------------------------------------

type Unary<A extends Type, R extends Type> = (a: Value<A>) => Value<R>;
type Binary<A extends Type, B extends Type, R extends Type> = (a: Value<A>, b: Value<B>) => Value<R>;

function unary<A extends Type, R extends Type>(_a: A, type: R, ...opcode: Code): Unary<A, R> {
  return (a) => ({ type, code: [a.code, opcode] });
}

function binary<A extends Type, B extends Type, R extends Type>(
  _a: A,
  _b: B,
  type: R,
  ...opcode: Code
): Binary<A, B, R> {
  return (a, b) => ({ type, code: [a.code, b.code, opcode] });
}

const scalar = (opcode: number) => binary('i32', 'i32', 'i32', opcode);
const lanewise1 = (opcode: number) => unary('v128', 'v128', SIMD, unsigned(opcode));
const lanewise = (opcode: number) => binary('v128', 'v128', 'v128', SIMD, unsigned(opcode));

/** What a load or store carries: an alignment of 4 bytes (2 ** 2) as a hint, and an offset added to the address. */
const memoryArgument = (offset: number): Code => [2, unsigned(offset)];

type Address = Value<'i32'>;

export const i32 = {
  const: (value: number): Value<'i32'> => ({ type: 'i32', code: [0x41, signed(value | 0)] }),
  add: scalar(0x6a),
  and: scalar(0x71),
  shl: scalar(0x74),
  shiftRight: scalar(0x76),
  below: scalar(0x49),
  load: (address: Address, offset = 0): Value<'i32'> => ({
    type: 'i32',
    code: [address.code, 0x28, memoryArgument(offset)],
  }),
  store: (address: Address, value: Value<'i32'>): Code => [address.code, value.code, 0x36, memoryArgument(0)],
};

export const v128 = {
  load: (address: Address, offset = 0): Value<'v128'> => ({
    type: 'v128',
    code: [address.code, SIMD, 0, memoryArgument(offset)],
  }),
  store: (address: Address, value: Value<'v128'>, offset = 0): Code => [
    address.code,
    value.code,
    SIMD,
    11,
    memoryArgument(offset),
  ],
  /** The vector with one of its four words read from memory. */
  loadWord: (address: Address, vector: Value<'v128'>, lane: number, offset = 0): Value<'v128'> => ({
    type: 'v128',
    code: [address.code, vector.code, SIMD, 0x56, memoryArgument(offset), lane],
  }),
  storeWord: (address: Address, vector: Value<'v128'>, lane: number, offset = 0): Code => [
    address.code,
    vector.code,
    SIMD,
    0x5a,
    memoryArgument(offset),
    lane,
  ],
  and: lanewise(0x4e),
  or: lanewise(0x50),
  xor: lanewise(0x51),
};

/** Four words; a lane of a second operand counts from 4. */
export const i32x4 = {
  const: (...lanes: readonly [number, number, number, number]): Value<'v128'> => ({
    type: 'v128',
    code: [SIMD, 12, ...new Uint8Array(Int32Array.from(lanes).buffer)],
  }),
  splat: unary('i32', 'v128', SIMD, 0x11),
  add: lanewise(0xae),
  sub: lanewise(0xb1),
  bitmask: unary('v128', 'i32', SIMD, unsigned(0xa4)),
  shuffle: (
    a: Value<'v128'>,
    b: Value<'v128'>,
    ...lanes: readonly [number, number, number, number]
  ): Value<'v128'> => ({
    type: 'v128',
    code: [
      a.code,
      b.code,
      SIMD,
      13,
      lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ],
  }),
};

export const i64x2 = {
  shiftRight: binary('v128', 'i32', 'v128', SIMD, unsigned(0xcd)),
  /** The products, in full, of the words 0 and 1 of two vectors, unsigned; and of 2 and 3. */
  productLow: lanewise(0xde),
  productHigh: lanewise(0xdf),
};

export const f64x2 = {
  /** The number in both lanes. */
  const: (value: number): Value<'v128'> => ({
    type: 'v128',
    code: [SIMD, 12, ...new Uint8Array(Float64Array.of(value, value).buffer)],
  }),
  splat: unary('f64', 'v128', SIMD, 0x14),
  add: lanewise(0xf0),
  sub: lanewise(0xf1),
  mul: lanewise(0xf2),
  div: lanewise(0xf3),
  abs: lanewise1(0xec),
  neg: lanewise1(0xed),
  sqrt: lanewise1(0xef),
  /** All bits of a lane where it holds, none elsewhere. */
  below: lanewise(0x49),
  above: lanewise(0x4a),
  /** From the words 0 and 1. */
  fromSigned: lanewise1(0xfe),
  fromUnsigned: lanewise1(0xff),
  /** Rounded to float32, in the words 0 and 1. */
  toFloat32: lanewise1(0x5e),
};

// ---------------------------------------------------------------------------------------------------------------
// Functions and modules
// ---------------------------------------------------------------------------------------------------------------

/** A parameter or a local variable. */
export class Local<T extends Type> implements Value<T> {
  readonly type: T;
  readonly code: Code;
  readonly #index: Code;

  constructor(type: T, index: number) {
    this.type = type;
    this.#index = unsigned(index);
    this.code = [0x20, this.#index];
  }

  set(value: Value<T>): Code {
    return [value.code, 0x21, this.#index];
  }
}

/** `for (i = from; i < to; i += step)`, the end tested after each turn: it takes at least one. */
export function repeat(
  i: Local<'i32'>,
  from: Value<'i32'>,
  to: Value<'i32'>,
  step: number,
  body: Code,
): Code {
  const turn = [body, i.set(i32.add(i, i32.const(step))), i32.below(i, to).code];
  return [i.set(from), 0x03, 0x40, turn, 0x0d, 0, 0x0b];
}

export function when(condition: Value<'i32'>, then: Code): Code {
  return [condition.code, 0x04, 0x40, then, 0x0b];
}

/** A function without a result, while it is written: its parameters first, then its local variables. */
export class FunctionBuilder {
  readonly name: string;
  readonly #params: Type[] = [];
  readonly #locals: Type[] = [];
  #body: Code = [];

  constructor(name: string) {
    this.name = name;
  }

  param<T extends Type>(type: T): Local<T> {
    if (this.#locals.length > 0) throw new Error(`${this.name}: parameters come before local variables`);
    return new Local(type, this.#params.push(type) - 1);
  }

  local<T extends Type>(type: T): Local<T> {
    return new Local(type, this.#params.length + this.#locals.push(type) - 1);
  }

  body(code: Code): this {
    this.#body = code;
    return this;
  }

  get signature(): Code {
    return [0x60, list(this.#params.map((type) => TYPE_CODES[type])), 0];
  }

  get code(): Code {
    return sized([list(this.#locals.map((type) => [1, TYPE_CODES[type]])), this.#body, 0x0b]);
  }
}

const list = (items: Code): Code => [unsigned(items.length), items];
const sized = (content: Code): Code => list(flat(content));
const text = (value: string): Code => sized([...new TextEncoder().encode(value)]);

function flat(code: Code, bytes: number[] = []): number[] {
  for (const piece of code) {
    if (typeof piece === 'number') bytes.push(piece);
    else flat(piece, bytes);
  }
  return bytes;
}

/** The bytes of a module that exports these functions and a memory of its own, `memory`, of so many 64 KiB pages. */
export function assembleModule(
  functions: readonly FunctionBuilder[],
  pages: number,
): Uint8Array<ArrayBuffer> {
  const indices = functions.map((_, index) => unsigned(index));
  const exported = functions.map(({ name }, index) => [text(name), 0, unsigned(index)]);
  const sections: readonly (readonly [id: number, content: Code])[] = [
    [1, list(functions.map(({ signature }) => signature))],
    [3, list(indices)],
    [5, list([[0, unsigned(pages)]])],
    [7, list([...exported, [text('memory'), 2, 0]])],
    [10, list(functions.map(({ code }) => code))],
  ];
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from(flat([header, sections.map(([id, content]) => [id, sized(content)])]));
}
