/**
 * A small assembler. A piece of code is a nested array of bytes; what it leaves on the stack is its value. Where an
 * operand is expected, a number stands for an i32 constant and a Local for its value.
 */

export const TYPE = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

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
export function push(operand) {
  if (typeof operand === 'number') return [0x41, ...signed(operand)];
  return operand instanceof Local ? [0x20, ...unsigned(operand.index)] : operand;
}

/** A parameter or local variable of a function under assembly. */
export class Local {
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

/** @typedef {(...operands: Operand[]) => Code} Instruction */
/** @typedef {(address: Operand, offset?: number) => Code} Load 4 or 16 bytes at `address + offset` */
/** @typedef {(address: Operand, value: Operand, offset?: number) => Code} Store */

/** @type {(code: number) => Instruction} */
export const scalar =
  (code) =>
  (...operands) => [operands.map(push), code];
/** @type {(code: number) => Instruction} */
export const vector =
  (code) =>
  (...operands) => [operands.map(push), 0xfd, unsigned(code)];
/** @type {(...code: number[]) => Load} */
export const load =
  (...code) =>
  (address, offset = 0) => [push(address), code, 2, unsigned(offset)];
/** @type {(...code: number[]) => Store} */
export const store =
  (...code) =>
  (address, value, offset = 0) => [push(address), push(value), code, 2, unsigned(offset)];

/** `a` where the condition holds, else `b`. @type {(condition: Operand, a: Operand, b: Operand) => Code} */
export const select = (condition, a, b) => scalar(0x1b)(a, b, condition);

export const i32 = {
  add: scalar(0x6a),
  sub: scalar(0x6b),
  mul: scalar(0x6c),
  and: scalar(0x71),
  below: scalar(0x49), // unsigned: addresses go up to 4 GiB
  load: load(0x28),
};

/** @type {(condition: Operand, then: Code, otherwise?: Code) => Code} */
export function when(condition, then, otherwise = []) {
  return [push(condition), 0x04, 0x40, then, 0x05, otherwise, 0x0b];
}

/** `do body while (condition)`. @type {(body: Code, condition: Code) => Code} */
export const repeatWhile = (body, condition) => [0x03, 0x40, body, condition, 0x0d, 0, 0x0b];

/**
 * `for (i = from; i < to; i += step)`.
 * @type {(i: Local, from: Operand, to: Operand, step: Operand, body: Code) => Code}
 */
export function loop(i, from, to, step, body) {
  const more = i32.below(i, to);
  return [i.set(from), when(more, repeatWhile([body, i.advance(step)], more))];
}

/**
 * Assembles one exported function. All parameters are i32: addresses, byte strides and counts.
 * @param {string} name
 * @param {string[]} parameters
 * @param {(p: Record<string, Local>, local: (type?: number) => Local) => Code} body
 */
export function assemble(name, parameters, body) {
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
export function moduleBytes(functions, shared) {
  const flat = (/** @type {unknown[]} */ code) => /** @type {number[]} */ (code.flat(Infinity));
  const list = (/** @type {Code} */ items) => [unsigned(items.length), items];
  const sized = (/** @type {Code} */ content) => list(flat(content));
  const text = (/** @type {string} */ name) => list([...new TextEncoder().encode(name)]);
  const memory = shared ? [3, 1, unsigned(65536)] : [0, 1];
  const types = functions.map(({ arity }) => [0x60, list(Array(arity).fill(TYPE.i32)), 0]);
  const imports = [[text('tfjs'), text('memory'), 2, memory]];
  const exports = functions.map(({ name }, index) => [text(name), 0, unsigned(index)]);
  const bodies = functions.map(({ locals, code }) =>
    sized([list(locals.map((type) => [1, type])), code, 0x0b]),
  );
  const sections = [
    [1, sized(list(types))],
    [2, sized(list(imports))],
    [3, sized(list(functions.map((_, index) => unsigned(index))))],
    [7, sized(list(exports))],
    [10, sized(list(bodies))],
  ];
  return new Uint8Array(flat([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, sections]));
}
