/** Sums over the rows of matrices. */

import { range } from '../range.mjs';
import { assemble, i32, loop, push, select } from './assembler.mjs';
import { alongRow, bytesOf } from './lanes.mjs';

/** @import { Code, Local } from './assembler.mjs' */
/** @import { Lanes } from './lanes.mjs' */

/** Rows summed in registers before they join the total: short chains keep float32 sums accurate. */
const BLOCK = 64;

/**
 * Sums over the rows of x (and dy, of the same shape), one total per column and term.
 * @param {string} name
 * @param {string[]} inputs matrices
 * @param {string[]} constants one value per column
 * @param {string[]} totals where the sums are added
 * @param {(lane: Lanes, inputs: Local[], constants: Local[]) => Code[]} terms
 */
export const columnSums = (name, inputs, constants, totals, terms) =>
  assemble(name, [...inputs, 'rows', 'columns', ...constants, ...totals], (p, local) => {
    const [row, stride, block, start, address, end] = range(6).map(() => local());
    const width = (/** @type {Lanes} */ lane, /** @type {Local} */ offset) => {
      const values = inputs.map(() => local(lane.type));
      const fixed = constants.map(() => local(lane.type));
      const sums = totals.map(() => local(lane.type));
      const parallel = (/** @type {string} */ input) =>
        input === inputs[0] ? address : i32.add(address, i32.sub(p[input], p[inputs[0]]));
      return [
        constants.map((constant, i) => fixed[i].set(lane.load(i32.add(p[constant], offset)))),
        sums.map((sum) => sum.set(lane.zero)),
        start.set(i32.add(i32.add(p[inputs[0]], i32.mul(row, stride)), offset)),
        end.set(i32.add(start, block)),
        loop(address, start, end, stride, [
          inputs.map((input, i) => values[i].set(lane.load(parallel(input)))),
          terms(lane, values, fixed).map((term, i) => sums[i].set(lane.add(sums[i], term))),
        ]),
        totals.map((total, i) =>
          lane.store(i32.add(p[total], offset), lane.add(lane.load(i32.add(p[total], offset)), sums[i])),
        ),
      ];
    };
    return [
      stride.set(bytesOf(p.columns)),
      loop(row, 0, p.rows, BLOCK, [
        block.set(i32.sub(p.rows, row)),
        block.set(i32.mul(stride, select(i32.below(block, BLOCK), block, BLOCK))),
        alongRow(local, stride, width),
      ]),
    ];
  });

/** The sums of the columns, and of the squares of their differences to a mean. */
export const columnStatistics = [
  columnSums('columnSums', ['x'], [], ['total'], (_, [x]) => [push(x)]),
  columnSums('columnSquares', ['x'], ['mean'], ['total'], (lane, [x], [mean]) => {
    const centred = lane.sub(x, mean);
    return [lane.mul(centred, centred)];
  }),
];
