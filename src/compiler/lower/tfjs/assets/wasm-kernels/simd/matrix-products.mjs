/**
 * Products of matrices. Matrices are row-major; a "panel" is a strip of eight columns stored row after row, so that the
 * inner loops of the products read it in sequence. Tiles are 4 x 8: eight sums, two vectors and a factor are what V8
 * keeps in registers; larger tiles and unrolled loops spill and run at two thirds of the speed.
 */
import { range } from '../range.mjs';
import { assemble, i32, loop, repeatWhile, select, TYPE, vector, when } from './assembler.mjs';
import { bytesOf, extract, four, one } from './lanes.mjs';

/** @import { Code, Operand } from './assembler.mjs' */

/**
 * The two products.
 * @param {boolean} fused whether the engine has relaxed SIMD, whose multiply-add is one instruction
 */
export function matrixProducts(fused) {
  /** a b + sum. @type {(a: Operand, b: Operand, sum: Operand) => Code} */
  const multiplyAdd = (a, b, sum) => (fused ? vector(0x105)(a, b, sum) : four.add(sum, four.mul(a, b)));

  /** output[r] = sum over taps t and depth k of input[r][t][k] * weights[t][k], weights packed in panels. */
  const product = assemble(
    'product',
    ['inputRows', 'outputRows', 'rows', 'taps', 'tapCount', 'depth', 'panels', 'columns'],
    (p, local) => {
      const [row, column, width, panel, tap, lastTap, offset, end, slot] = range(9).map(() => local());
      const [input, output, at] = range(3).map(() => range(4).map(() => local()));
      const sums = range(4).map(() => range(2).map(() => local(TYPE.v128)));
      const [left, right, factor] = range(3).map(() => local(TYPE.v128));
      const overTaps = loop(tap, p.taps, lastTap, 4, [
        offset.set(i32.load(tap)),
        at.map((address, i) => address.set(i32.add(input[i], offset))),
        end.set(i32.add(at[0], bytesOf(p.depth))),
        repeatWhile(
          [
            left.set(four.load(panel)),
            right.set(four.load(panel, 16)),
            at.map((address, i) => [
              factor.set(four.spread(address)),
              sums[i][0].set(multiplyAdd(factor, left, sums[i][0])),
              sums[i][1].set(multiplyAdd(factor, right, sums[i][1])),
            ]),
            at.map((address) => address.advance(4)),
            panel.advance(32),
          ],
          i32.below(at[0], end),
        ),
      ]);
      const wholeTile = output.map((address, i) =>
        sums[i].map((sum, half) => four.store(i32.add(address, column), sum, 16 * half)),
      );
      const lastColumns = range(8).map((j) =>
        when(
          i32.below(i32.add(column, 4 * j), width),
          output.map((address, i) =>
            one.store(i32.add(address, column), extract(sums[i][j >> 2], j & 3), 4 * j),
          ),
        ),
      );
      return [
        width.set(bytesOf(p.columns)),
        lastTap.set(i32.add(p.taps, bytesOf(p.tapCount))),
        loop(row, 0, p.rows, 4, [
          // Past the last row the tile repeats it: the same values are written to the same place again.
          range(4).map((i) => [
            slot.set(i32.add(row, i)),
            slot.set(bytesOf(select(i32.below(slot, p.rows), slot, i32.sub(p.rows, 1)))),
            input[i].set(i32.load(i32.add(p.inputRows, slot))),
            output[i].set(i32.load(i32.add(p.outputRows, slot))),
          ]),
          panel.set(p.panels),
          loop(column, 0, width, 32, [
            sums.flat().map((sum) => sum.set(four.zero)),
            overTaps,
            when(i32.below(width, i32.add(column, 32)), lastColumns, wholeTile),
          ]),
        ]),
      ];
    },
  );

  /** sum[k][j] += sum over r of input[r][k] * columns[r][j]; sum is padded to whole 4 x 8 tiles. */
  const outerProduct = assemble(
    'outerProduct',
    ['inputRows', 'offset', 'rows', 'depth', 'panels', 'columns', 'strip', 'sum'],
    (p, local) => {
      const [k, lastRow, address, gathered, column, panel, end, stride, tile] = range(9).map(() => local());
      const sums = range(4).map(() => range(2).map(() => local(TYPE.v128)));
      const [left, right, factor] = range(3).map(() => local(TYPE.v128));
      const tileRow = (/** @type {number} */ i) => i32.add(tile, i32.mul(stride, i));
      return [
        stride.set(i32.and(i32.add(bytesOf(p.columns), 31), -32)),
        lastRow.set(i32.add(p.inputRows, bytesOf(p.rows))),
        end.set(i32.add(p.strip, i32.mul(p.rows, 16))),
        loop(k, 0, bytesOf(p.depth), 16, [
          gathered.set(p.strip),
          loop(address, p.inputRows, lastRow, 4, [
            four.store(gathered, four.load(i32.add(i32.add(i32.load(address), p.offset), k))),
            gathered.advance(16),
          ]),
          panel.set(p.panels),
          loop(column, 0, stride, 32, [
            tile.set(i32.add(p.sum, column)),
            sums.map((pair, i) => pair.map((sum, half) => sum.set(four.load(tileRow(i), 16 * half)))),
            gathered.set(p.strip),
            repeatWhile(
              [
                left.set(four.load(panel)),
                right.set(four.load(panel, 16)),
                sums.map(([low, high], i) => [
                  factor.set(four.spread(gathered, 4 * i)),
                  low.set(multiplyAdd(factor, left, low)),
                  high.set(multiplyAdd(factor, right, high)),
                ]),
                gathered.advance(16),
                panel.advance(32),
              ],
              i32.below(gathered, end),
            ),
            sums.map((pair, i) => pair.map((sum, half) => four.store(tileRow(i), sum, 16 * half))),
          ]),
          p.sum.advance(i32.mul(stride, 4)),
        ]),
      ];
    },
  );

  return [product, outerProduct];
}

/** Packs source[r][j] into panels, zeros past the last column. */
export const packRows = assemble(
  'packRows',
  ['source', 'rowStep', 'rows', 'columns', 'target', 'panelStep'],
  (p, local) => {
    const [column, width, row, from, to, j] = range(6).map(() => local());
    const overRows = (/** @type {Code} */ body) => [
      from.set(i32.add(p.source, column)),
      to.set(p.target),
      loop(row, 0, p.rows, 1, [body, from.advance(p.rowStep), to.advance(32)]),
    ];
    return [
      width.set(bytesOf(p.columns)),
      loop(column, 0, width, 32, [
        when(
          i32.below(width, i32.add(column, 32)),
          overRows([
            four.store(to, four.zero),
            four.store(to, four.zero, 16),
            loop(j, 0, i32.sub(width, column), 4, one.store(i32.add(to, j), one.load(i32.add(from, j)))),
          ]),
          overRows([four.store(to, four.load(from)), four.store(to, four.load(from, 16), 16)]),
        ),
        p.target.advance(p.panelStep),
      ]),
    ];
  },
);

/** Packs the transpose: source[j][r], one column of the panels in each row of the source. */
export const packColumns = assemble(
  'packColumns',
  ['source', 'columnStep', 'rows', 'columns', 'target', 'panelStep'],
  (p, local) => {
    const [column, j, row, from, to] = range(5).map(() => local());
    return loop(column, 0, p.columns, 8, [
      loop(j, 0, 8, 1, [
        from.set(i32.add(p.source, i32.mul(i32.add(column, j), p.columnStep))),
        to.set(i32.add(p.target, bytesOf(j))),
        when(
          i32.below(i32.add(column, j), p.columns),
          loop(row, 0, p.rows, 1, [one.store(to, one.load(from)), from.advance(4), to.advance(32)]),
          loop(row, 0, p.rows, 1, [one.store(to, one.zero), to.advance(32)]),
        ),
      ]),
      p.target.advance(p.panelStep),
    ]);
  },
);
