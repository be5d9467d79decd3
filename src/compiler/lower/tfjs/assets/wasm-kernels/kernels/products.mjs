/** Convolutions and matrix products: all of them are `product` or `outerProduct` over a table of rows. */

/** @import { Heap } from '../heap.mjs' */

/** Columns of a panel. */
export const PANEL = 8;
/** Rows that `outerProduct` takes at a time: one strip and one panel of them fit the first-level cache. */
const CHUNK = 512;

/** @type {(multiple: number, value: number) => number} */
const upTo = (multiple, value) => Math.ceil(value / multiple) * multiple;
/** The addresses `from + step * i`. @type {(from: number, step: number, count: number) => Float64Array} */
export function regularRows(from, step, count) {
  const rows = new Float64Array(count);
  for (let i = 0; i < count; i++) rows[i] = from + step * i;
  return rows;
}

/**
 * Packs a matrix of weights into panels, to be used at once.
 * @param {Heap} heap
 * @param {'packRows' | 'packColumns'} pack columns: the matrix is stored transposed
 * @param {{ address: number, step: number, rows: number, columns: number }} matrix
 */
export function packed(heap, pack, { address, step, rows, columns }) {
  const panels = heap.buffer('panels', rows * upTo(PANEL, columns) * 4);
  heap.simd[pack](address, step, rows, columns, panels, rows * PANEL * 4);
  return panels;
}

/**
 * output[r] = sum over taps t and depth k of input[r][t][k] * weights[t][k].
 * @typedef {object} Product
 * @property {ArrayLike<number>} input addresses of rows
 * @property {ArrayLike<number>} output addresses of rows
 * @property {number[]} taps offsets in bytes from a row's address
 * @property {number} depth of a tap
 * @property {number} panels the weights, packed
 * @property {number} columns
 *
 * @param {Heap} heap
 * @param {Product} product
 */
export function multiply(heap, { input, output, taps, depth, panels, columns }) {
  const [inputRows, outputRows] = [heap.table('inputRows', input), heap.table('outputRows', output)];
  const offsets = heap.table('taps', taps);
  heap.simd.product(inputRows, outputRows, input.length, offsets, taps.length, depth, panels, columns);
}

/**
 * out[tap][k][j] = sum over rows r of input[r][tap][k] * columns[r][j].
 * @typedef {object} OuterProduct
 * @property {ArrayLike<number>} rows addresses of the input's rows
 * @property {number[]} taps offsets in bytes from a row's address
 * @property {number} depth of a tap
 * @property {{ address: number, count: number }} columns a dense matrix
 * @property {number} out address
 *
 * @param {Heap} heap
 * @param {OuterProduct} product
 */
export function accumulateOuter(heap, { rows, taps, depth, columns, out }) {
  const width = upTo(PANEL, columns.count);
  const tapSize = upTo(4, depth) * width;
  const sums = heap.buffer('sums', taps.length * tapSize * 4);
  const strip = heap.buffer('strip', CHUNK * 16);
  const panels = heap.buffer('panels', CHUNK * width * 4);
  const table = heap.table('inputRows', rows);
  const row = columns.count * 4;
  heap.floats(sums, taps.length * tapSize).fill(0);
  for (let first = 0; first < rows.length; first += CHUNK) {
    const count = Math.min(CHUNK, rows.length - first);
    heap.simd.packRows(columns.address + first * row, row, count, columns.count, panels, count * PANEL * 4);
    taps.forEach((offset, tap) => {
      const sum = sums + tap * tapSize * 4;
      heap.simd.outerProduct(table + first * 4, offset, count, depth, panels, columns.count, strip, sum);
    });
  }
  taps.forEach((_, tap) =>
    heap.simd.copyRows(sums + tap * tapSize * 4, width * 4, out + tap * depth * row, row, row, depth),
  );
}
