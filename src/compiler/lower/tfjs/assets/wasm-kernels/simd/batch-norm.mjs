/** Batch norm and its gradient, each with a ReLU behind it or without. */

import { assemble, i32, loop, push } from './assembler.mjs';
import { columnSums } from './column-sums.mjs';
import { alongRow, bytesOf } from './lanes.mjs';

/** @import { Code, Local, Operand } from './assembler.mjs' */
/** @import { Lanes } from './lanes.mjs' */

/**
 * Batch norm before its activation.
 * @type {(lane: Lanes, x: Operand, mean: Operand, scale: Operand, shift: Operand) => Code}
 */
const normalised = (lane, x, mean, scale, shift) => lane.add(lane.mul(lane.sub(x, mean), scale), shift);

/** @param {boolean} relu */
const batchNorm = (relu) => {
  const suffix = relu ? 'Relu' : '';
  const forward = assemble(
    `normalise${suffix}`,
    ['x', 'y', 'rows', 'columns', 'mean', 'scale', 'shift'],
    (p, local) => {
      const [row, stride] = [local(), local()];
      return [
        stride.set(bytesOf(p.columns)),
        loop(row, 0, p.rows, 1, [
          alongRow(local, stride, (lane, offset) => {
            const [x, mean, scale, shift] = [p.x, p.mean, p.scale, p.shift].map((base) =>
              lane.load(i32.add(base, offset)),
            );
            const value = normalised(lane, x, mean, scale, shift);
            return lane.store(i32.add(p.y, offset), relu ? lane.max(value, lane.zero) : value);
          }),
          p.x.advance(stride),
          p.y.advance(stride),
        ]),
      ];
    },
  );
  const sums = columnSums(
    `normaliseSums${suffix}`,
    ['x', 'dy'],
    ['mean', 'scale', 'shift'],
    ['sumDy', 'sumDyX'],
    (lane, [x, dy], [mean, scale, shift]) => {
      const dz = relu ? lane.passWhere(normalised(lane, x, mean, scale, shift), dy) : push(dy);
      return [dz, lane.mul(dz, lane.sub(x, mean))];
    },
  );
  /** dx = dz * scale + (x - mean) * slope + base. */
  const backward = assemble(
    `normaliseGrad${suffix}`,
    ['x', 'dy', 'dx', 'rows', 'columns', 'mean', 'scale', 'shift', 'slope', 'base'],
    (p, local) => {
      const [row, stride] = [local(), local()];
      return [
        stride.set(bytesOf(p.columns)),
        loop(row, 0, p.rows, 1, [
          alongRow(local, stride, (lane, offset) => {
            const at = (/** @type {Local} */ base) => lane.load(i32.add(base, offset));
            const dz = relu
              ? lane.passWhere(normalised(lane, at(p.x), at(p.mean), at(p.scale), at(p.shift)), at(p.dy))
              : at(p.dy);
            const centred = lane.sub(at(p.x), at(p.mean));
            return lane.store(
              i32.add(p.dx, offset),
              lane.add(lane.mul(dz, at(p.scale)), lane.add(lane.mul(centred, at(p.slope)), at(p.base))),
            );
          }),
          p.x.advance(stride),
          p.dy.advance(stride),
          p.dx.advance(stride),
        ]),
      ];
    },
  );
  return [forward, sums, backward];
};

export const batchNorms = [false, true].flatMap(batchNorm);
