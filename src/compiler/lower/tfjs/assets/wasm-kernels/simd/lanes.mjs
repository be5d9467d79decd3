/** Floats, four at a time and one at a time. */

import { i32, load, loop, push, scalar, select, store, TYPE, vector } from './assembler.mjs';

/** @import { Code, Instruction, Load, Local, Operand, Store } from './assembler.mjs' */

/**
 * The two widths in which a loop over channels is written: four floats at a time, and one for what is left.
 * @typedef {object} Lanes
 * @property {number} type
 * @property {Load} load
 * @property {Load} spread one float in all lanes
 * @property {Store} store
 * @property {Code} zero
 * @property {Instruction} add
 * @property {Instruction} sub
 * @property {Instruction} mul
 * @property {Instruction} min
 * @property {Instruction} max
 * @property {(gate: Operand, value: Operand) => Code} passWhere `value` where `gate` > 0 (or is NaN), else 0
 * @property {(a: Operand, b: Operand, value: Operand) => Code} ifEqual `value` where a = b, else 0
 * @property {(a: Operand, b: Operand, value: Operand) => Code} ifDifferent
 */

const [vectorEqual, vectorAtMost, vectorAnd, vectorAndNot] = [0x41, 0x45, 0x4e, 0x4f].map(vector);
const [equal, atMost] = [0x5b, 0x5f].map(scalar);

/** @type {Lanes} */
export const four = {
  type: TYPE.v128,
  load: load(0xfd, 0),
  spread: load(0xfd, 9),
  store: store(0xfd, 11),
  zero: [0xfd, 12, Array(16).fill(0)],
  add: vector(0xe4),
  sub: vector(0xe5),
  mul: vector(0xe6),
  min: vector(0xe8),
  max: vector(0xe9),
  passWhere: (gate, value) => vectorAndNot(value, vectorAtMost(gate, four.zero)),
  ifEqual: (a, b, value) => vectorAnd(value, vectorEqual(a, b)),
  ifDifferent: (a, b, value) => vectorAndNot(value, vectorEqual(a, b)),
};

/** @type {Lanes} */
export const one = {
  type: TYPE.f32,
  load: load(0x2a),
  spread: load(0x2a),
  store: store(0x38),
  zero: [0x43, 0, 0, 0, 0],
  add: scalar(0x92),
  sub: scalar(0x93),
  mul: scalar(0x94),
  min: scalar(0x96),
  max: scalar(0x97),
  passWhere: (gate, value) => select(atMost(gate, one.zero), one.zero, value),
  ifEqual: (a, b, value) => select(equal(a, b), value, one.zero),
  ifDifferent: (a, b, value) => select(equal(a, b), one.zero, value),
};

/** One of a vector's four floats. @type {(value: Operand, lane: number) => Code} */
export const extract = (value, lane) => [push(value), 0xfd, 0x1f, lane];

/** @type {(floats: Operand) => Code} */
export const bytesOf = (floats) => i32.mul(floats, 4);

/**
 * Runs the body over a row of `bytes` bytes, four floats at a time and then one at a time.
 * @param {(type?: number) => Local} local
 * @param {Operand} bytes
 * @param {(lane: Lanes, offset: Local) => Code} body
 */
export function alongRow(local, bytes, body) {
  const [offset, whole, end] = [local(), local(), local()];
  return [
    end.set(bytes),
    whole.set(i32.and(end, -16)),
    loop(offset, 0, whole, 16, body(four, offset)),
    loop(offset, whole, end, 4, body(one, offset)),
  ];
}
