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
 * | Maximum, Minimum | stock is scalar, 7 times slower |
 * | Concat, SplitV, Slice | stock copies row by row from JavaScript; its Slice copies the whole input first |
 * | GatherV2 | stock reads wrong rows where there are batch dimensions |
 * | Add, Sub, Multiply, RealDiv, SquaredDifference, Prelu, PadV2 | of more than six axes stock makes nonsense |
 * | Identity, Cast to the same type | shared instead of copied: saved tensors are not held twice |
 * | BatchNormTrain(Grad), ReluGrad, Repeat | new: used by the gradients and helpers below |
 *
 * Gradients, for every backend. `@tensorflow/tfjs-core` alone comes without any (they are in the all-in-one package
 * `@tensorflow/tfjs`), so those of the usual operations are here. They follow PyTorch's conventions: relu'(0) = 0, a
 * clip passes inside and at its bounds, max takes the first of equals. Where they differ from the stock ones:
 *
 * | gradient of | stock |
 * | --- | --- |
 * | Conv2D, DepthwiseConv2dNative | refuse dilations |
 * | Conv3D | calls kernels that on WASM give wrong numbers |
 * | AvgPool | divides by the whole window where the forward pass does not count padding |
 * | Max, Min | give the gradient to every tie |
 * | ResizeBilinear, ResizeNearestNeighbor | ignore half-pixel centres |
 * | BatchMatMul | has the wrong shape when the batch was broadcast |
 * | Relu, Sum, Mean | are right but slow: three passes, tensors of ones |
 *
 * tfjs has no grouped convolution (split, convolve, concatenate; depthwise when groups = channels) and no gradient of
 * `einsum` (transpose, reshape, `matMul`).
 *
 * Memory: saved activations and spent gradients are freed while the backward pass runs (`releasing` below), not after
 * it; half the heap, so that DenseNet-121 at 224 px fits with N = 16 (2.2 GiB).
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

/** @typedef {(...operands: Operand[]) => Code} Instruction */
/** @typedef {(address: Operand, offset?: number) => Code} Load 4 or 16 bytes at `address + offset` */
/** @typedef {(address: Operand, value: Operand, offset?: number) => Code} Store */

/** @type {(code: number) => Instruction} */
const scalar =
  (code) =>
  (...operands) => [operands.map(push), code];
/** @type {(code: number) => Instruction} */
const vector =
  (code) =>
  (...operands) => [operands.map(push), 0xfd, unsigned(code)];
/** @type {(...code: number[]) => Load} */
const load =
  (...code) =>
  (address, offset = 0) => [push(address), code, 2, unsigned(offset)];
/** @type {(...code: number[]) => Store} */
const store =
  (...code) =>
  (address, value, offset = 0) => [push(address), push(value), code, 2, unsigned(offset)];

/** `a` where the condition holds, else `b`. @type {(condition: Operand, a: Operand, b: Operand) => Code} */
const select = (condition, a, b) => scalar(0x1b)(a, b, condition);

const i32 = {
  add: scalar(0x6a),
  sub: scalar(0x6b),
  mul: scalar(0x6c),
  and: scalar(0x71),
  below: scalar(0x49), // unsigned: addresses go up to 4 GiB
  load: load(0x28),
};

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
const four = {
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
const one = {
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
const extract = (value, lane) => [push(value), 0xfd, 0x1f, lane];

/** @type {(condition: Operand, then: Code, otherwise?: Code) => Code} */
const when = (condition, then, otherwise = []) => [push(condition), 0x04, 0x40, then, 0x05, otherwise, 0x0b];

/** `do body while (condition)`. @type {(body: Code, condition: Code) => Code} */
const repeatWhile = (body, condition) => [0x03, 0x40, body, condition, 0x0d, 0, 0x0b];

/**
 * `for (i = from; i < to; i += step)`.
 * @type {(i: Local, from: Operand, to: Operand, step: Operand, body: Code) => Code}
 */
function loop(i, from, to, step, body) {
  const more = i32.below(i, to);
  return [i.set(from), when(more, repeatWhile([body, i.advance(step)], more))];
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

// ---------------------------------------------------------------------------------------------------------------
// The SIMD functions. Matrices are row-major; a "panel" is a strip of eight columns stored row after row, so that the
// inner loops of the products read it in sequence. Tiles are 4 x 8: eight sums, two vectors and a factor are what V8
// keeps in registers; larger tiles and unrolled loops spill and run at two thirds of the speed.
// ---------------------------------------------------------------------------------------------------------------

/** Rows summed in registers before they join the total: short chains keep float32 sums accurate. */
const BLOCK = 64;

/** @type {(floats: Operand) => Code} */
const bytesOf = (floats) => i32.mul(floats, 4);
/** @type {(count: number) => number[]} */
const range = (count) => Array.from({ length: count }, (_, index) => index);

/**
 * Runs the body over a row of `bytes` bytes, four floats at a time and then one at a time.
 * @param {(type?: number) => Local} local
 * @param {Operand} bytes
 * @param {(lane: Lanes, offset: Local) => Code} body
 */
function alongRow(local, bytes, body) {
  const [offset, whole, end] = [local(), local(), local()];
  return [
    end.set(bytes),
    whole.set(i32.and(end, -16)),
    loop(offset, 0, whole, 16, body(four, offset)),
    loop(offset, whole, end, 4, body(one, offset)),
  ];
}

/**
 * All functions of the module.
 * @param {boolean} fused whether the engine has relaxed SIMD, whose multiply-add is one instruction
 */
function simdFunctions(fused) {
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

  /** Packs source[r][j] into panels, zeros past the last column. */
  const packRows = assemble(
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
  const packColumns = assemble(
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

  /** target[r] = source[r], rows of `bytes` bytes at steps of their own; a step of 0 repeats a row. */
  const copyRows = assemble(
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
   * Sums over the rows of x (and dy, of the same shape), one total per column and term.
   * @param {string} name
   * @param {string[]} inputs matrices
   * @param {string[]} constants one value per column
   * @param {string[]} totals where the sums are added
   * @param {(lane: Lanes, inputs: Local[], constants: Local[]) => Code[]} terms
   */
  const columnSums = (name, inputs, constants, totals, terms) =>
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

  /**
   * out[r][j] = a[r][j] op b, with b[r][j] (`b` moves by bStep from row to row) or one b per row.
   * @param {'add' | 'min' | 'max' | 'passWhere'} operation
   */
  const elementwise = (operation) =>
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

  /** target[i] += source[i] * weight, over pixels i of `columns` channels. */
  const spreadWeighted = assemble(
    'spreadWeighted',
    ['target', 'targetStep', 'source', 'sourceStep', 'weight', 'pixels', 'columns'],
    (p, local) => {
      const pixel = local();
      return loop(pixel, 0, p.pixels, 1, [
        alongRow(local, bytesOf(p.columns), (lane, offset) => {
          const [target, source, weight] = [p.target, p.source, p.weight].map((base) =>
            i32.add(base, offset),
          );
          return lane.store(
            target,
            lane.add(lane.load(target), lane.mul(lane.load(source), lane.load(weight))),
          );
        }),
        p.target.advance(p.targetStep),
        p.source.advance(p.sourceStep),
      ]);
    },
  );

  /** total += sum over pixels i of a[i] * b[i], per channel. */
  const dotPixels = assemble(
    'dotPixels',
    ['total', 'a', 'aStep', 'b', 'bStep', 'pixels', 'columns'],
    (p, local) => {
      const [pixel, a, b] = [local(), local(), local()];
      return alongRow(local, bytesOf(p.columns), (lane, offset) => {
        const sum = local(lane.type);
        return [
          sum.set(lane.load(i32.add(p.total, offset))),
          a.set(i32.add(p.a, offset)),
          b.set(i32.add(p.b, offset)),
          loop(pixel, 0, p.pixels, 1, [
            sum.set(lane.add(sum, lane.mul(lane.load(a), lane.load(b)))),
            a.advance(p.aStep),
            b.advance(p.bStep),
          ]),
          lane.store(i32.add(p.total, offset), sum),
        ];
      });
    },
  );

  /** Adds dy of one output pixel to the first place of its window where x equals the maximum y. */
  const maxPoolWindow = assemble(
    'maxPoolWindow',
    ['x', 'dx', 'rowStep', 'windowRows', 'windowColumns', 'y', 'dy', 'channels'],
    (p, local) => {
      const [stride, row, column, address, target] = range(5).map(() => local());
      return [
        stride.set(bytesOf(p.channels)),
        alongRow(local, stride, (lane, offset) => {
          const [maximum, pending, value] = range(3).map(() => local(lane.type));
          return [
            maximum.set(lane.load(i32.add(p.y, offset))),
            pending.set(lane.load(i32.add(p.dy, offset))),
            loop(row, 0, p.windowRows, 1, [
              address.set(i32.add(i32.add(p.x, i32.mul(row, p.rowStep)), offset)),
              loop(column, 0, p.windowColumns, 1, [
                target.set(i32.add(address, i32.sub(p.dx, p.x))),
                value.set(lane.load(address)),
                lane.store(target, lane.add(lane.load(target), lane.ifEqual(value, maximum, pending))),
                pending.set(lane.ifDifferent(value, maximum, pending)),
                address.advance(stride),
              ]),
            ]),
          ];
        }),
      ];
    },
  );

  return [
    product,
    outerProduct,
    packRows,
    packColumns,
    copyRows,
    columnSums('columnSums', ['x'], [], ['total'], (_, [x]) => [push(x)]),
    columnSums('columnSquares', ['x'], ['mean'], ['total'], (lane, [x], [mean]) => {
      const centred = lane.sub(x, mean);
      return [lane.mul(centred, centred)];
    }),
    ...[false, true].flatMap(batchNorm),
    .../** @type {const} */ (['add', 'min', 'max', 'passWhere']).flatMap(elementwise),
    spreadWeighted,
    dotPixels,
    maxPoolWindow,
  ];
}

/** The module in the best form the engine accepts. @param {WebAssembly.Memory} memory */
function instantiate(memory) {
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const bytes = [true, false]
    .map((fused) => moduleBytes(simdFunctions(fused), shared))
    .find((candidate) => WebAssembly.validate(candidate));
  if (!bytes)
    throw new Error('This JavaScript engine has no WebAssembly SIMD, which the training kernels need.');
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { tfjs: { memory } });
  return /** @type {Record<string, (...operands: number[]) => void>} */ (instance.exports);
}

// ---------------------------------------------------------------------------------------------------------------
// The heap: where tensors live.
// ---------------------------------------------------------------------------------------------------------------

/** @typedef {tf.TensorInfo} Info a tensor as kernels see it */
/**
 * @typedef {object} Backend what kernels use of the backend of tfjs-backend-wasm, which declares only a part of it
 * @property {{ asm?: { memory?: WebAssembly.Memory }, wasmMemory?: WebAssembly.Memory,
 *   _malloc: (bytes: number) => number, _free: (address: number) => void }} wasm
 * @property {{ get: (dataId: object) => { memoryOffset: number } }} dataIdMap
 * @property {(shape: number[], dtype: string) => Info} makeOutput
 * @property {(dataId: object) => unknown} disposeData
 * @property {(dataId: object) => void} incRef
 */
/**
 * What the engine hands to a kernel.
 * @template [Attributes=unknown]
 * @template [Inputs=Record<string, Info>]
 * @typedef {{ inputs: Inputs, attrs: Attributes, backend: Backend }} Call
 */
/** @typedef {Call<unknown, Record<string, Info> | Info[]>} AnyCall */
/** @typedef {tf.backend_util.Conv2DInfo} ConvInfo */
/** @typedef {Omit<tf.Conv2DAttrs, 'dilations'> & { dilations?: tf.Conv2DAttrs['dilations'] }} ConvAttributes */

/** The backend's memory, the SIMD functions in it, and buffers that are kept from call to call. */
class Heap {
  /** @type {WeakMap<object, Heap>} */
  static #heaps = new WeakMap();

  /** @param {Backend} backend @returns {Heap} */
  static of(backend) {
    const known = Heap.#heaps.get(backend);
    if (known) return known;
    const heap = new Heap(backend);
    Heap.#heaps.set(backend, heap);
    return heap;
  }

  /** @param {Backend} backend */
  constructor(backend) {
    /** @type {WebAssembly.Memory | undefined} */
    const memory = backend.wasm.asm?.memory ?? backend.wasm.wasmMemory;
    if (!memory) {
      throw new Error(
        `The training kernels cannot find the memory of tfjs-backend-wasm ${wasmBackend.version_wasm}; ` +
          'they were written for 4.22.',
      );
    }
    this.backend = backend;
    this.memory = memory;
    this.simd = instantiate(memory);
    /** @type {Map<string, { address: number, bytes: number }>} */
    this.buffers = new Map();
  }

  /** @param {Info} tensor */
  address(tensor) {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** A new tensor with undefined contents. @param {readonly number[]} shape */
  output(shape, dtype = 'float32') {
    const tensor = this.backend.makeOutput([...shape], dtype);
    if (this.address(tensor) === 0) this.#exhausted();
    return tensor;
  }

  /**
   * A buffer under a name; its contents last until the name is asked for again.
   * @param {string} name
   * @param {number} bytes
   */
  buffer(name, bytes) {
    const known = this.buffers.get(name);
    if (known && known.bytes >= bytes) return known.address;
    if (known) this.backend.wasm._free(known.address);
    const address = this.backend.wasm._malloc(Math.max(bytes, 16)) >>> 0;
    if (address === 0) this.#exhausted();
    this.buffers.set(name, { address, bytes });
    return address;
  }

  /**
   * Floats at an address. The view dies when the memory grows: take it after everything is allocated.
   * @param {number} address
   * @param {number} length
   */
  floats(address, length) {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /** A buffer filled with addresses or offsets. @param {string} name @param {ArrayLike<number>} values */
  table(name, values) {
    const address = this.buffer(name, values.length * 4);
    new Uint32Array(this.memory.buffer, address, values.length).set(values);
    return address;
  }

  /** @returns {never} */
  #exhausted() {
    throw new Error('The WebAssembly heap is exhausted (it ends at 4 GiB): use a smaller batch or image.');
  }
}

const { sizeFromShape, parseAxisParam, computeStrides } = tf.util;
/** @type {(name: string, inputs: Record<string, tf.Tensor>, attrs?: object) => tf.Tensor} */
const runKernel = (name, inputs, attrs = {}) =>
  tf.engine().runKernel(name, inputs, /** @type {tf.NamedAttrMap} */ (attrs));

/** Of a kernel with several outputs. @type {(name: string, inputs: Record<string, tf.Tensor>, attrs: object) => tf.Tensor[]} */
const runKernelOfMany = (name, inputs, attrs) =>
  tf.engine().runKernel(name, inputs, /** @type {tf.NamedAttrMap} */ (attrs));

/** Whether this module's kernel of that name serves the current backend. @param {string} name */
const served = (name) => tf.getBackend() === 'wasm' && tf.getKernel(name, 'wasm') !== undefined;

/** A registered kernel as it is called here, of which tfjs's own type says less. @type {(kernel: tf.KernelConfig) => (call: AnyCall) => Info} */
const callable = ({ kernelFunc }) =>
  /** @type {(call: AnyCall) => Info} */ (/** @type {unknown} */ (kernelFunc));
/** The stock kernels that ours stand in front of. @type {Map<string, (call: AnyCall) => Info>} */
const stock = new Map();
/** @type {(name: string, call: AnyCall) => Info} */
const runStock = (name, call) => {
  const kernel = stock.get(name);
  if (!kernel) throw new Error(`tfjs-backend-wasm has no kernel ${name}.`);
  return kernel(call);
};

/** @type {(...tensors: Info[]) => boolean} */
const isFloat = (...tensors) => tensors.every(({ dtype }) => dtype === 'float32');

// ---------------------------------------------------------------------------------------------------------------
// Convolutions and matrix products: all of them are `product` or `outerProduct` over a table of rows.
// ---------------------------------------------------------------------------------------------------------------

const PANEL = 8;
/** Rows that `outerProduct` takes at a time: one strip and one panel of them fit the first-level cache. */
const CHUNK = 512;
/** The remainder that is never negative. @type {(value: number, divisor: number) => number} */
const modulo = (value, divisor) => ((value % divisor) + divisor) % divisor;
/** @type {(multiple: number, value: number) => number} */
const upTo = (multiple, value) => Math.ceil(value / multiple) * multiple;
/** The addresses `from + step * i`. @type {(from: number, step: number, count: number) => Float64Array} */
function regularRows(from, step, count) {
  const rows = new Float64Array(count);
  for (let i = 0; i < count; i++) rows[i] = from + step * i;
  return rows;
}

/**
 * Copies images into a buffer of other height and width, zeros around them (or cropped, where top or left is
 * negative). The images themselves serve where nothing changes.
 * @param {Heap} heap
 * @param {number} address
 * @param {{ batch: number, height: number, width: number, channels: number }} from
 * @param {{ top: number, left: number, height: number, width: number }} to
 */
function placeImages(heap, address, from, to) {
  const { batch, height, width, channels } = from;
  if (to.top === 0 && to.left === 0 && to.height === height && to.width === width) return address;
  const placed = heap.buffer('placed', batch * to.height * to.width * channels * 4);
  const [fromRow, toRow] = [width * channels, to.width * channels];
  const target = heap.floats(placed, batch * to.height * toRow);
  const source = heap.floats(address, batch * height * fromRow);
  const firstColumn = Math.max(0, to.left);
  const lastColumn = Math.max(firstColumn, Math.min(to.width, to.left + width));
  const [first, last] = [firstColumn - to.left, lastColumn - to.left].map((column) => column * channels);
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < to.height; y++) {
      const start = (image * to.height + y) * toRow;
      const line = y - to.top;
      if (line < 0 || line >= height) {
        target.fill(0, start, start + toRow);
        continue;
      }
      const row = (image * height + line) * fromRow;
      target.fill(0, start, start + firstColumn * channels);
      target.set(source.subarray(row + first, row + last), start + firstColumn * channels);
      target.fill(0, start + lastColumn * channels, start + toRow);
    }
  }
  return placed;
}

/**
 * The input of a convolution as a matrix that is never written out: where each output pixel's window begins, and
 * where in the window its contiguous runs of values (taps) are. A run takes in the whole width of an undilated
 * window, because pixels of a row and their channels follow each other in memory.
 * @param {Heap} heap
 * @param {ConvInfo} info
 * @param {Info} x
 */
function windows(heap, info, x) {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  const padded = padInfo.top !== 0 || padInfo.left !== 0 || padInfo.bottom > 0 || padInfo.right > 0;
  const height = padded ? (outHeight - 1) * strideHeight + (filterHeight - 1) * dilationHeight + 1 : inHeight;
  const width = padded ? (outWidth - 1) * strideWidth + (filterWidth - 1) * dilationWidth + 1 : inWidth;
  const images = { batch: batchSize, height: inHeight, width: inWidth, channels: inChannels };
  const place = { top: padInfo.top, left: padInfo.left, height, width };
  const base = placeImages(heap, heap.address(x), images, place);
  const pixel = inChannels * 4;
  const rows = new Float64Array(batchSize * outHeight * outWidth);
  let next = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      const line = base + (image * height + y * strideHeight) * width * pixel;
      for (let x = 0; x < outWidth; x++) rows[next++] = line + x * strideWidth * pixel;
    }
  }
  const across = dilationWidth === 1 ? 1 : filterWidth;
  const taps = range(filterHeight * across).map(
    (tap) => (Math.floor(tap / across) * dilationHeight * width + (tap % across) * dilationWidth) * pixel,
  );
  return { rows, taps, depth: (filterWidth / across) * inChannels };
}

/** @type {(inShape: number[], filterShape: number[], attrs: ConvAttributes, depthwise?: boolean) => ConvInfo} */
function convInfo(inShape, filterShape, attrs, depthwise = false) {
  const { strides, dilations = 1, pad, dimRoundingMode, dataFormat = 'NHWC' } = attrs;
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
  const [input, filter] = /** @type {[number, number, number, number][]} */ ([inShape, filterShape]);
  return tf.backend_util.computeConv2DInfo(
    input,
    filter,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
    format,
  );
}

/**
 * Packs a matrix of weights into panels, to be used at once.
 * @param {Heap} heap
 * @param {'packRows' | 'packColumns'} pack columns: the matrix is stored transposed
 * @param {{ address: number, step: number, rows: number, columns: number }} matrix
 */
function packed(heap, pack, { address, step, rows, columns }) {
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
function multiply(heap, { input, output, taps, depth, panels, columns }) {
  const [inputRows, outputRows] = [heap.table('inputRows', input), heap.table('outputRows', output)];
  const offsets = heap.table('taps', taps);
  heap.simd.product(inputRows, outputRows, input.length, offsets, taps.length, depth, panels, columns);
}

/** @param {Call<ConvAttributes>} call */
function conv2d(call) {
  const { x, filter } = call.inputs;
  const info = convInfo(x.shape, filter.shape, call.attrs);
  if (!isFloat(x, filter) || info.dataFormat !== 'channelsLast' || info.outShape.includes(0)) {
    return runStock('Conv2D', call);
  }
  const heap = Heap.of(call.backend);
  const out = heap.output(info.outShape);
  const { rows, taps, depth } = windows(heap, info, x);
  const columns = info.outChannels;
  const weights = { address: heap.address(filter), step: columns * 4, rows: taps.length * depth, columns };
  const panels = packed(heap, 'packRows', weights);
  const output = regularRows(heap.address(out), columns * 4, rows.length);
  multiply(heap, { input: rows, output, taps, depth, panels, columns });
  return out;
}

/**
 * The input's gradient. An input row y + pad = q s + a, a < s, meets the filter's rows kh with d kh = j s + a (stride
 * s, dilation d) at output row q - j: for each of the s * s phases (a, b) a dense convolution of dy with a part of the
 * filter, so that strides cost nothing.
 * @param {Call<ConvAttributes & { inputShape: number[] }>} call
 */
function conv2dBackpropInput(call) {
  const { dy, filter } = call.inputs;
  const info = convInfo(call.attrs.inputShape, filter.shape, call.attrs);
  if (!isFloat(dy, filter) || info.dataFormat !== 'channelsLast' || sizeFromShape(dy.shape) === 0) {
    return runStock('Conv2DBackpropInput', call);
  }
  const heap = Heap.of(call.backend);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const dx = heap.output(info.inShape);
  const top = Math.floor(((filterHeight - 1) * dilationHeight) / strideHeight);
  const left = Math.floor(((filterWidth - 1) * dilationWidth) / strideWidth);
  const height = Math.floor((inHeight - 1 + padInfo.top) / strideHeight) + 1 + top;
  const width = Math.floor((inWidth - 1 + padInfo.left) / strideWidth) + 1 + left;
  const images = { batch: batchSize, height: outHeight, width: outWidth, channels: outChannels };
  const base = placeImages(heap, heap.address(dy), images, { top, left, height, width });
  const [dyPixel, dxPixel, target] = [outChannels * 4, inChannels * 4, heap.address(dx)];

  /** @type {(a: number, b: number) => { offset: number, weights: number }[]} */
  const tapsOf = (a, b) =>
    range(filterHeight * filterWidth).flatMap((tap) => {
      const j = (Math.floor(tap / filterWidth) * dilationHeight - a) / strideHeight;
      const i = ((tap % filterWidth) * dilationWidth - b) / strideWidth;
      if (!Number.isInteger(j) || !Number.isInteger(i)) return [];
      const weights = heap.address(filter) + tap * inChannels * dyPixel;
      return [{ offset: ((top - j) * width + left - i) * dyPixel, weights }];
    });

  /** @type {(a: number, b: number) => { input: number[], output: number[] }} */
  const rowsOf = (a, b) => {
    /** @type {{ input: number[], output: number[] }} */
    const rows = { input: [], output: [] };
    const firstLine = modulo(a - padInfo.top, strideHeight);
    const firstColumn = modulo(b - padInfo.left, strideWidth);
    for (let image = 0; image < batchSize; image++) {
      for (let y = firstLine; y < inHeight; y += strideHeight) {
        const line = (image * height + (y + padInfo.top - a) / strideHeight) * width;
        for (let x = firstColumn; x < inWidth; x += strideWidth) {
          rows.input.push(base + (line + (x + padInfo.left - b) / strideWidth) * dyPixel);
          rows.output.push(target + ((image * inHeight + y) * inWidth + x) * dxPixel);
        }
      }
    }
    return rows;
  };

  for (let a = 0; a < strideHeight; a++) {
    for (let b = 0; b < strideWidth; b++) {
      const taps = tapsOf(a, b);
      const tapBytes = outChannels * PANEL * 4;
      const panelStep = taps.length * tapBytes;
      const panels = heap.buffer('panels', panelStep * Math.ceil(inChannels / PANEL));
      taps.forEach(({ weights }, tap) =>
        heap.simd.packColumns(weights, dyPixel, outChannels, inChannels, panels + tap * tapBytes, panelStep),
      );
      const offsets = taps.map(({ offset }) => offset);
      multiply(heap, { ...rowsOf(a, b), taps: offsets, depth: outChannels, panels, columns: inChannels });
    }
  }
  return dx;
}

/** @param {Call<ConvAttributes & { filterShape: number[] }>} call */
function conv2dBackpropFilter(call) {
  const { x, dy } = call.inputs;
  const { filterShape } = call.attrs;
  const info = convInfo(x.shape, filterShape, call.attrs);
  if (info.dataFormat !== 'channelsLast') throw new Error('Conv2DBackpropFilter on WASM takes NHWC only.');
  const heap = Heap.of(call.backend);
  const dw = heap.output(filterShape);
  const columns = { address: heap.address(dy), count: info.outChannels };
  accumulateOuter(heap, { ...windows(heap, info, x), columns, out: heap.address(dw) });
  return dw;
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
function accumulateOuter(heap, { rows, taps, depth, columns, out }) {
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

/** @param {Call<tf.BatchMatMulAttrs>} call */
function batchMatMul(call) {
  const { a, b } = call.inputs;
  const { transposeA, transposeB } = call.attrs;
  const [rows, depth] = lastTwo(a.shape, transposeA);
  const [innerB, columns] = lastTwo(b.shape, transposeB);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [batchA, batchB] = [a, b].map(({ shape }) => sizeFromShape(shape.slice(0, -2)));
  const count = sizeFromShape(batch);
  const regular = [batchA, batchB].every((size) => size === 1 || size === count);
  if (!isFloat(a, b) || depth !== innerB || !regular || count * rows * columns * depth === 0) {
    return runStock('BatchMatMul', call);
  }
  if (transposeA && transposeB) {
    // The outer product reads b row by row.
    const [left, right] = /** @type {tf.Tensor[]} */ ([a, b]);
    return tf.tidy(() => tf.matMul(left, tf.transpose(right, swapLastTwo(b.shape.length)), true, false));
  }
  const heap = Heap.of(call.backend);
  const out = heap.output([...batch, rows, columns]);
  for (let i = 0; i < count; i++) {
    const left = heap.address(a) + (batchA === 1 ? 0 : i) * rows * depth * 4;
    const right = heap.address(b) + (batchB === 1 ? 0 : i) * depth * columns * 4;
    const target = heap.address(out) + i * rows * columns * 4;
    if (transposeA) {
      const input = regularRows(left, rows * 4, depth);
      const dense = { address: right, count: columns };
      accumulateOuter(heap, { rows: input, taps: [0], depth: rows, columns: dense, out: target });
    } else {
      const matrix = { address: right, step: (transposeB ? depth : columns) * 4, rows: depth, columns };
      const panels = packed(heap, transposeB ? 'packColumns' : 'packRows', matrix);
      const input = regularRows(left, depth * 4, rows);
      const output = regularRows(target, columns * 4, rows);
      multiply(heap, { input, output, taps: [0], depth, panels, columns });
    }
  }
  return out;
}

/**
 * Rows and columns of a matrix that may be meant transposed.
 * @type {(shape: number[], transposed: boolean) => [number, number]}
 */
function lastTwo(shape, transposed) {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** @type {(rank: number) => number[]} */
const swapLastTwo = (rank) => [...range(rank - 2), rank - 1, rank - 2];

// ---------------------------------------------------------------------------------------------------------------
// Depthwise convolutions and pooling: runs of pixels along a row of the output, one filter tap at a time.
// ---------------------------------------------------------------------------------------------------------------

/**
 * Visits, for every image, output row and tap, the run of output pixels whose tap falls inside the input.
 * @param {ConvInfo} info
 * @param {(inputPixel: number, outputPixel: number, count: number, tap: number) => void} visit
 */
function visitRuns(info, visit) {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  for (let image = 0; image < batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      for (let tap = 0; tap < filterHeight * filterWidth; tap++) {
        const line = y * strideHeight - padInfo.top + Math.floor(tap / filterWidth) * dilationHeight;
        if (line < 0 || line >= inHeight) continue;
        const shift = (tap % filterWidth) * dilationWidth - padInfo.left;
        const first = Math.max(0, Math.ceil(-shift / strideWidth));
        const last = Math.min(outWidth - 1, Math.floor((inWidth - 1 - shift) / strideWidth));
        if (last < first) continue;
        visit(
          (image * inHeight + line) * inWidth + first * strideWidth + shift,
          (image * outHeight + y) * outWidth + first,
          last - first + 1,
          tap,
        );
      }
    }
  }
}

/**
 * Adds to dx, for every tap, dy times the tap's weights per channel.
 * @param {Heap} heap
 * @param {ConvInfo} info
 * @param {number} dx address
 * @param {number} dy address
 * @param {number} channels of both
 * @param {(tap: number) => number} weights the address of a tap's weights
 */
function spreadRuns(heap, info, dx, dy, channels, weights) {
  const pixel = channels * 4;
  const step = info.strideWidth * pixel;
  heap.floats(dx, info.batchSize * info.inHeight * info.inWidth * channels).fill(0);
  visitRuns(info, (input, output, count, tap) => {
    const [target, source] = [dx + input * pixel, dy + output * pixel];
    heap.simd.spreadWeighted(target, step, source, pixel, weights(tap), count, channels);
  });
}

/** @param {Call<ConvAttributes & { inputShape: number[] }>} call */
function depthwiseBackpropInput(call) {
  const { dy, filter } = call.inputs;
  const info = convInfo(call.attrs.inputShape, filter.shape, call.attrs, true);
  const multiplier = filter.shape[3];
  const heap = Heap.of(call.backend);
  // With several outputs per channel: the gradient of the channels repeated, then the sum of the repetitions.
  const wide = heap.output([info.batchSize, info.inHeight, info.inWidth, info.outChannels]);
  const [target, source, weights] = [wide, dy, filter].map((tensor) => heap.address(tensor));
  spreadRuns(heap, info, target, source, info.outChannels, (tap) => weights + tap * info.outChannels * 4);
  if (multiplier === 1) return wide;
  const x = { ...wide, shape: [...info.inShape, multiplier] };
  const dx = runStock('Sum', { ...call, inputs: { x }, attrs: { axis: [4], keepDims: false } });
  call.backend.disposeData(wide.dataId);
  return dx;
}

/** @param {Call<ConvAttributes & { filterShape: number[] }>} call */
function depthwiseBackpropFilter(call) {
  const { x, dy } = call.inputs;
  const { filterShape } = call.attrs;
  const info = convInfo(x.shape, filterShape, call.attrs, true);
  const multiplier = filterShape[3];
  if (multiplier > 1) {
    return tf.tidy(() => {
      const [batch, height, width] = info.inShape;
      const [images, gradient] = /** @type {tf.Tensor[]} */ ([x, dy]);
      const repeated = tf.tile(tf.reshape(images, [-1, 1]), [1, multiplier]);
      const [kh, kw, channels] = filterShape;
      const wide = runKernel(
        'DepthwiseConv2dNativeBackpropFilter',
        { x: tf.reshape(repeated, [batch, height, width, info.outChannels]), dy: gradient },
        { ...call.attrs, filterShape: [kh, kw, channels * multiplier, 1] },
      );
      return tf.reshape(wide, filterShape);
    });
  }
  const heap = Heap.of(call.backend);
  const dw = heap.output(filterShape);
  const pixel = info.inChannels * 4;
  heap.floats(heap.address(dw), sizeFromShape(filterShape)).fill(0);
  const step = info.strideWidth * pixel;
  const [total, images, gradients] = [dw, x, dy].map((tensor) => heap.address(tensor));
  visitRuns(info, (input, output, count, tap) => {
    const [a, b] = [images + input * pixel, gradients + output * pixel];
    heap.simd.dotPixels(total + tap * pixel, a, step, b, pixel, count, info.inChannels);
  });
  return dw;
}

/** @type {(input: Info, attrs: tf.MaxPoolAttrs | tf.AvgPoolAttrs) => ConvInfo} */
function poolInfo(input, { filterSize, strides, pad, dimRoundingMode }) {
  const shape = /** @type {[number, number, number, number]} */ (input.shape);
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

/**
 * As stock: every value counts 1 / (window size); the gradient of AvgPool below corrects dy at the borders.
 * @param {Call<tf.AvgPoolAttrs>} call
 */
function avgPoolGrad(call) {
  const { dy, input } = call.inputs;
  const info = poolInfo(input, call.attrs);
  const heap = Heap.of(call.backend);
  const dx = heap.output(info.inShape);
  const weights = heap.buffer('weights', info.inChannels * 4);
  heap.floats(weights, info.inChannels).fill(1 / (info.filterHeight * info.filterWidth));
  spreadRuns(heap, info, heap.address(dx), heap.address(dy), info.inChannels, () => weights);
  return dx;
}

/** @param {Call<tf.MaxPoolAttrs>} call */
function maxPoolGrad(call) {
  const { dy, input, output } = call.inputs;
  const info = poolInfo(input, call.attrs);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  const heap = Heap.of(call.backend);
  const dx = heap.output(info.inShape);
  const pixel = inChannels * 4;
  heap.floats(heap.address(dx), sizeFromShape(info.inShape)).fill(0);
  const [xs, ys, dxs, dys] = [input, output, dx, dy].map((tensor) => heap.address(tensor));
  /** A window's first place and length, cut to the image. @type {(start: number, size: number, limit: number) => number[]} */
  const clip = (start, size, limit) => [
    Math.max(0, start),
    Math.min(limit, start + size) - Math.max(0, start),
  ];
  for (let image = 0; image < batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      const [top, height] = clip(y * info.strideHeight - padInfo.top, info.filterHeight, inHeight);
      for (let x = 0; x < outWidth; x++) {
        const [left, width] = clip(x * info.strideWidth - padInfo.left, info.filterWidth, inWidth);
        const from = ((image * inHeight + top) * inWidth + left) * pixel;
        const to = ((image * outHeight + y) * outWidth + x) * pixel;
        const window = [xs + from, dxs + from, inWidth * pixel, height, width];
        heap.simd.maxPoolWindow(...window, ys + to, dys + to, inChannels);
      }
    }
  }
  return dx;
}

// ---------------------------------------------------------------------------------------------------------------
// Reductions, elementwise operations and the movement of data.
// ---------------------------------------------------------------------------------------------------------------

/**
 * A shape whose reduced (or broadcast) axes lie together, as [outer, middle, inner] with the middle standing for
 * them; undefined where they do not. Axes of size 1 may count as either.
 * @param {readonly number[]} shape
 * @param {readonly number[]} axes
 * @returns {[number, number, number] | undefined}
 */
function grouped(shape, axes) {
  const marked = axes.filter((axis) => shape[axis] !== 1);
  if (marked.length === 0) return [1, 1, sizeFromShape([...shape])];
  const [first, last] = [Math.min(...marked), Math.max(...marked)];
  if (shape.some((size, axis) => axis > first && axis < last && size !== 1 && !marked.includes(axis))) {
    return undefined;
  }
  const part = (/** @type {number} */ from, /** @type {number} */ to) => sizeFromShape(shape.slice(from, to));
  return [part(0, first), part(first, last + 1), part(last + 1, shape.length)];
}

/** @param {boolean} average */
const reduction = (average) => (/** @type {Call<tf.SumAttrs>} */ call) => {
  const { x } = call.inputs;
  const { axis, keepDims } = call.attrs;
  const axes = parseAxisParam(axis, x.shape);
  const [outer, middle, inner] = grouped(x.shape, axes) ?? [0, 0, 0];
  if (!isFloat(x) || inner < 2 || outer * middle === 0) return runStock(average ? 'Mean' : 'Sum', call);
  const [reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  const heap = Heap.of(call.backend);
  const out = heap.output(keepDims ? tf.backend_util.expandShapeToKeepDim(reduced, axes) : reduced);
  const target = heap.address(out);
  heap.floats(target, outer * inner).fill(0);
  for (let i = 0; i < outer; i++) {
    heap.simd.columnSums(heap.address(x) + i * middle * inner * 4, middle, inner, target + i * inner * 4);
  }
  if (average) {
    const values = heap.floats(target, outer * inner);
    values.forEach((value, i) => (values[i] = value / middle));
  }
  return out;
};

/** Repeats the middle axis: [outer, inner] to [outer, middle, inner]. @param {Call<{ shape: [outer: number, middle: number, inner: number] }>} call */
function repeat(call) {
  const { x } = call.inputs;
  const [outer, middle, inner] = call.attrs.shape;
  const heap = Heap.of(call.backend);
  const out = heap.output([outer, middle, inner]);
  const row = inner * 4;
  for (let i = 0; i < outer; i++) {
    heap.simd.copyRows(heap.address(x) + i * row, 0, heap.address(out) + i * middle * row, row, row, middle);
  }
  return out;
}

/**
 * The larger or smaller of two operands, where one has the shape of the result and the other differs by axes of size 1
 * that lie together.
 * @param {string} name
 * @param {'max' | 'min'} operation
 */
const extremeKernel = (name, operation) => (/** @type {Call} */ call) => {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(call.inputs.a.shape, call.inputs.b.shape);
  const size = sizeFromShape(shape);
  const operands = [call.inputs.a, call.inputs.b];
  const [a, b] = sizeFromShape(call.inputs.a.shape) < size ? operands.reverse() : operands;
  const small = [...Array(shape.length - b.shape.length).fill(1), ...b.shape];
  const parts = grouped(
    shape,
    range(shape.length).filter((axis) => small[axis] !== shape[axis]),
  );
  if (!isFloat(a, b) || sizeFromShape(a.shape) !== size || size === 0 || !parts) return runStock(name, call);
  const heap = Heap.of(call.backend);
  const out = heap.output(shape);
  const [first, second, target] = [a, b, out].map((tensor) => heap.address(tensor));
  const [outer, middle, inner] = parts;
  if (inner === 1 && middle > 1) {
    heap.simd[`${operation}PerRow`](first, second, target, outer, middle, 4);
    return out;
  }
  const block = middle * inner * 4;
  for (let i = 0; i < outer; i++) {
    heap.simd[operation](first + i * block, second + i * inner * 4, target + i * block, middle, inner, 0);
  }
  return out;
};

/** The library that serves the stock kernels below knows no more axes, and then leaves the output as it was. */
const MOST_AXES = 6;

/**
 * The shapes of two operands with fewer axes, for the same result: neighbouring axes that both have, or that the same
 * one lacks, become one.
 * @param {readonly number[]} first
 * @param {readonly number[]} second
 * @returns {[number[], number[]]}
 */
function mergedShapes(first, second) {
  const rank = Math.max(first.length, second.length);
  const full = [first, second].map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
  /** @type {[number[], number[]]} */
  const merged = [[1], [1]];
  let before = '';
  for (const axis of range(rank)) {
    const [p, q] = full.map((shape) => shape[axis]);
    if (p === 1 && q === 1) continue;
    const kind = p === q ? 'both' : p === 1 ? 'second' : 'first';
    [p, q].forEach((size, i) => {
      if (kind === before) merged[i][merged[i].length - 1] *= size;
      else merged[i].push(size);
    });
    before = kind;
  }
  return merged;
}

/** An operand repeated along the axes that it lacks. @type {(x: Info, shape: number[], call: Call) => Info} */
function repeatedTo(x, shape, { backend }) {
  const own = [...Array(shape.length - x.shape.length).fill(1), ...x.shape];
  const reps = shape.map((size, axis) => size / own[axis]);
  const tile = callable(tf.getKernel('Tile', 'wasm'));
  return tile({ inputs: { x: { ...x, shape: own } }, backend, attrs: { reps } });
}

/** A stock kernel of two operands, for any number of axes. @param {string} name @param {[string, string]} operands */
const ofAnyRank = (name, operands) => (/** @type {Call} */ call) => {
  const [a, b] = operands.map((key) => call.inputs[key]);
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  if (shape.length <= MOST_AXES) return runStock(name, call);
  const on = (/** @type {Info} */ p, /** @type {Info} */ q) => {
    const inputs = { [operands[0]]: p, [operands[1]]: q };
    return { ...runStock(name, { ...call, inputs }), shape };
  };
  const [first, second] = mergedShapes(a.shape, b.shape);
  if (first.length <= MOST_AXES) return on({ ...a, shape: first }, { ...b, shape: second });
  const whole = [a, b].map((x) => repeatedTo(x, shape, call));
  const flat = [sizeFromShape(shape)];
  const out = on({ ...whole[0], shape: flat }, { ...whole[1], shape: flat });
  for (const { dataId } of whole) call.backend.disposeData(dataId);
  return out;
};

/** The stock kernel for any number of axes. @param {Call<tf.PadV2Attrs>} call @returns {Info} */
function pad(call) {
  const { x } = call.inputs;
  const { paddings } = call.attrs;
  if (x.shape.length <= MOST_AXES) return runStock('PadV2', call);
  const padded = range(x.shape.length).filter((axis) => paddings[axis].some((count) => count > 0));
  const only = (/** @type {(axis: number) => boolean} */ isKept, /** @type {Info} */ of) => {
    /** @type {[number, number][]} */
    const kept = paddings.map((pair, axis) => (isKept(axis) ? pair : [0, 0]));
    return { ...call, inputs: { x: of }, attrs: { ...call.attrs, paddings: kept } };
  };
  if (padded.length >= MOST_AXES) {
    const middle = padded[MOST_AXES >> 1];
    const partly = pad(only((axis) => axis < middle, x));
    const out = pad(only((axis) => axis >= middle, partly));
    call.backend.disposeData(partly.dataId);
    return out;
  }
  // An axis that is not padded becomes part of the one before it.
  const sizes = [1];
  const around = [[0, 0]];
  x.shape.forEach((size, axis) => {
    if (padded.includes(axis)) {
      sizes.push(size);
      around.push([...paddings[axis]]);
      return;
    }
    const last = sizes.length - 1;
    sizes[last] *= size;
    around[last] = around[last].map((count) => count * size);
  });
  const merged = { ...call.attrs, paddings: around };
  const shape = x.shape.map((size, axis) => paddings[axis][0] + size + paddings[axis][1]);
  return { ...runStock('PadV2', { ...call, inputs: { x: { ...x, shape: sizes } }, attrs: merged }), shape };
}

/** dy where y > 0, else 0. @param {Call} call */
function reluGrad(call) {
  const { y, dy } = call.inputs;
  const heap = Heap.of(call.backend);
  const out = heap.output(y.shape);
  heap.simd.passWhere(heap.address(y), heap.address(dy), heap.address(out), 1, sizeFromShape(y.shape), 0);
  return out;
}

/** The same data under another name; data are counted, so nothing is copied. @param {Call} call */
function share({ inputs: { x }, backend }) {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

/** @param {Call<tf.CastAttrs>} call */
const cast = (call) => (call.attrs.dtype === call.inputs.x.dtype ? share(call) : runStock('Cast', call));
/** @param {Call} call */
const identity = (call) => (call.inputs.x.dtype === 'string' ? runStock('Identity', call) : share(call));

/** @typedef {{ shape: readonly number[], begin: readonly number[] }} Place a block's place in a tensor */

/**
 * Copies a block of `size` 4-byte values from one tensor into another.
 * @param {Heap} heap
 * @param {number} source address
 * @param {Place} from
 * @param {number} target address
 * @param {Place} to
 * @param {readonly number[]} size
 */
function copyBlock(heap, source, from, target, to, size) {
  // Axes that are whole in both tensors melt into the one outside them; what stays are runs, rows of runs, and more.
  /** @type {{ count: number, from: number, to: number, fromBegin: number, toBegin: number }[]} */
  const axes = [{ count: 1, from: 1, to: 1, fromBegin: 0, toBegin: 0 }];
  for (let axis = size.length - 1; axis >= 0; axis--) {
    const inner = axes[0];
    const whole = inner.count === inner.from && inner.count === inner.to;
    const unit = whole ? inner.count : 1;
    if (whole) axes.shift();
    axes.unshift({
      count: size[axis] * unit,
      from: from.shape[axis] * unit,
      to: to.shape[axis] * unit,
      fromBegin: from.begin[axis] * unit,
      toBegin: to.begin[axis] * unit,
    });
  }
  while (axes.length < 2) axes.unshift({ count: 1, from: 1, to: 1, fromBegin: 0, toBegin: 0 });
  const fromSteps = computeStrides([...axes.map((axis) => axis.from), 1]);
  const toSteps = computeStrides([...axes.map((axis) => axis.to), 1]);
  const copy = (/** @type {number} */ depth, /** @type {number} */ source, /** @type {number} */ target) => {
    const axis = axes[depth];
    const [fromStep, toStep] = [fromSteps[depth] * 4, toSteps[depth] * 4];
    const [start, end] = [source + axis.fromBegin * fromStep, target + axis.toBegin * toStep];
    if (depth === axes.length - 2) {
      const run = axes[depth + 1];
      heap.simd.copyRows(
        start + run.fromBegin * 4,
        fromStep,
        end + run.toBegin * 4,
        toStep,
        run.count * 4,
        axis.count,
      );
      return;
    }
    for (let i = 0; i < axis.count; i++) copy(depth + 1, start + i * fromStep, end + i * toStep);
  };
  copy(0, source, target);
}

const isWord = (/** @type {Info} */ { dtype }) => dtype === 'float32' || dtype === 'int32';
const origin = (/** @type {readonly number[]} */ shape) => ({ shape, begin: shape.map(() => 0) });

/** @param {Call<tf.SliceAttrs>} call */
function slice(call) {
  const { x } = call.inputs;
  const [begin, size] = tf.slice_util.parseSliceParams(x, call.attrs.begin, call.attrs.size);
  if (!isWord(x) || sizeFromShape(size) === 0) return runStock('Slice', call);
  const heap = Heap.of(call.backend);
  const out = heap.output(size, x.dtype);
  copyBlock(heap, heap.address(x), { shape: x.shape, begin }, heap.address(out), origin(size), size);
  return out;
}

/** @param {Call<tf.SplitVAttrs>} call */
function split(call) {
  const { x } = call.inputs;
  const { shape } = x;
  const [axis] = parseAxisParam(call.attrs.axis, shape);
  const sizes = tf.backend_util.prepareSplitSize(x, call.attrs.numOrSizeSplits, axis);
  let start = 0;
  return sizes.map((length) => {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    const size = shape.with(axis, length);
    start += length;
    return slice({ ...call, attrs: { begin, size } });
  });
}

/** @param {Call<tf.ConcatAttrs, Info[]>} call */
function concat(call) {
  const inputs = call.inputs.filter(({ shape }) => sizeFromShape(shape) > 0);
  const alike = inputs.every((input) => isWord(input) && input.dtype === inputs[0].dtype);
  if (inputs.length < 2 || !alike) return runStock('Concat', call);
  const [axis] = parseAxisParam(call.attrs.axis, inputs[0].shape);
  const shapes = inputs.map(({ shape }) => shape);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  const shape = tf.backend_util.computeOutShape(shapes, axis);
  const heap = Heap.of(call.backend);
  const out = heap.output(shape, inputs[0].dtype);
  let start = 0;
  for (const input of inputs) {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    copyBlock(
      heap,
      heap.address(input),
      origin(input.shape),
      heap.address(out),
      { shape, begin },
      input.shape,
    );
    start += input.shape[axis];
  }
  return out;
}

/** Stock WASM reads the wrong rows where there are batch dimensions. @param {Call<tf.GatherV2Attrs>} call */
function gather(call) {
  const { x, indices } = call.inputs;
  const [axis] = parseAxisParam(call.attrs.axis, x.shape);
  if (!isWord(x) || indices.dtype !== 'int32' || sizeFromShape(x.shape) === 0)
    return runStock('GatherV2', call);
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, call.attrs.batchDims ?? 0);
  const heap = Heap.of(call.backend);
  const out = heap.output(outputShape, x.dtype);
  const ids = new Int32Array(heap.memory.buffer, heap.address(indices), sizeFromShape(indices.shape));
  const perBatch = ids.length / batchSize;
  const row = sliceSize * 4;
  let target = heap.address(out);
  for (let table = 0; table < batchSize * outerSize; table++) {
    const start = Math.floor(table / outerSize) * perBatch;
    for (const id of ids.subarray(start, start + perBatch)) {
      if (id < 0 || id >= dimSize) throw new Error(`gather: index ${id} is not in [0, ${dimSize - 1}].`);
      heap.simd.copyRows(heap.address(x) + (table * dimSize + id) * row, 0, target, 0, row, 1);
      target += row;
    }
  }
  return out;
}

/** Adds each row of x to the row of the output that its index names; other indices are dropped. @param {Call<tf.UnsortedSegmentSumAttrs>} call */
function unsortedSegmentSum(call) {
  const { x, segmentIds } = call.inputs;
  const { numSegments } = call.attrs;
  const row = sizeFromShape(x.shape.slice(segmentIds.shape.length));
  const heap = Heap.of(call.backend);
  const out = heap.output([numSegments, ...x.shape.slice(segmentIds.shape.length)]);
  heap.floats(heap.address(out), numSegments * row).fill(0);
  const ids = new Int32Array(heap.memory.buffer, heap.address(segmentIds), sizeFromShape(segmentIds.shape));
  ids.forEach((id, i) => {
    if (id < 0 || id >= numSegments) return;
    const target = heap.address(out) + id * row * 4;
    heap.simd.add(target, heap.address(x) + i * row * 4, target, 1, row, 0);
  });
  return out;
}

// ---------------------------------------------------------------------------------------------------------------
// Batch norm
// ---------------------------------------------------------------------------------------------------------------

/** @typedef {{ epsilon: number, relu: boolean }} NormAttributes */

/**
 * Batch norm over all axes but the last, with its statistics. The variance is biased and taken in a second pass,
 * from the differences to the mean: E[x^2] - E[x]^2 loses the digits that gradients of deep layers are made of.
 * @param {Call<NormAttributes>} call
 */
function batchNormTrainKernel(call) {
  const { x, gamma, beta } = call.inputs;
  const { epsilon, relu } = call.attrs;
  const heap = Heap.of(call.backend);
  const { rows, channels } = matrixOf(x);
  const [y, mean, variance] = [heap.output(x.shape), heap.output([channels]), heap.output([channels])];
  const scale = heap.buffer('scale', channels * 4);
  /** @type {(tensor: Info, sum: () => void) => number} */
  const average = (tensor, sum) => {
    const values = heap.floats(heap.address(tensor), channels).fill(0);
    sum();
    for (let i = 0; i < channels; i++) values[i] /= rows;
    return heap.address(tensor);
  };
  const source = heap.address(x);
  const means = average(mean, () => heap.simd.columnSums(source, rows, channels, heap.address(mean)));
  average(variance, () => heap.simd.columnSquares(source, rows, channels, means, heap.address(variance)));
  normScale(heap, scale, gamma, variance, epsilon);
  const normalise = relu ? heap.simd.normaliseRelu : heap.simd.normalise;
  normalise(source, heap.address(y), rows, channels, means, scale, heap.address(beta));
  return [y, mean, variance];
}

/**
 * With dz = dy behind the activation, c = x - mean, s = gamma / sqrt(variance + eps), n rows:
 * dbeta = sum dz, dgamma = (sum dz c) / sqrt(variance + eps),
 * dx = s (dz - sum dz / n - c (sum dz c) / (n (variance + eps))).
 * @param {Call<NormAttributes>} call
 */
function batchNormTrainGradKernel(call) {
  const { x, dy, gamma, beta, mean, variance } = call.inputs;
  const { epsilon, relu } = call.attrs;
  const heap = Heap.of(call.backend);
  const { rows, channels } = matrixOf(x);
  const [dx, dgamma, dbeta] = [heap.output(x.shape), heap.output([channels]), heap.output([channels])];
  const [scale, slope, base] = ['scale', 'slope', 'base'].map((name) => heap.buffer(name, channels * 4));
  const [source, gradient, means, shift] = [x, dy, mean, beta].map((tensor) => heap.address(tensor));
  const views = [heap.address(dbeta), heap.address(dgamma), heap.address(variance), scale, slope, base];
  const [sumDy, sumDyX, variances, scales, slopes, bases] = views.map((at) => heap.floats(at, channels));
  const { normaliseSums, normaliseSumsRelu, normaliseGrad, normaliseGradRelu } = heap.simd;
  const statistics = [rows, channels, means, scale, shift];
  sumDyX.fill(0);
  sumDy.fill(0);
  normScale(heap, scale, gamma, variance, epsilon);
  const sums = relu ? normaliseSumsRelu : normaliseSums;
  sums(source, gradient, ...statistics, heap.address(dbeta), heap.address(dgamma));
  for (let i = 0; i < channels; i++) {
    const spread = variances[i] + epsilon;
    slopes[i] = (-scales[i] * sumDyX[i]) / (spread * rows);
    bases[i] = (-scales[i] * sumDy[i]) / rows;
    sumDyX[i] /= Math.sqrt(spread);
  }
  const apply = relu ? normaliseGradRelu : normaliseGrad;
  apply(source, gradient, heap.address(dx), ...statistics, slope, base);
  return [dx, dgamma, dbeta];
}

/**
 * scale = gamma / sqrt(variance + epsilon), written to an address.
 * @type {(heap: Heap, scale: number, gamma: Info, variance: Info, epsilon: number) => void}
 */
function normScale(heap, scale, gamma, variance, epsilon) {
  const places = [scale, heap.address(gamma), heap.address(variance)];
  const [scales, gammas, variances] = places.map((at) => heap.floats(at, sizeFromShape(gamma.shape)));
  scales.forEach((_, i) => (scales[i] = gammas[i] / Math.sqrt(variances[i] + epsilon)));
}

/** A tensor as a matrix of its last axis. @param {Info} x */
function matrixOf(x) {
  const channels = x.shape.at(-1) ?? 1;
  return { rows: sizeFromShape(x.shape) / channels, channels };
}

/**
 * Batch norm in training mode over all axes but the last, on any backend; the running statistics are the caller's.
 * @param {tf.Tensor} x float32[..., C]
 * @param {tf.Tensor1D} gamma float32[C]
 * @param {tf.Tensor1D} beta float32[C]
 * @param {number} [epsilon]
 * @param {'linear' | 'relu'} [activation] a ReLU behind the norm costs nothing here, and a pass of its own elsewhere
 * @returns {{ y: tf.Tensor, mean: tf.Tensor1D, variance: tf.Tensor1D }} `variance` is biased (divisor: the number of
 * rows). No gradient flows through `mean` and `variance` as outputs.
 */
export function batchNormTrain(x, gamma, beta, epsilon = 1e-5, activation = 'linear') {
  const relu = activation === 'relu';
  if (served('BatchNormTrain')) {
    const made = runKernelOfMany('BatchNormTrain', { x, gamma, beta }, { epsilon, relu });
    const [y, mean, variance] = /** @type {[tf.Tensor, tf.Tensor1D, tf.Tensor1D]} */ (made);
    return { y, mean, variance };
  }
  const axes = range(x.rank - 1);
  const mean = tf.mean(x, axes);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), axes);
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  const y = tf.add(tf.mul(centred, scale), beta);
  return {
    y: relu ? tf.relu(y) : y,
    mean: /** @type {tf.Tensor1D} */ (mean),
    variance: /** @type {tf.Tensor1D} */ (variance),
  };
}

// ---------------------------------------------------------------------------------------------------------------
// Gradients
// ---------------------------------------------------------------------------------------------------------------

/**
 * The attributes of kernels that their gradients read; of these the engine hands a gradient those of its own kernel.
 * @typedef {ConvAttributes & tf.MaxPoolAttrs & tf.BatchMatMulAttrs & tf.ClipByValueAttrs & tf.CumsumAttrs
 *   & tf.FusedBatchNormAttrs & tf.GatherV2Attrs & tf.LeakyReluAttrs & tf.PadV2Attrs & tf.ResizeBilinearAttrs
 *   & tf.ReverseAttrs & tf.SliceAttrs & tf.SoftmaxAttrs & tf.TileAttrs & tf.TransposeAttrs
 *   & { axis: number, reductionIndices?: number | number[] }} GradientAttributes
 */
/**
 * From the output's gradient, what was saved, and the attributes: a function for each input's gradient.
 * @typedef {(dy: tf.Tensor, saved: tf.Tensor[], attrs: GradientAttributes) => Record<string, () => tf.Tensor> | (() => tf.Tensor)[]} GradientFunction
 */

/**
 * dx of a sum: dy along the reduced axes again.
 * @type {(dy: tf.Tensor, x: tf.Tensor, axes: number[]) => tf.Tensor}
 */
function spreadOver(dy, x, axes) {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const split = grouped(x.shape, axes);
  if (split && served('Repeat')) {
    const [outer, , inner] = split;
    return tf.reshape(runKernel('Repeat', { x: tf.reshape(dy, [outer, inner]) }, { shape: split }), x.shape);
  }
  return tf.mul(tf.reshape(dy, kept), tf.onesLike(x));
}

/** @param {boolean} average @returns {GradientFunction} */
const reductionGradient =
  (average) =>
  (dy, [x], { axis }) => ({
    x: () => {
      const axes = parseAxisParam(axis, x.shape);
      const count = sizeFromShape(axes.map((index) => x.shape[index] ?? 1));
      return spreadOver(average ? tf.div(dy, count) : dy, x, axes);
    },
  });

/**
 * Max and Min: dy goes to the first extreme value along the reduced axes, taken in row-major order.
 * @param {(x: tf.Tensor2D, axis: number) => tf.Tensor} firstIndex
 * @returns {GradientFunction}
 */
const extremeGradient =
  (firstIndex) =>
  (dy, [x], { reductionIndices, axis }) => ({
    x: () => {
      const reduced = parseAxisParam(reductionIndices ?? axis, x.shape);
      const kept = range(x.rank).filter((index) => !reduced.includes(index));
      const order = [...kept, ...reduced.sort((a, b) => a - b)];
      const moved = tf.transpose(x, order);
      const columns = sizeFromShape(reduced.map((index) => x.shape[index]));
      const matrix = /** @type {tf.Tensor2D} */ (tf.reshape(moved, [-1, columns]));
      const indices = /** @type {tf.Tensor1D} */ (firstIndex(matrix, 1));
      // Of type int32: stock WASM writes the bits of integers into a float32 oneHot.
      const first = columns === 1 ? tf.onesLike(matrix) : tf.cast(tf.oneHot(indices, columns), 'float32');
      const gradient = tf.mul(first, tf.reshape(dy, [-1, 1]));
      return tf.transpose(tf.reshape(gradient, moved.shape), tf.backend_util.getUndoAxesPermutation(order));
    },
  });

/** @param {number | [number, number] | undefined} dilations @returns {[number, number]} */
const pairOf = (dilations) =>
  typeof dilations === 'number' ? [dilations, dilations] : (dilations ?? [1, 1]);

/**
 * Gradients of a convolution. Our own kernels dilate; where a backend's kernels do not, the sum over the filter's
 * taps is written out (tfjs dilates at stride 1 only).
 * @param {string} kernel the kernels are called `${kernel}BackpropInput` and `${kernel}BackpropFilter`
 * @param {boolean} depthwise
 * @returns {GradientFunction}
 */
const convGradient =
  (kernel, depthwise) =>
  (dy, [x, filter], attrs) => {
    const { strides, pad, dataFormat = 'NHWC', dimRoundingMode } = attrs;
    const dilations = pairOf(attrs.dilations);
    if (dilations.some((dilation) => dilation > 1) && !served(`${kernel}BackpropFilter`)) {
      const info = convInfo(x.shape, filter.shape, attrs, depthwise);
      const [gradient, images, weights] = /** @type {tf.Tensor4D[]} */ ([dy, x, filter]);
      return tapGradient(gradient, images, weights, info, depthwise);
    }
    const geometry = { strides, pad, dataFormat, dimRoundingMode, dilations };
    return {
      x: () => runKernel(`${kernel}BackpropInput`, { dy, filter }, { ...geometry, inputShape: x.shape }),
      filter: () =>
        runKernel(`${kernel}BackpropFilter`, { x, dy }, { ...geometry, filterShape: filter.shape }),
    };
  };

/**
 * The gradients at stride 1, tap by tap, in public operations.
 * @param {tf.Tensor4D} dy
 * @param {tf.Tensor4D} x
 * @param {tf.Tensor4D} filter
 * @param {ConvInfo} info
 * @param {boolean} depthwise
 */
function tapGradient(dy, x, filter, info, depthwise) {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, dilationHeight, dilationWidth, padInfo } = info;
  const height = outHeight + (filterHeight - 1) * dilationHeight;
  const width = outWidth + (filterWidth - 1) * dilationWidth;
  /** @type {[number, number][]} */
  const corners = range(filterHeight * filterWidth).map((tap) => [
    Math.floor(tap / filterWidth) * dilationHeight,
    (tap % filterWidth) * dilationWidth,
  ]);
  const matrix = /** @type {tf.Tensor2D} */ (tf.reshape(dy, [-1, outChannels]));
  const multiplied = tf.reshape(dy, [-1, inChannels, outChannels / inChannels]);
  return {
    x: () => {
      const parts = corners.map(([top, left], tap) => {
        const weights = tf.reshape(tf.slice(tf.reshape(filter, [corners.length, -1]), [tap, 0], [1, -1]), [
          inChannels,
          -1,
        ]);
        const part = depthwise
          ? tf.sum(tf.mul(multiplied, weights), -1)
          : tf.matMul(matrix, /** @type {tf.Tensor2D} */ (weights), false, true);
        return tf.pad(tf.reshape(part, [batchSize, outHeight, outWidth, inChannels]), [
          [0, 0],
          [top, height - outHeight - top],
          [left, width - outWidth - left],
          [0, 0],
        ]);
      });
      const whole = tf.pad(tf.addN(parts), [
        [0, 0],
        [0, Math.max(0, inHeight + padInfo.top - height)],
        [0, Math.max(0, inWidth + padInfo.left - width)],
        [0, 0],
      ]);
      return tf.slice(whole, [0, padInfo.top, padInfo.left, 0], [batchSize, inHeight, inWidth, inChannels]);
    },
    filter: () => {
      const padded = tf.pad(x, [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ]);
      const parts = corners.map(([top, left]) => {
        const seen = tf.slice(padded, [0, top, left, 0], [batchSize, outHeight, outWidth, inChannels]);
        return depthwise
          ? tf.sum(tf.mul(tf.reshape(seen, [-1, inChannels, 1]), multiplied), 0)
          : tf.matMul(/** @type {tf.Tensor2D} */ (tf.reshape(seen, [-1, inChannels])), matrix, true, false);
      });
      return tf.reshape(tf.stack(parts), filter.shape);
    },
  };
}

/**
 * The gradients of a convolution over three axes, tap by tap, in public operations.
 * @type {GradientFunction}
 */
function conv3dGradient(dy, [x, filter], { strides, pad }) {
  const shapes = [x, filter].map(({ shape }) => /** @type {tf.Tensor5D['shape']} */ (shape));
  // The engine gives the attributes of Conv3D, not those of Conv2D.
  const own = /** @type {Pick<tf.Conv3DAttrs, 'strides' | 'pad'>} */ (
    /** @type {unknown} */ ({ strides, pad })
  );
  const info = tf.backend_util.computeConv3DInfo(shapes[0], shapes[1], own.strides, 1, own.pad);
  const { front, back, top, bottom, left, right } = info.padInfo;
  /** @type {[number, number][]} */
  const paddings = [[0, 0], [front, back], [top, bottom], [left, right], [0, 0]]; // prettier-ignore
  const steps = [info.strideDepth, info.strideHeight, info.strideWidth];
  const [, height, width, inChannels, outChannels] = filter.shape;
  const taps = range(sizeFromShape(filter.shape.slice(0, 3))).map((tap) => [
    Math.floor(tap / (height * width)),
    Math.floor(tap / width) % height,
    tap % width,
  ]);
  const ends = taps.map((tap) =>
    tap.map((start, axis) => start + steps[axis] * (dy.shape[axis + 1] - 1) + 1),
  );
  const matrix = /** @type {tf.Tensor2D} */ (tf.reshape(dy, [-1, outChannels]));
  return {
    x: () => {
      const weights = tf.split(tf.reshape(filter, [-1, outChannels]), taps.length);
      const padded = x.shape.map(
        (/** @type {number} */ size, /** @type {number} */ axis) =>
          size + paddings[axis][0] + paddings[axis][1],
      );
      const parts = taps.map((tap, i) => {
        const part = tf.matMul(matrix, /** @type {tf.Tensor2D} */ (weights[i]), false, true);
        const image = tf.reshape(part, [...dy.shape.slice(0, 4), inChannels]);
        const spread = steps.reduce((image, step, axis) => withHoles(image, axis + 1, step), image);
        /** @type {[number, number][]} */
        const around = tap.map((start, axis) => [start, padded[axis + 1] - ends[i][axis]]);
        return tf.pad(spread, [[0, 0], ...around, [0, 0]]);
      });
      return tf.slice(tf.addN(parts), firsts(paddings), x.shape);
    },
    filter: () => {
      const padded = tf.pad(x, paddings);
      const parts = taps.map((tap, i) => {
        const seen = tf.stridedSlice(
          padded,
          [0, ...tap, 0],
          [x.shape[0], ...ends[i], inChannels],
          [1, ...steps, 1],
        );
        return tf.matMul(/** @type {tf.Tensor2D} */ (tf.reshape(seen, [-1, inChannels])), matrix, true);
      });
      return tf.reshape(tf.stack(parts), filter.shape);
    },
  };
}

/**
 * `step - 1` zeros between the elements of an axis.
 * @type {(x: tf.Tensor, axis: number, step: number) => tf.Tensor}
 */
function withHoles(x, axis, step) {
  if (step === 1) return x;
  const [outer, size] = [sizeFromShape(x.shape.slice(0, axis)), x.shape[axis]];
  const inner = sizeFromShape(x.shape.slice(axis + 1));
  const wide = tf.pad(tf.reshape(x, [outer * size, 1, inner]), [[0, 0], [0, step - 1], [0, 0]]); // prettier-ignore
  const length = size * step - step + 1;
  const cut = tf.slice(tf.reshape(wide, [outer, size * step, inner]), [0, 0, 0], [outer, length, inner]);
  return tf.reshape(cut, x.shape.with(axis, length));
}

/** Average pooling counts no padding, so a window at the border weighs its values more. @type {GradientFunction} */
function avgPoolGradient(dy, [x], attrs) {
  const { filterSize, strides, pad } = attrs;
  return {
    x: () => {
      const info = poolInfo(x, attrs);
      const seen = (/** @type {number} */ start, /** @type {number} */ length, /** @type {number} */ limit) =>
        Math.min(limit, start + length) - Math.max(0, start);
      const weights = range(info.outHeight).flatMap((row) =>
        range(info.outWidth).map(
          (column) =>
            (info.filterHeight * info.filterWidth) /
            (seen(row * info.strideHeight - info.padInfo.top, info.filterHeight, info.inHeight) *
              seen(column * info.strideWidth - info.padInfo.left, info.filterWidth, info.inWidth)),
        ),
      );
      const scaled = weights.every((weight) => weight === 1)
        ? dy
        : tf.mul(dy, tf.tensor4d(weights, [1, info.outHeight, info.outWidth, 1]));
      return runKernel('AvgPoolGrad', { dy: scaled, input: x }, { filterSize, strides, pad });
    },
  };
}

/** @type {GradientFunction} */
function reluGradient(dy, [y]) {
  return { x: () => (served('ReluGrad') ? runKernel('ReluGrad', { y, dy }) : tf.mul(dy, tf.step(y))) };
}

/**
 * Where one axis of a resized image comes from: weights[output][input], one row per output place.
 * @param {number} from
 * @param {number} to
 * @param {{ alignCorners?: boolean, halfPixelCenters?: boolean }} options
 * @param {boolean} nearest
 */
function resizeWeights(from, to, { alignCorners, halfPixelCenters }, nearest) {
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  const weights = new Float32Array(to * from);
  const clamp = (/** @type {number} */ place) => Math.min(from - 1, place);
  for (let i = 0; i < to; i++) {
    const place = halfPixelCenters ? (i + 0.5) * scale - (nearest ? 0 : 0.5) : i * scale;
    if (nearest) {
      weights[i * from + clamp(alignCorners ? Math.round(place) : Math.floor(place))] = 1;
      continue;
    }
    const inside = Math.max(0, place);
    const part = inside - Math.floor(inside);
    weights[i * from + clamp(Math.floor(inside))] += 1 - part;
    weights[i * from + clamp(Math.ceil(inside))] += part;
  }
  return tf.tensor2d(weights, [to, from]);
}

/**
 * Resizing is linear in each axis: the gradient multiplies by the transposed weights.
 * @type {(nearest: boolean) => GradientFunction}
 */
const resizeGradient =
  (nearest) =>
  (dy, [images], attrs) => ({
    images: () => {
      const [batch, height, width, channels] = images.shape;
      const [tall, wide] = dy.shape.slice(1, 3);
      const rows = tf.expandDims(resizeWeights(height, tall, attrs, nearest), 0);
      const columns = tf.expandDims(resizeWeights(width, wide, attrs, nearest), 0);
      const narrow = tf.matMul(columns, tf.reshape(dy, [batch * tall, wide, channels]), true);
      return tf.reshape(
        tf.matMul(rows, tf.reshape(narrow, [batch, tall, width * channels]), true),
        images.shape,
      );
    },
  });

/**
 * The gradient of an operand that was broadcast: summed to the operand's shape.
 * @type {(gradient: tf.Tensor, operand: tf.Tensor) => tf.Tensor}
 */
function reduceTo(gradient, operand) {
  const axes = tf.broadcast_util.getReductionAxes(operand.shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, operand.shape);
}

/**
 * Batch norm by given statistics, y = scale r (x - mean) + offset with r = (variance + epsilon)^(-1/2): each of them a
 * vector of the last axis, or of the shape of x. Its gradients are sums of dy and of dy (x - mean); dr = -r^3 / 2.
 * @type {GradientFunction}
 */
function batchNormGradient(dy, [x, mean, variance, scale], { varianceEpsilon }) {
  const r = tf.rsqrt(tf.add(variance, varianceEpsilon));
  const gain = tf.mul(scale, r);
  const sumDy = () => reduceTo(dy, mean);
  const sumDyX = () => reduceTo(tf.mul(dy, tf.sub(x, mean)), mean);
  return {
    x: () => tf.mul(dy, gain),
    mean: () => tf.neg(tf.mul(gain, sumDy())),
    variance: () => tf.mul(tf.mul(gain, tf.square(r)), tf.mul(sumDyX(), -0.5)),
    scale: () => tf.mul(r, sumDyX()),
    offset: sumDy,
  };
}

/** Each repetition's gradient is added up, axis by axis. @type {GradientFunction} */
function tileGradient(dy, [x], { reps }) {
  return {
    x: () => {
      const shape = [...dy.shape];
      let gradient = dy;
      for (const [axis, count] of reps.entries()) {
        shape[axis] = x.shape[axis];
        const inner = sizeFromShape(shape.slice(axis));
        gradient = tf.reshape(tf.sum(tf.reshape(gradient, [-1, count, inner]), 1), shape);
      }
      return gradient;
    },
  };
}

/** Every row of dy goes back to the row it was taken from. @type {GradientFunction} */
function gatherGradient(dy, [x, indices], { axis, batchDims = 0 }) {
  return {
    x: () => {
      const [at] = parseAxisParam(axis, x.shape);
      if (batchDims > 0 && batchDims !== at)
        throw new Error('gather: a gradient needs batchDims = 0 or = axis.');
      const [outer, inner] = [sizeFromShape(x.shape.slice(0, at)), sizeFromShape(x.shape.slice(at + 1))];
      const size = x.shape[at];
      if (batchDims > 0) {
        // A batch of tables is one table, the indices of batch i moved by i times the size.
        const rows = indices.size / outer;
        const starts = tf.reshape(tf.range(0, outer * size, size, 'int32'), [outer, 1]);
        const moved = tf.add(tf.reshape(indices, [outer, rows]), starts);
        const ids = /** @type {tf.Tensor1D} */ (tf.reshape(moved, [-1]));
        return tf.reshape(tf.unsortedSegmentSum(tf.reshape(dy, [-1, inner]), ids, outer * size), x.shape);
      }
      const rows = tf.transpose(tf.reshape(dy, [outer, indices.size, inner]), [1, 0, 2]);
      const ids = /** @type {tf.Tensor1D} */ (tf.reshape(indices, [-1]));
      return tf.reshape(tf.transpose(tf.unsortedSegmentSum(rows, ids, size), [1, 0, 2]), x.shape);
    },
    indices: () => tf.zerosLike(indices),
  };
}

/** @type {(pairs: [number, number][]) => number[]} */
const firsts = (pairs) => pairs.map(([first]) => first);

/** @type {(condition: tf.Tensor) => tf.Tensor} */
const asFloat = (condition) => tf.cast(condition, 'float32');
/** @type {(condition: tf.Tensor, dy: tf.Tensor) => tf.Tensor} */
const keepWhere = (condition, dy) => tf.where(condition, dy, tf.zerosLike(dy));
const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/** dx = dy * derivative(x). @type {Record<string, (x: tf.Tensor, attrs: GradientAttributes) => tf.Tensor>} */
const DERIVATIVES_BY_INPUT = {
  Abs: (x) => tf.sign(x),
  ClipByValue: (x, { clipValueMin, clipValueMax }) =>
    asFloat(tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax))),
  Cos: (x) => tf.neg(tf.sin(x)),
  Erf: (x) => tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)),
  LeakyRelu: (x, { alpha }) => tf.step(x, alpha),
  Log: (x) => tf.reciprocal(x),
  Log1p: (x) => tf.reciprocal(tf.add(x, 1)),
  Neg: (x) => tf.fill(x.shape, -1),
  Relu6: (x) => asFloat(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6))),
  Sin: (x) => tf.cos(x),
  Softplus: (x) => tf.sigmoid(x),
  Square: (x) => tf.mul(x, 2),
};

/** dx = dy * derivative(y). @type {Record<string, (y: tf.Tensor) => tf.Tensor>} */
const DERIVATIVES_BY_OUTPUT = {
  Elu: (y) => tf.add(tf.minimum(y, 0), 1),
  Exp: (y) => y,
  Expm1: (y) => tf.add(y, 1),
  Reciprocal: (y) => tf.neg(tf.square(y)),
  Rsqrt: (y) => tf.mul(tf.mul(tf.square(y), y), -0.5),
  Selu: (y) => tf.where(tf.greater(y, 0), tf.fill(y.shape, SELU.scale), tf.add(y, SELU.scale * SELU.alpha)),
  Sigmoid: (y) => tf.mul(y, tf.sub(1, y)),
  Sqrt: (y) => tf.div(0.5, y),
  Tan: (y) => tf.add(tf.square(y), 1),
  Tanh: (y) => tf.sub(1, tf.square(y)),
};

const CONSTANT_BY_PIECES = ['Ceil', 'Floor', 'OnesLike', 'Round', 'Sign', 'Step', 'ZerosLike'];

/** @typedef {(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor} BinaryGradient */

/**
 * The whole gradient where an operand wins, half of it where the two are equal, as in PyTorch.
 * @param {tf.Tensor} wins @param {tf.Tensor} winsOrTies
 */
const shareOf = (wins, winsOrTies) => tf.mul(tf.add(asFloat(wins), asFloat(winsOrTies)), 0.5);

/** Gradients of two operands that may be broadcast. @type {Record<string, [BinaryGradient, BinaryGradient]>} */
const BINARY = {
  Add: [(dy) => dy, (dy) => dy],
  Sub: [(dy) => dy, (dy) => tf.neg(dy)],
  Multiply: [(dy, _, b) => tf.mul(dy, b), (dy, a) => tf.mul(dy, a)],
  RealDiv: [(dy, _, b) => tf.div(dy, b), (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b)))],
  Maximum: [
    (dy, a, b) => tf.mul(dy, shareOf(tf.greater(a, b), tf.greaterEqual(a, b))),
    (dy, a, b) => tf.mul(dy, shareOf(tf.less(a, b), tf.lessEqual(a, b))),
  ],
  Minimum: [
    (dy, a, b) => tf.mul(dy, shareOf(tf.less(a, b), tf.lessEqual(a, b))),
    (dy, a, b) => tf.mul(dy, shareOf(tf.greater(a, b), tf.greaterEqual(a, b))),
  ],
  Pow: [
    (dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    (dy, a, b) =>
      keepWhere(tf.greater(tf.mul(a, tf.onesLike(dy)), 0), tf.mul(dy, tf.mul(tf.pow(a, b), tf.log(a)))),
  ],
  SquaredDifference: [
    (dy, a, b) => tf.mul(tf.mul(dy, tf.sub(a, b)), 2),
    (dy, a, b) => tf.mul(tf.mul(dy, tf.sub(b, a)), 2),
  ],
};

/** @typedef {{ save?: string[], saveAll?: boolean, saveOutputs?: boolean[], gradient: GradientFunction }} GradientEntry */

/** Everything else. @type {Record<string, GradientEntry>} */
const OTHER_GRADIENTS = {
  AddN: {
    saveAll: true,
    gradient: (dy, xs) => xs.map(() => () => tf.clone(dy)),
  },
  AvgPool: { save: ['x'], gradient: avgPoolGradient },
  BatchMatMul: {
    save: ['a', 'b'],
    gradient: (dy, [a, b], { transposeA: ta, transposeB: tb }) => ({
      a: () => reduceTo(ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb), a),
      b: () => reduceTo(tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false), b),
    }),
  },
  BatchNormTrain: {
    save: ['x', 'gamma', 'beta'],
    saveOutputs: [false, true, true],
    gradient: (dys, [x, gamma, beta, mean, variance], attrs) => {
      // Of several outputs the engine gives a list.
      const [dy] = [dys].flat();
      const [dx, dgamma, dbeta] = runKernelOfMany(
        'BatchNormTrainGrad',
        { x, dy, gamma, beta, mean, variance },
        attrs,
      );
      return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
    },
  },
  Cast: { gradient: (dy) => ({ x: () => tf.clone(dy) }) },
  Concat: {
    saveAll: true,
    gradient: (dy, xs, attrs) => {
      const [axis] = parseAxisParam(attrs.axis, dy.shape);
      const sizes = xs.map(({ shape }) => shape[axis]);
      return tf.split(dy, sizes, axis).map((part) => () => part);
    },
  },
  Conv2D: { save: ['x', 'filter'], gradient: convGradient('Conv2D', false) },
  Conv3D: { save: ['x', 'filter'], gradient: conv3dGradient },
  Conv2DBackpropInput: {
    save: ['dy', 'filter'],
    gradient: (ddx, [dy, filter], attrs) => {
      const { strides, pad, dataFormat, dimRoundingMode } = attrs;
      const geometry = { strides, pad, dataFormat, dimRoundingMode };
      const [images, weights] = /** @type {tf.Tensor4D[]} */ ([ddx, filter]);
      return {
        dy: () => tf.conv2d(images, weights, strides, pad, dataFormat, 1, dimRoundingMode),
        filter: () =>
          runKernel('Conv2DBackpropFilter', { x: ddx, dy }, { ...geometry, filterShape: filter.shape }),
      };
    },
  },
  Cumsum: {
    save: ['x'],
    gradient: (dy, _, { axis, exclusive, reverse }) => ({
      x: () => tf.cumsum(dy, axis, exclusive, !reverse),
    }),
  },
  DepthwiseConv2dNative: { save: ['x', 'filter'], gradient: convGradient('DepthwiseConv2dNative', true) },
  ExpandDims: {
    save: ['input'],
    gradient: (dy, [x]) => ({ input: () => tf.reshape(dy, x.shape) }),
  },
  FusedBatchNorm: { save: ['x', 'mean', 'variance', 'scale'], gradient: batchNormGradient },
  GatherV2: { save: ['x', 'indices'], gradient: gatherGradient },
  Identity: { gradient: (dy) => ({ x: () => tf.clone(dy) }) },
  Max: { save: ['x'], gradient: extremeGradient((x, axis) => tf.argMax(x, axis)) },
  MaxPool: {
    save: ['x'],
    saveOutputs: [true],
    gradient: (dy, [x, y], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () =>
        runKernel('MaxPoolGrad', { dy, input: x, output: y }, { filterSize, strides, pad, dimRoundingMode }),
    }),
  },
  Mean: { save: ['x'], gradient: reductionGradient(true) },
  Min: { save: ['x'], gradient: extremeGradient((x, axis) => tf.argMin(x, axis)) },
  Pack: {
    saveAll: true,
    gradient: (dy, _, { axis }) => tf.unstack(dy, axis).map((part) => () => part),
  },
  PadV2: {
    save: ['x'],
    gradient: (dy, [x], { paddings }) => ({
      x: () => tf.slice(dy, firsts(paddings), x.shape),
    }),
  },
  Prelu: {
    save: ['x', 'alpha'],
    gradient: (dy, [x, alpha]) => ({
      x: () => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)),
      alpha: () => reduceTo(tf.mul(dy, tf.minimum(x, 0)), alpha),
    }),
  },
  Relu: { saveOutputs: [true], gradient: reluGradient },
  Reshape: {
    save: ['x'],
    gradient: (dy, [x]) => ({ x: () => tf.reshape(dy, x.shape) }),
  },
  ResizeBilinear: { save: ['images'], gradient: resizeGradient(false) },
  ResizeNearestNeighbor: { save: ['images'], gradient: resizeGradient(true) },
  Reverse: {
    gradient: (dy, _, { dims }) => ({ x: () => tf.reverse(dy, dims) }),
  },
  Select: {
    save: ['condition'],
    gradient: (dy, [condition]) => ({
      condition: () => asFloat(tf.zerosLike(condition)),
      t: () => keepWhere(condition, dy),
      e: () => keepWhere(tf.logicalNot(condition), dy),
    }),
  },
  Slice: {
    save: ['x'],
    gradient: (dy, [x], attrs) => ({
      x: () => {
        const [begin, size] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size);
        /** @type {[number, number][]} */
        const paddings = begin.map((start, axis) => [start, x.shape[axis] - start - size[axis]]);
        return tf.pad(dy, paddings);
      },
    }),
  },
  Softmax: {
    saveOutputs: [true],
    gradient: (dy, [y], { dim }) => ({
      logits: () => {
        const weighted = tf.mul(dy, y);
        return tf.sub(weighted, tf.mul(tf.sum(weighted, [dim], true), y));
      },
    }),
  },
  SplitV: {
    gradient: (dys, _, { axis }) => ({
      x: () => tf.concat(Array.isArray(dys) ? dys : [dys], axis),
    }),
  },
  Sum: { save: ['x'], gradient: reductionGradient(false) },
  Tile: { save: ['x'], gradient: tileGradient },
  Transpose: {
    gradient: (dy, _, { perm }) => ({
      x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
    }),
  },
  Unpack: {
    gradient: (dys, _, { axis }) => ({
      value: () => tf.stack(Array.isArray(dys) ? dys : [dys], axis),
    }),
  },
};

/** What the gradient function before this one was given. @type {tf.Tensor[]} */
let spent = [];

/**
 * tfjs keeps every saved activation and every intermediate gradient until the backward pass ends. What a gradient
 * function was given is of no use once the next one is called: freed then, a step needs half of the memory. Gradients
 * that come from outside the pass (the caller's dy) are left alone. It follows that a custom gradient of your own must
 * not hand out one tensor for two inputs: clone it.
 * @type {(gradient: GradientFunction) => GradientFunction}
 */
const releasing = (gradient) => (dy, saved, attrs) => {
  const { gradientDepth, activeScope } = tf.engine().state;
  // Inside another gradient everything may be needed again.
  if (gradientDepth > 0) return gradient(dy, saved, attrs);
  tf.dispose(spent);
  const passing = [dy].flat().filter(({ scopeId, kept }) => scopeId === activeScope.id && !kept);
  spent = [...saved, ...passing];
  return gradient(dy, saved, attrs);
};

/** @type {(derivative: (value: tf.Tensor, attrs: GradientAttributes) => tf.Tensor) => GradientFunction} */
const timesDerivative =
  (derivative) =>
  (dy, [value], attrs) => ({ x: () => tf.mul(dy, derivative(value, attrs)) });

/** @type {(gradients: [BinaryGradient, BinaryGradient]) => GradientFunction} */
const broadcasting =
  ([left, right]) =>
  (dy, [a, b]) => ({ a: () => reduceTo(left(dy, a, b), a), b: () => reduceTo(right(dy, a, b), b) });

/** All gradients by kernel. @returns {Record<string, GradientEntry>} */
function allGradients() {
  /** @type {<Row>(table: Record<string, Row>, entry: (row: Row) => GradientEntry) => Record<string, GradientEntry>} */
  const entries = (table, entry) =>
    Object.fromEntries(Object.entries(table).map(([kernel, row]) => [kernel, entry(row)]));
  /** @type {GradientFunction} */
  const zero = (dy) => ({ x: () => tf.zerosLike(dy) });
  return {
    ...entries(DERIVATIVES_BY_INPUT, (row) => ({ save: ['x'], gradient: timesDerivative(row) })),
    ...entries(DERIVATIVES_BY_OUTPUT, (row) => ({ saveOutputs: [true], gradient: timesDerivative(row) })),
    ...entries(BINARY, (row) => ({ save: ['a', 'b'], gradient: broadcasting(row) })),
    ...Object.fromEntries(CONSTANT_BY_PIECES.map((kernel) => [kernel, { gradient: zero }])),
    ...OTHER_GRADIENTS,
  };
}

// ---------------------------------------------------------------------------------------------------------------
// Registration
// ---------------------------------------------------------------------------------------------------------------

/** @type {Record<string, (call: Call<never, never>) => Info | Info[]>} */
const KERNELS = {
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dBackpropInput,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  BatchMatMul: batchMatMul,
  AvgPoolGrad: avgPoolGrad,
  MaxPoolGrad: maxPoolGrad,
  Sum: reduction(false),
  Mean: reduction(true),
  Repeat: repeat,
  Minimum: extremeKernel('Minimum', 'min'),
  Maximum: extremeKernel('Maximum', 'max'),
  Add: ofAnyRank('Add', ['a', 'b']),
  Sub: ofAnyRank('Sub', ['a', 'b']),
  Multiply: ofAnyRank('Multiply', ['a', 'b']),
  RealDiv: ofAnyRank('RealDiv', ['a', 'b']),
  SquaredDifference: ofAnyRank('SquaredDifference', ['a', 'b']),
  Prelu: ofAnyRank('Prelu', ['x', 'alpha']),
  PadV2: pad,
  ReluGrad: reluGrad,
  Identity: identity,
  Cast: cast,
  Slice: slice,
  SplitV: split,
  Concat: concat,
  GatherV2: gather,
  UnsortedSegmentSum: unsortedSegmentSum,
  BatchNormTrain: batchNormTrainKernel,
  BatchNormTrainGrad: batchNormTrainGradKernel,
};

/** Registers the gradients, which serve every backend, in place of any that are there. */
export function registerGradients() {
  for (const [kernelName, { save, saveAll, saveOutputs, gradient }] of Object.entries(allGradients())) {
    const config = { kernelName, inputsToSave: save, saveAllInputs: saveAll, outputsToSave: saveOutputs };
    const gradFunc = /** @type {tf.GradFunc} */ (/** @type {unknown} */ (releasing(gradient)));
    tf.registerGradient({ ...config, gradFunc });
  }
}

/** Registers all kernels and gradients of this module; a second call does nothing. */
export function registerTrainingKernels() {
  if (tf.getKernel('BatchNormTrain', 'wasm')) return;
  registerGradients();
  for (const [kernelName, kernelFunc] of Object.entries(KERNELS)) {
    const before = tf.getKernel(kernelName, 'wasm');
    if (before) {
      stock.set(kernelName, callable(before));
      tf.unregisterKernel(kernelName, 'wasm');
    }
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: /** @type {tf.KernelFunc} */ (/** @type {unknown} */ (kernelFunc)),
      // Stock functions bind themselves to the memory here; ours find it when they run.
      ...(before?.setupFunc && { setupFunc: before.setupFunc }),
    });
  }
}

/**
 * Makes WASM the backend, with the kernels above. The binary is loaded from the npm package, wherever the program was
 * started.
 * @param {number} [threads] used where the backend has threads, which are browsers with cross-origin isolation; Node
 * runs one
 * @returns {Promise<boolean>} false where the backend does not start (no WebAssembly, no binary)
 */
export async function useWasm(threads = 1) {
  wasmBackend.setThreadsCount(threads);
  if (!(await tf.setBackend('wasm'))) return false;
  await tf.ready();
  registerTrainingKernels();
  return true;
}
