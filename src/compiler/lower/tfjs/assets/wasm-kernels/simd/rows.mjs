/** Rows copied, and rows combined element by element. */

import { assemble, i32, loop } from './assembler.mjs';
import { alongRow, bytesOf } from './lanes.mjs';

/** target[r] = source[r], rows of `bytes` bytes at steps of their own; a step of 0 repeats a row. */
export const copyRows = assemble(
  'copyRows',
  ['source', 'sourceStep', 'target', 'targetStep', 'bytes', 'rows'],
  (p, local) => {
    const row = local();
    return loop(row, 0, p.rows, 1, [
      alongRow(local, p.bytes, (lane, offset) =>
        lane.store(i32.add(p.target, offset), lane.load(i32.add(p.source, offset))),
      ),
      p.source.advance(p.sourceStep),
      p.target.advance(p.targetStep),
    ]);
  },
);

/**
 * out[r][j] = a[r][j] op b, with b[r][j] (`b` moves by bStep from row to row) or one b per row.
 * @param {'add' | 'min' | 'max' | 'passWhere'} operation
 */
const elementwiseOf = (operation) =>
  [false, true].map((perRow) =>
    assemble(
      perRow ? `${operation}PerRow` : operation,
      ['a', 'b', 'out', 'rows', 'columns', 'bStep'],
      (p, local) => {
        const [row, stride] = [local(), local()];
        return [
          stride.set(bytesOf(p.columns)),
          loop(row, 0, p.rows, 1, [
            alongRow(local, stride, (lane, offset) =>
              lane.store(
                i32.add(p.out, offset),
                lane[operation](
                  lane.load(i32.add(p.a, offset)),
                  perRow ? lane.spread(p.b) : lane.load(i32.add(p.b, offset)),
                ),
              ),
            ),
            p.a.advance(stride),
            p.b.advance(p.bStep),
            p.out.advance(stride),
          ]),
        ];
      },
    ),
  );

export const elementwise = /** @type {const} */ (['add', 'min', 'max', 'passWhere']).flatMap(elementwiseOf);
