/** The module of SIMD functions. */

import { moduleBytes } from './assembler.mjs';
import { batchNorms } from './batch-norm.mjs';
import { columnStatistics } from './column-sums.mjs';
import { matrixProducts, packColumns, packRows } from './matrix-products.mjs';
import { copyRows, elementwise } from './rows.mjs';
import { dotPixels, maxPoolWindow, spreadWeighted } from './windows.mjs';

/** @param {boolean} fused whether the engine has relaxed SIMD */
const simdFunctions = (fused) => [
  ...matrixProducts(fused),
  packRows,
  packColumns,
  copyRows,
  ...columnStatistics,
  ...batchNorms,
  ...elementwise,
  spreadWeighted,
  dotPixels,
  maxPoolWindow,
];

/** The module in the best form the engine accepts. @param {WebAssembly.Memory} memory */
export function instantiate(memory) {
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const bytes = [true, false]
    .map((fused) => moduleBytes(simdFunctions(fused), shared))
    .find((candidate) => WebAssembly.validate(candidate));
  if (!bytes)
    throw new Error('This JavaScript engine has no WebAssembly SIMD, which the training kernels need.');
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { tfjs: { memory } });
  return /** @type {Record<string, (...operands: number[]) => void>} */ (instance.exports);
}
