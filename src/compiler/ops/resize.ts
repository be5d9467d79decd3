import type { TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import { constant, equalSize, floorDiv, isConstant, mul, scale, type Size } from '../shapes/size.ts';
import { expectAtLeast } from './axis-checks.ts';
import { channelsFirstDims, spatialLayout } from './image.ts';
import { only } from './named.ts';
import { arrange, concrete, forEachIndex, sizeOf, strideOf, zeros, type NdArray } from './nd-array.ts';
import type { Op } from './op.ts';
import { resizedType, resizeInTfjs, type ResizedAxes } from './resized-axes.ts';
import { elements, numberOf, sizesAlong, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

export type ResizeMode = 'bilinear' | 'nearest';
/** `half_pixel`: an element is a cell with its value in the centre; `aligned`: the outermost values lie on each other. */
export type ResizeCorners = 'half_pixel' | 'aligned';
export type ResizeAttributes = ResizedAxes & {
  readonly mode: ResizeMode;
  readonly corners: ResizeCorners;
};

/** How the new elements lie over the old ones. */
type Sampling = Pick<ResizeAttributes, 'mode' | 'corners'>;

/** The element that is nearest to element `i`. In whole numbers, because a quotient may fall just below one. */
function nearestPlace(corners: ResizeCorners, from: number, to: number, i: number): number {
  if (corners === 'half_pixel') return Math.floor((i * from) / to);
  return to === 1 ? 0 : Math.floor((2 * i * (from - 1) + to - 1) / (2 * (to - 1)));
}

/** The elements that make up element `i` of an axis resized from `from` to `to`, and their weights. */
export function sources(
  { mode, corners }: Sampling,
  from: number,
  to: number,
  i: number,
): readonly { at: number; weight: number }[] {
  if (mode === 'nearest') return [{ at: nearestPlace(corners, from, to, i), weight: 1 }];
  const place =
    corners === 'half_pixel' ? ((i + 0.5) * from) / to - 0.5 : (i * (from - 1)) / Math.max(to - 1, 1);
  const centre = Math.min(Math.max(place, 0), from - 1);
  const low = Math.floor(centre);
  const high = Math.min(low + 1, from - 1);
  return [
    { at: low, weight: 1 - (centre - low) },
    { at: high, weight: centre - low },
  ];
}

function resizeAxis(x: NdArray, axis: string, size: number, sampling: Sampling): NdArray {
  const axes = x.type.axes.map((a) => (a.name === axis ? { name: axis, size } : a));
  const out = zeros({ ...x.type, axes });
  const others = axes.filter(({ name }) => name !== axis);
  const [from, stride] = [sizeOf(x.type, axis), strideOf(x.type, axis)];
  for (let i = 0; i < size; i++) {
    const start = i * strideOf(out.type, axis);
    for (const { at, weight } of sources(sampling, from, size, i)) {
      forEachIndex(others, [x.type, out.type], ([xAt = 0, outAt = 0]) => {
        const to = start + outAt;
        out.data[to] = (out.data[to] ?? NaN) + weight * (x.data[xAt + at * stride] ?? NaN);
      });
    }
  }
  return out;
}

/**
 * With half-pixel corners elements are taken as cells whose centres lie half a cell in; at the border the outermost centre
 * is the value. With aligned corners the first and the last of both lie on each other, as torch's `align_corners` has it.
 */
export const resizeOver: Op<ResizeAttributes> = {
  name: 'resize',
  doc: 'bilinear: x at (i + 1/2) in / out - 1/2, between neighbours; nearest: x[floor(i in / out)]; with aligned corners x at i (in - 1) / (out - 1), or the nearest to it',
  infer: (inputs, attributes, ctx) => {
    const type = resizedType(ctx, 'resize', only(inputs), attributes);
    return type && [type];
  },
  evaluate: (inputs, { over, ...sampling }, outputs) => {
    const resized = over.reduce(
      (x, { axis, size }) => resizeAxis(x, axis, numberOf(size), sampling),
      only(inputs),
    );
    return [arrange(resized, only(outputs))];
  },
  layout: (inputs, { over }, _outputs, dialect, sorted) =>
    spatialLayout(only(inputs), over.map(({ axis }) => axis), dialect, sorted), // prettier-ignore
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { over, mode, corners } }) => {
    const [from, to] = [only(inputTypes), only(outputTypes)];
    if (mode === 'nearest' && (corners === 'aligned' || !growsByWholeFactors(from, to)))
      return [gatherNearest(e, only(inputs), from, to, corners)];
    // ONNX Runtime interpolates linearly in 4-D tensors, over the last two axes.
    const image = (type: TensorType): readonly Size[] => {
      const dims = channelsFirstDims(type, over.length);
      return over.length === 1 ? [...dims, constant(1)] : dims;
    };
    const x = e.reshape(only(inputs), image(from));
    const attributes =
      mode === 'bilinear'
        ? { mode: 'linear', coordinate_transformation_mode: transformations[corners] }
        : { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    const [lengths, factors] = [image(to), constantFactors(image(from), image(to))];
    const target =
      factors === undefined ? [undefined, e.shape(lengths)] : [e.floats(factors, [factors.length])];
    const resized = e.node(
      'Resize',
      [x, undefined, ...target],
      { dims: lengths },
      Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { type: 'string' as const, value }]),
      ),
    );
    return [e.reshape(resized, sizesOf(to))];
  },
  tfjs: (e, node) => {
    const { mode, corners } = node.attributes;
    const helper = e.helper(mode === 'bilinear' ? 'resizeBilinear' : 'resizeNearest');
    const aligned = corners === 'aligned' ? ', true' : '';
    return [resizeInTfjs(e, node, (image, size) => `${helper}(${image}, ${size}${aligned})`)];
  },
  gradient: (b, { attributes: { over, mode, corners }, inputs, gradients }) => {
    const g = only(gradients);
    const sizes = sizesAlong(only(inputs).type, over);
    return [g && b.one('resize_gradient', [g], { sizes, mode, corners })];
  },
  flops: (_inputs, { mode }, outputs) => scale(elements(only(outputs)), mode === 'bilinear' ? 8 : 0),
  samples: (
    [
      [
        { N: 2, C: 3, H: 4, W: 5 },
        { H: 8, W: 10 },
      ],
      [
        { N: 2, C: 3, H: 7, W: 5 },
        { H: 3, W: 7 },
      ],
      [
        { N: 1, H: 9, W: 3, C: 2 },
        { H: 3, W: 10 },
      ],
      [
        { N: 1, C: 3, H: 3, W: 3 },
        { W: 7, H: 3 },
      ],
      [
        { C: 3, H: 3, W: 3 },
        { H: 5, W: 1 },
      ],
      [{ N: 2, T: 5, C: 3 }, { T: 8 }],
      [{ T: 5 }, { T: 13 }],
      [
        { A: 2, N: 2, C: 2, H: 3, W: 2 },
        { H: 4, W: 5 },
      ],
      [
        { W: 2, H: 3 },
        { W: 49, H: 1 },
      ],
      [
        { W: 1, H: 4, N: 2 },
        { W: 3, H: 6 },
      ],
    ] as const
  ).flatMap(([x, to]) =>
    (['bilinear', 'nearest'] as const).flatMap((mode) =>
      (['half_pixel', 'aligned'] as const).map((corners) => ({
        inputs: [concrete(x)],
        attributes: {
          over: Object.entries(to).map(([axis, size]) => ({ axis, size: constant(size) })),
          mode,
          corners,
        },
      })),
    ),
  ),
};

/** What ONNX calls the ways in which corners lie over each other. */
const transformations: Readonly<Record<ResizeCorners, string>> = {
  half_pixel: 'half_pixel',
  aligned: 'align_corners',
};

/** Whether every axis of the result is a whole number of times as long. */
function growsByWholeFactors(from: TensorType, to: TensorType): boolean {
  return from.axes.every(({ size }, i) => {
    const target = to.axes[i]?.size ?? size;
    return equalSize(mul(floorDiv(target, size), size), target);
  });
}

/**
 * How many times as long each axis becomes, where a length that stays is open and those that change are numbers: so nothing
 * is computed from the batch, and whoever reads the file, some of whom take constants alone, knows the shape of the result.
 * ONNX makes lengths of factors in float32 and rounds down; where that gives another length, undefined.
 */
function constantFactors(from: readonly Size[], to: readonly Size[]): readonly number[] | undefined {
  if (to.every((size) => isConstant(size) !== undefined)) return undefined;
  const factors = to.map((size, i) => {
    const source = from[i] ?? size;
    if (equalSize(source, size)) return 1;
    const [before, after] = [isConstant(source), isConstant(size)];
    if (before === undefined || after === undefined) return undefined;
    const factor = Math.fround(after / before);
    return Math.floor(Math.fround(factor * before)) === after ? factor : undefined;
  });
  const known = factors.filter((factor) => factor !== undefined);
  return known.length === factors.length ? known : undefined;
}

/** ONNX' Resize computes i / (out / in) in float32, which in some sizes falls just below a whole number. */
function gatherNearest(
  e: OnnxEmitter,
  x: OnnxTensor,
  from: TensorType,
  to: TensorType,
  corners: ResizeCorners,
): OnnxTensor {
  return to.axes.reduce((gathered, { size }, axis) => {
    const source = from.axes[axis]?.size ?? size;
    if (equalSize(source, size)) return gathered;
    const [inputs, outputs] = [e.constant(source), e.constant(size)];
    const indices = Array.from({ length: outputs }, (_, i) => nearestPlace(corners, inputs, outputs, i));
    const dims = gathered.dims.with(axis, size);
    return e.node('Gather', [gathered, e.ints(indices)], { dims }, { axis: { type: 'int', value: axis } });
  }, x);
}

export const resize = surfaceOp({
  name: 'resize',
  doc: 'One or two axes brought to given sizes: between neighbours, or the nearest element.',
  example: 'resize(over: [H: 2 * H, W: 2 * W], mode: bilinear)(x)',
  arguments: {
    over: { kind: 'axisSizes', doc: 'the axes and their new sizes' },
    mode: { kind: 'choice', choices: ['bilinear', 'nearest'], doc: 'how values are found' },
    corners: {
      kind: 'choice',
      choices: ['half_pixel', 'aligned'],
      optional: true,
      default: 'half_pixel',
      doc: 'whether pixels are squares with their value in the centre, or the values in the corners lie on each other',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, { over, mode, corners }, operands) {
    const x = tensorOperand(b, 'resize', operands);
    if (x === undefined) return undefined;
    if (mode !== 'bilinear' && mode !== 'nearest') {
      return b.fail('N3010', `\`resize\` knows no mode ${mode}`, ['use bilinear or nearest']);
    }
    const positive = over.map(({ axis, size }) => expectAtLeast(b, size, 1, `the new size of ${axis}`));
    if (positive.includes(false)) return undefined;
    return b.emitOne(resizeOver, [x], {
      over: over.map(({ axis, size }) => ({ axis, size })),
      mode,
      corners: corners === 'aligned' ? corners : 'half_pixel',
    });
  },
});
