import type { GraphValue } from '../ir/graph.ts';
import { axisNames, findAxis, hasAxis, withoutAxes, type TensorType } from '../ir/tensor-type.ts';
import { constant } from '../shapes/size.ts';
import type { TfjsHelper } from '../lower/tfjs/emitter.ts';
import { expectAxes, expectFloat } from './axis-checks.ts';
import { only } from './named.ts';
import { concrete, elementCount, forEachIndex, zeros } from './nd-array.ts';
import type { GradientBuilder } from './gradient.ts';
import type { Op } from './op.ts';
import { reduceInOnnx, type OnnxReduction } from './reduce-in-onnx.ts';
import { elements, product } from './sizes-of.ts';
import { surfaceOp, tensorOperand, type SurfaceOp } from './surface-op.ts';

export type ReduceAttributes = { readonly over: readonly string[] };

interface ReduceRow {
  readonly doc: string;
  readonly start: number;
  readonly combine: (sum: number, x: number) => number;
  /** What becomes of the result of combining `count` elements. */
  readonly finish?: (sum: number, count: number) => number;
  readonly onnx: OnnxReduction;
  /** The gradient of x, given that of y. */
  readonly backward: (
    b: GradientBuilder,
    g: GraphValue,
    node: { readonly x: GraphValue; readonly over: readonly string[] },
  ) => GraphValue;
  /** A helper where the function of `tf` will not do. */
  readonly tfjs?: TfjsHelper;
}

/** The axes named in `over` disappear. */
function reduction(name: string, row: ReduceRow): Op<ReduceAttributes> {
  return {
    name,
    doc: row.doc,
    infer: (inputs, { over }, ctx) => {
      const x = only(inputs);
      if (!expectFloat(ctx, name, x) || expectAxes(ctx, `\`${name}\``, x, over) === undefined)
        return undefined;
      return [withoutAxes(x, over)];
    },
    evaluate: (inputs, _attributes, outputs) => {
      const x = only(inputs);
      const out = zeros(only(outputs));
      out.data.fill(row.start);
      forEachIndex(x.type.axes, [x.type, out.type], ([from = 0, to = 0]) => {
        out.data[to] = row.combine(out.data[to] ?? NaN, x.data[from] ?? NaN);
      });
      const { finish } = row;
      if (finish === undefined) return [out];
      const count = elementCount(x.type) / elementCount(out.type);
      return [{ type: out.type, data: out.data.map((sum) => finish(sum, count)) }];
    },
    onnx: (e, { inputs, inputTypes, outputTypes }) => {
      const axes = reducedPositions(only(inputTypes), only(outputTypes));
      return [reduceInOnnx(e, row.onnx, only(inputs), axes)];
    },
    tfjs: (e, { inputs, inputTypes, outputTypes }) => {
      const axes = reducedPositions(only(inputTypes), only(outputTypes)).map((axis) => e.number(axis));
      const reduce = row.tfjs === undefined ? `tf.${name}` : e.helper(row.tfjs);
      return [`${reduce}(${only(inputs)}, [${axes.join(', ')}])`];
    },
    gradient: (b, { inputs, attributes: { over }, gradients }) => {
      const gradient = only(gradients);
      return [gradient && row.backward(b, gradient, { x: only(inputs), over })];
    },
    flops: (inputs) => elements(only(inputs)),
    samples: [
      { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { over: ['H', 'W'] } },
      { inputs: [concrete({ N: 2, C: 3, H: 5, W: 7 })], attributes: { over: ['C'] } },
      { inputs: [concrete({ W: 7, C: 3, N: 2 })], attributes: { over: ['N', 'W'] } },
      { inputs: [concrete({ T: 9 })], attributes: { over: ['T'] } },
      { inputs: [concrete({ N: 1, C: 4, H: 1, W: 1 })], attributes: { over: ['W', 'H'] } },
      { inputs: [concrete({ A: 2, N: 2, T: 5, h: 2, d: 3 })], attributes: { over: ['T', 'd'] } },
    ],
  };
}

/** The gradient goes to the first place that has the extreme; of the axes, the one named first is the outermost. */
function toFirst(sign: 1 | -1): ReduceRow['backward'] {
  return (b, g, { x, over }) => {
    const place = '.place';
    const line = b.one('merge', [x], { from: over, to: place });
    const first = b.one('argmax', [sign === 1 ? line : b.one('neg', [line])], { axis: place });
    const to = over.map((axis) => ({ axis, size: findAxis(x.type, axis)?.size ?? constant(1) }));
    const size = product(to.map((made) => made.size));
    const scattered = b.one('scatter_add', [g, first], { axis: place, size, shared: axisNames(g.type) });
    return b.one('factor', [scattered], { from: place, to });
  };
}

/**
 * The product of the others is y / x only where nothing is 0. Zeros are therefore taken for ones: the product of what is
 * not 0, divided by x, is that of the others if none of them is 0.
 */
const toFactors: ReduceRow['backward'] = (b, g, { x, over }) => {
  const zero = b.number(0);
  const isZero = b.one('is_equal', [x, zero]);
  const factors = b.add(x, isZero);
  const others = b.div(b.mul(g, b.one('prod', [factors], { over })), factors);
  const zerosElsewhere = b.sub(b.one('sum', [isZero], { over }), isZero);
  return b.one('select', [b.one('equal', [zerosElsewhere, zero]), others, zero]);
};

/** Where the axes lie that disappear. */
export function reducedPositions(x: TensorType, result: TensorType): readonly number[] {
  return axisNames(x).flatMap((name, position) => (hasAxis(result, name) ? [] : [position]));
}

export const meanOver = reduction('mean', {
  doc: 'the mean over all indices of the axes',
  start: 0,
  combine: (sum, x) => sum + x,
  finish: (sum, count) => sum / count,
  backward: (b, g, { x }) => {
    const reduced = withoutAxes(x.type, axisNames(g.type));
    return b.spread(b.mul(g, b.div(b.number(1), b.number(elements(reduced)))), x.type);
  },
  onnx: 'ReduceMean',
});
export const sumOver = reduction('sum', {
  doc: 'the sum over all indices of the axes',
  backward: (b, g, { x }) => b.spread(g, x.type),
  start: 0,
  combine: (sum, x) => sum + x,
  onnx: 'ReduceSum',
});
/** Of several equal maxima the first gets the gradient; stock TensorFlow.js gives it to each in full. */
export const maxOver = reduction('max', {
  doc: 'the largest over all indices of the axes',
  start: -Infinity,
  combine: Math.max,
  backward: toFirst(1),
  onnx: 'ReduceMax',
});
/** Of several equal minima the first gets the gradient; stock TensorFlow.js gives it to each in full. */
export const minOver = reduction('min', {
  doc: 'the smallest over all indices of the axes',
  start: Infinity,
  combine: Math.min,
  backward: toFirst(-1),
  onnx: 'ReduceMin',
});

export const productOver = reduction('prod', {
  doc: 'the product over all indices of the axes',
  start: 1,
  combine: (whole, x) => whole * x,
  backward: toFactors,
  onnx: 'ReduceProd',
  tfjs: 'productOver',
});

function reductionFunction(op: Op<ReduceAttributes>): SurfaceOp {
  return surfaceOp({
    name: op.name,
    doc: `${op.doc[0]?.toUpperCase()}${op.doc.slice(1)}, which disappear.`,
    example: `${op.name}(over: [H, W])(x)`,
    arguments: { over: { kind: 'axes', doc: 'the axes that disappear' } },
    operands: ['x'],
    parameterised: false,
    build(b, { over }, operands) {
      const x = tensorOperand(b, op.name, operands);
      return x && b.emitOne(op, [x], { over });
    },
  });
}

export const reductionOps: readonly Op<ReduceAttributes>[] = [
  meanOver,
  sumOver,
  maxOver,
  minOver,
  productOver,
];
export const reductionFunctions: readonly SurfaceOp[] = reductionOps.map(reductionFunction);
