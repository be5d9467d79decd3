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
  return maps.reduceRight((tensor, map, i) => {
    const position = i + 1;
    const before = product(tensor.dims.slice(0, position));
    const after = product(tensor.dims.slice(position + 1));
    const dims = tensor.dims.with(position, map.from);
    const [size, made] = [e.constant(map.from), e.constant(map.to)];
    const table = Array.from({ length: made }, (_, i) => map.sources(i, size, made));
    const isLast = position === maps.length;
    const matrix = new Float32Array(size * made);
    table.forEach((row, i) =>
      row.forEach(({ at, weight }) => {
        const place = isLast ? i * size + at : at * made + i;
        matrix[place] = (matrix[place] ?? NaN) + weight;
      }),
    );
    if (isLast) return e.node('MatMul', [tensor, e.floats(matrix, [made, size])], { dims });
    const rows = e.reshape(tensor, [before, map.to, after]);
    const block = blockOf(table);
    if (block !== undefined) return e.reshape(repeated(e, rows, block, size), dims);
    const spread = e.node('MatMul', [e.floats(matrix, [size, made]), rows], {
      dims: [before, map.from, after],
    });
    return e.reshape(spread, dims);
  }, g);
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
