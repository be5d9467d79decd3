import { axisNames, findAxis, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant, scale, type Size } from '../shapes/size.ts';
import { expectAtLeast } from './axis-checks.ts';
import { channelsFirstDims, spatialLayout } from './image.ts';
import { only } from './named.ts';
import { arrange, concrete, forEachIndex, sizeOf, strideOf, zeros, type NdArray } from './nd-array.ts';
import type { Op } from './op.ts';
import { resizedType, resizeInTfjs, type ResizedAxes } from './resized-axes.ts';
import { elements, numberOf, sizesAlong, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type AdaptivePoolAttributes = ResizedAxes;

/** The elements of window `i`: from `start` to before `end`. torch's formula, in whole numbers. */
export function windowOf(
  from: number,
  to: number,
  i: number,
): { readonly start: number; readonly end: number } {
  return { start: Math.floor((i * from) / to), end: Math.ceil(((i + 1) * from) / to) };
}

function poolAxis(x: NdArray, axis: string, size: number): NdArray {
  const axes = x.type.axes.map((a) => (a.name === axis ? { name: axis, size } : a));
  const out = zeros({ ...x.type, axes });
  const others = axes.filter(({ name }) => name !== axis);
  const [from, stride] = [sizeOf(x.type, axis), strideOf(x.type, axis)];
  for (let i = 0; i < size; i++) {
    const first = i * strideOf(out.type, axis);
    const { start, end } = windowOf(from, size, i);
    forEachIndex(others, [x.type, out.type], ([xAt = 0, outAt = 0]) => {
      let sum = 0;
      for (let at = start; at < end; at++) sum += x.data[xAt + at * stride] ?? NaN;
      out.data[first + outAt] = sum / (end - start);
    });
  }
  return out;
}

/** The windows along two axes are products, so that the axes can be pooled one after the other. */
export const adaptivePoolOver: Op<AdaptivePoolAttributes> = {
  name: 'adaptive_avg_pool',
  doc: 'the mean of x from floor(i in / out) to before ceil((i + 1) in / out)',
  infer: (inputs, attributes, ctx) => {
    const type = resizedType(ctx, 'adaptive_avg_pool', only(inputs), attributes);
    return type && [type];
  },
  evaluate: (inputs, { over }, outputs) => {
    const pooled = over.reduce((x, { axis, size }) => poolAxis(x, axis, numberOf(size)), only(inputs));
    return [arrange(pooled, only(outputs))];
  },
  layout: (inputs, { over }, _outputs, dialect, sorted) =>
    spatialLayout(only(inputs), over.map(({ axis }) => axis), dialect, sorted), // prettier-ignore
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { over } }) => {
    const [from, to] = [only(inputTypes), only(outputTypes)];
    const spatial = axisNames(to).filter((name) => over.some(({ axis }) => axis === name));
    const lengths = spatial.map((name) => ({ from: lengthOf(e, from, name), to: lengthOf(e, to, name) }));
    const x = e.reshape(only(inputs), channelsFirstDims(from, over.length));
    const dims = channelsFirstDims(to, over.length);
    const steps = lengths.map((length) => length.from / length.to);
    if (steps.every(Number.isInteger)) {
      const step = { type: 'ints', value: steps } as const;
      return [
        e.reshape(e.node('AveragePool', [x], { dims }, { kernel_shape: step, strides: step }), sizesOf(to)),
      ];
    }
    return [e.reshape(averagedByMatrices(e, x, lengths, dims), sizesOf(to))];
  },
  tfjs: (e, node) => {
    const helper = e.helper('adaptiveAveragePool');
    return [resizeInTfjs(e, node, (image, size) => `${helper}(${image}, ${size})`)];
  },
  gradient: (b, { attributes: { over }, inputs, gradients }) => {
    const g = only(gradients);
    return [g && b.one('adaptive_avg_pool_gradient', [g], { sizes: sizesAlong(only(inputs).type, over) })];
  },
  flops: (inputs) => scale(elements(only(inputs)), 2),
  samples: (
    [
      [
        { N: 2, C: 3, H: 7, W: 5 },
        { H: 3, W: 2 },
      ],
      [
        { N: 2, C: 3, H: 6, W: 4 },
        { H: 3, W: 2 },
      ],
      [
        { N: 1, C: 2, H: 5, W: 5 },
        { W: 1, H: 1 },
      ],
      [
        { N: 1, C: 2, H: 3, W: 4 },
        { H: 5, W: 4 },
      ],
      [
        { W: 7, C: 2, H: 9, N: 2 },
        { H: 4, W: 3 },
      ],
      [{ N: 2, C: 3, T: 10 }, { T: 4 }],
      [{ T: 11 }, { T: 3 }],
      [{ A: 2, N: 2, C: 2, H: 5, W: 3 }, { H: 2 }],
      [
        { H: 8, W: 7 },
        { W: 3, H: 4 },
      ],
    ] as const
  ).map(([x, to]) => ({
    inputs: [concrete(x)],
    attributes: { over: Object.entries(to).map(([axis, size]) => ({ axis, size: constant(size) })) },
  })),
};

function lengthOf(e: OnnxEmitter, type: TensorType, axis: string): number {
  return e.constant(findAxis(type, axis)?.size ?? constant(1));
}

/** Windows that differ in length, as matrix products: the last axis from the right, the one before it from the left. */
function averagedByMatrices(
  e: OnnxEmitter,
  x: OnnxTensor,
  lengths: readonly { readonly from: number; readonly to: number }[],
  dims: readonly Size[],
): OnnxTensor {
  const share = (
    { from, to }: { readonly from: number; readonly to: number },
    i: number,
    at: number,
  ): number => {
    const { start, end } = windowOf(from, to, i);
    return at >= start && at < end ? 1 / (end - start) : 0;
  };
  const last = lengths.at(-1);
  const before = lengths.length > 1 ? lengths[0] : undefined;
  if (last === undefined) throw new Error('an adaptive pool has no axes');
  const columns = e.floats(
    Array.from({ length: last.from * last.to }, (_, k) => share(last, k % last.to, Math.floor(k / last.to))),
    [last.from, last.to],
  );
  const narrow = [...x.dims.slice(0, -1), constant(last.to)];
  const pooled = e.node('MatMul', [x, columns], { dims: narrow });
  if (before === undefined) return pooled;
  const rows = e.floats(
    Array.from({ length: before.from * before.to }, (_, k) =>
      share(before, Math.floor(k / before.from), k % before.from),
    ),
    [before.to, before.from],
  );
  return e.node('MatMul', [rows, pooled], { dims });
}

export const adaptiveAvgPool = surfaceOp({
  name: 'adaptive_avg_pool',
  doc: 'Means over windows that cover each axis evenly and make it as long as asked; where the sizes do not divide, neighbouring windows share elements.',
  example: 'adaptive_avg_pool(over: [H: 7, W: 7])(x)',
  arguments: {
    over: {
      kind: 'axisSizes',
      doc: 'one or two axes, and the size that each is to have',
      insteadOfOne:
        'the mean over whole axes, which drops them, is `mean(over: [H, W])`; `adaptive_avg_pool(over: [H: 1, W: 1])` keeps them',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { over }, operands) {
    const x = tensorOperand(b, 'adaptive_avg_pool', operands);
    if (x === undefined) return undefined;
    const sound = over.map(({ axis, size }) => expectAtLeast(b, size, 1, `the size of ${axis}`));
    return sound.includes(false) ? undefined : b.emitOne(adaptivePoolOver, [x], { over });
  },
});
