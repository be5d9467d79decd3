import { axisNames, replaceAxis, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant, scale, type Size } from '../shapes/size.ts';
import type { Attributes } from './attributes.ts';
import { expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { arrange, forEachIndex, replaced, strideOf, zeros, type NdArray } from './nd-array.ts';
import type { Op, Sample, ShapeContext } from './op.ts';
import { elements, numberOf, product, sizesOf } from './sizes-of.ts';

/** An element of an axis that a new element is made of, and its weight. */
export interface Source {
  readonly at: number;
  readonly weight: number;
}

/** How an axis is made of another: weighted sums of its elements, whatever they are. */
export interface AxisMap {
  readonly axis: string;
  /** How long the axis was, */
  readonly from: Size;
  /** and is now. */
  readonly to: Size;
  /** What element `i` is made of, of an axis of `from` elements made one of `to`. */
  readonly sources: (i: number, from: number, to: number) => readonly Source[];
}

/**
 * The gradient of an op that makes axes out of others, each by itself: along each the transposed matrix. `maps` says how
 * they were made, `sizes` among the attributes how long they were.
 */
export function axisMapGradient<A extends Attributes>(
  name: string,
  doc: string,
  /** Undefined after a complaint. */
  maps: (g: TensorType, attributes: A, ctx: ShapeContext | undefined) => readonly AxisMap[] | undefined,
  samples: readonly Sample<A>[],
): Op<A> {
  const mapsOf = (g: TensorType, attributes: A): readonly AxisMap[] => {
    const known = maps(g, attributes, undefined);
    if (known === undefined) throw new Error(`${name} has attributes that its rule refuses`);
    return known;
  };
  return {
    name,
    doc,
    infer: (inputs, attributes, ctx) => {
      const g = only(inputs);
      if (!expectFloat(ctx, name, g)) return undefined;
      const known = maps(g, attributes, ctx);
      return (
        known && [
          known.reduce((type, { axis, from }) => replaceAxis(type, axis, [{ name: axis, size: from }]), g),
        ]
      );
    },
    evaluate: (inputs, attributes, outputs) => {
      const g = only(inputs);
      const type: TensorType = { kind: 'tensor', dtype: 'f32', axes: g.type.axes.map((axis) => ({ ...axis, size: constant(axis.size) })) }; // prettier-ignore
      return [arrange(mapsOf(type, attributes).reduce(spreadAlong, g), only(outputs))];
    },
    layout: (inputs, attributes, _outputs, _dialect, sorted) => {
      const order = ['...', ...sorted(mapsOf(only(inputs), attributes).map(({ axis }) => axis))];
      return { inputs: [order], outputs: [order] };
    },
    onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const type = only(inputTypes);
      const known = mapsOf(type, attributes);
      const inOrder = axisNames(type).flatMap((axis) => known.filter((map) => map.axis === axis));
      const count = inOrder.length;
      const lead = product(sizesOf(type).slice(0, -count));
      const g = e.reshape(only(inputs), [lead, ...sizesOf(type).slice(-count)]);
      return [e.reshape(spreadOnnx(e, g, inOrder), sizesOf(only(outputTypes)))];
    },
    noGradient: 'it is made for gradients, which are not differentiated again',
    flops: (_inputs, _attributes, outputs) => scale(elements(only(outputs)), 2),
    samples,
  };
}

function spreadAlong(g: NdArray, { axis, from, to, sources }: AxisMap): NdArray {
  const [size, made] = [numberOf(from), numberOf(to)];
  const out = zeros(replaced(g.type, axis, [{ name: axis, size }]));
  const [step, outStep] = [strideOf(g.type, axis), strideOf(out.type, axis)];
  const others = g.type.axes.filter(({ name }) => name !== axis);
  for (let i = 0; i < made; i++) {
    for (const { at, weight } of sources(i, size, made)) {
      forEachIndex(others, [g.type, out.type], ([gAt = 0, outAt = 0]) => {
        const to = outAt + at * outStep;
        out.data[to] = (out.data[to] ?? NaN) + weight * (g.data[gAt + i * step] ?? NaN);
      });
    }
  }
  return out;
}

/** Along the axes behind the first. The last goes first, so that what is repeated is short as long as it can be. */
function spreadOnnx(e: OnnxEmitter, g: OnnxTensor, maps: readonly AxisMap[]): OnnxTensor {
  const tables = maps.map((map) => tableOf(e, map));
  const apart = spreadApart(e, g, tables);
  const left = apart === undefined ? tables : tables.slice(0, -2);
  return left.reduceRight((tensor, table, i) => spreadOne(e, tensor, table, i + 1), apart ?? g);
}

/** An axis map in numbers. */
interface Table {
  readonly from: Size;
  readonly to: Size;
  /** `from` as a number. */
  readonly size: number;
  /** What each element of the new axis is made of, and so its gradient spread over. */
  readonly rows: readonly (readonly Source[])[];
}

function tableOf(e: OnnxEmitter, { from, to, sources }: AxisMap): Table {
  const [size, made] = [e.constant(from), e.constant(to)];
  return { from, to, size, rows: Array.from({ length: made }, (_, i) => sources(i, size, made)) };
}

function spreadOne(e: OnnxEmitter, tensor: OnnxTensor, table: Table, position: number): OnnxTensor {
  const { from, to, size, rows } = table;
  const dims = tensor.dims.with(position, from);
  const matrix = (place: (i: number, at: number) => number): Float32Array =>
    matrixOf(rows, size * rows.length, place);
  if (position === tensor.dims.length - 1) {
    const numbers = matrix((i, at) => i * size + at);
    return e.node('MatMul', [tensor, e.floats(numbers, [rows.length, size])], { dims });
  }
  const before = product(tensor.dims.slice(0, position));
  const after = product(tensor.dims.slice(position + 1));
  const lines = e.reshape(tensor, [before, to, after]);
  const block = blockOf(rows);
  if (block !== undefined) return e.reshape(repeated(e, lines, block, size), dims);
  const numbers = matrix((i, at) => at * rows.length + i);
  const operands = [e.floats(numbers, [size, rows.length]), lines];
  return e.reshape(e.node('MatMul', operands, { dims: [before, from, after] }), dims);
}

function matrixOf(
  rows: Table['rows'],
  length: number,
  place: (i: number, at: number) => number,
): Float32Array {
  const matrix = new Float32Array(length);
  rows.forEach((row, i) =>
    row.forEach(({ at, weight }) => {
      const there = place(i, at);
      matrix[there] = (matrix[there] ?? NaN) + weight;
    }),
  );
  return matrix;
}

/**
 * The last two axes in one product, where the lines of the one before the last end up some steps apart, with zeros
 * between them: the matrix for the last has as many columns more. What would insert the zeros takes longer by itself.
 */
function spreadApart(e: OnnxEmitter, g: OnnxTensor, tables: readonly Table[]): OnnxTensor | undefined {
  const [lines, last] = tables.slice(-2);
  const step = lines && stepOf(lines);
  if (lines === undefined || last === undefined || step === undefined) return undefined;
  const columns = step * last.size;
  const matrix = matrixOf(last.rows, last.rows.length * columns, (i, at) => i * columns + at);
  const dims = g.dims.with(-1, constant(columns));
  const spread = e.node('MatMul', [g, e.floats(matrix, [last.rows.length, columns])], { dims });
  const lead = g.dims.slice(0, -2);
  const reached = step * lines.rows.length;
  const all = [...lead, constant(reached), last.from];
  if (reached === lines.size) return e.reshape(spread, all);
  const bounds = [e.ints([0]), e.ints([lines.size]), e.ints([lead.length])];
  return e.node('Slice', [e.reshape(spread, all), ...bounds], { dims: [...lead, lines.from, last.from] });
}

/** How far apart the elements end up, where each goes to one place alone as it is, with at least one between two. */
function stepOf({ rows, size }: Table): number | undefined {
  const step = rows[1]?.[0]?.at ?? size;
  const isApart = rows.every(
    (row, i) => row.length === 1 && row.every(({ at, weight }) => at === i * step && weight === 1),
  );
  return isApart && step > 1 && step * rows.length >= size ? step : undefined;
}

/** Neighbours that every element is spread over, one block behind the other, with one weight. */
interface Block {
  readonly length: number;
  readonly weight: number;
}

function blockOf(table: readonly (readonly Source[])[]): Block | undefined {
  const first = table[0]?.[0];
  const length = table[0]?.length ?? 0;
  if (first === undefined) return undefined;
  const isRegular = table.every(
    (row, i) =>
      row.length === length &&
      row.every(({ at, weight }, k) => at === i * length + k && weight === first.weight),
  );
  return isRegular ? { length, weight: first.weight } : undefined;
}

/** Rows of [before, rows, after] repeated, which is less work than a product. */
function repeated(e: OnnxEmitter, rows: OnnxTensor, { length, weight }: Block, size: number): OnnxTensor {
  const [before = one, made = one, after = one] = rows.dims;
  const scaled = weight === 1 ? rows : e.node('Mul', [rows, e.floats([weight], [])], { dims: rows.dims });
  const wide = [before, made, constant(length), after];
  const apart = e.reshape(scaled, [before, made, one, after]);
  const blocks = e.reshape(e.node('Expand', [apart, e.ints([1, 1, length, 1])], { dims: wide }), [
    before,
    scale(made, length),
    after,
  ]);
  const left = size - length * e.constant(made);
  if (left === 0) return blocks;
  return e.node('Pad', [blocks, e.ints([0, 0, 0, 0, left, 0])], { dims: [before, constant(size), after] });
}

const one = constant(1);
