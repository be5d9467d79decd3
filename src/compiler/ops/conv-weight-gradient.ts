import { findAxis, replaceAxis, withoutAxes } from '../ir/tensor-type.ts';
import { int, type OnnxEmitter, type OnnxTensor } from '../lower/onnx/emitter.ts';
import { divides } from '../shapes/prop.ts';
import { add, constant, floorDiv, mul, scale, type Size } from '../shapes/size.ts';
import { expectAxis, expectFloat, expectSameAxes } from './axis-checks.ts';
import { convolutions, weightGradientSample } from './conv-gradient-samples.ts';
import { forEachProduct } from './conv-products.ts';
import type { ConvAttributes } from './conv.ts';
import { kernelAxis } from './kernel-axis.ts';
import { imageOrder } from './image.ts';
import { named, only } from './named.ts';
import { zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements, product, sizesOf } from './sizes-of.ts';
import { isPointwise, slide, windowsInOrder, type Window } from './window.ts';

/** The gradient of a convolution by its weight; the attributes are those of the convolution. */
export const convolveWeightGradient: Op<ConvAttributes> = {
  name: 'conv_weight_gradient',
  doc: 'dweight[k, c, t] = sum over i of g[k, i] x[c, stride i - before + dilation t]',
  infer: (inputs, { from, to, windows, groups }, ctx) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const op = '`conv_weight_gradient`';
    if (!expectFloat(ctx, 'conv_weight_gradient', x) || !expectFloat(ctx, 'conv_weight_gradient', g))
      return undefined;
    const channels = expectAxis(ctx, op, x, from);
    const made = expectAxis(ctx, op, g, to);
    const slid = slide(ctx, op, x, windows);
    if (channels === undefined || made === undefined || slid === undefined) return undefined;
    const y = slid.reduce((type, axis) => replaceAxis(type, axis.name, [axis]), replaceAxis(x, from, [made]));
    if (!expectSameAxes(ctx, 'the gradient', g, 'what it belongs to', y)) return undefined;
    const grouped = [channels, made].map(({ name, size }) =>
      ctx.require(divides(size, groups), 'N4005', `${op} takes ${name} in equal groups`),
    );
    if (grouped.includes(false)) return undefined;
    const kernel = windows.map(({ axis, kernel: size }) => ({ name: kernelAxis(axis), size }));
    const members = { name: '.in', size: floorDiv(channels.size, groups) };
    return [{ ...x, axes: [{ name: '.out', size: made.size }, members, ...kernel] }];
  },
  evaluate: (inputs, attributes, outputs) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const out = zeros(only(outputs));
    forEachProduct({ x: x.type, weight: out.type, y: g.type }, attributes, (xAt, weightAt, yAt) => {
      out.data[weightAt] = (out.data[weightAt] ?? NaN) + (x.data[xAt] ?? NaN) * (g.data[yAt] ?? NaN);
    });
    return [out];
  },
  layout: (_inputs, { from, to, windows }, _outputs, dialect, sorted) => {
    const spatial = sorted(windows.map(({ axis }) => axis));
    return {
      inputs: [imageOrder(dialect, from, spatial), imageOrder(dialect, to, spatial)],
      outputs: [['.out', '.in', ...spatial.map(kernelAxis)]],
    };
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { from, to, windows, groups } }) => {
    const { x, g } = named(inputs, ['x', 'g']);
    const types = named(inputTypes, ['x', 'g']);
    const out = only(outputTypes);
    const rank = windows.length + 1;
    const channels = findAxis(types.x, from)?.size ?? one;
    const made = findAxis(types.g, to)?.size ?? one;
    const step: WeightGradient = {
      x,
      g,
      windows: windowsInOrder(types.x, windows),
      batch: product(sizesOf(types.x).slice(0, -rank)),
      groups,
      members: floorDiv(channels, groups),
      perGroup: floorDiv(made, groups),
      from: sizesOf(types.x).slice(1 - rank),
      to: sizesOf(types.g).slice(1 - rank),
    };
    const isDepthwise = groups.value !== 1 && step.members.value === 1 && step.perGroup.value === 1;
    return [e.reshape(isDepthwise ? tapByTap(e, step) : byMatMul(e, step), sizesOf(out))];
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs, _attributes, outputs) => {
    const perElement = elements(withoutAxes(only(outputs), ['.out']));
    return scale(mul(elements(named(inputs, ['x', 'g']).g), perElement), 2);
  },
  samples: convolutions.map(weightGradientSample),
};

const one = constant(1);

/** On [batch, groups, channels of a group, ...], the slid axes in one order. */
interface WeightGradient {
  readonly x: OnnxTensor;
  readonly g: OnnxTensor;
  readonly windows: readonly Window[];
  readonly batch: Size;
  readonly groups: Size;
  /** Channels of a group of x, */
  readonly members: Size;
  /** and of g. */
  readonly perGroup: Size;
  /** Sizes of the slid axes of x, */
  readonly from: readonly Size[];
  /** and of g. */
  readonly to: readonly Size[];
}

type Sliding = Pick<WeightGradient, 'windows' | 'from' | 'to'>;

/** One side of the matrix product: its elements, their channels in a group, and the number of them that one has. */
interface Side {
  readonly tensor: OnnxTensor;
  readonly channels: Size;
  readonly points: Size;
}

/**
 * One matrix product. One side stays as it is, [channels, points]; of the other the channels go last, and one Gather
 * takes for each point of the first its partners, all channels at once: [points, taps, channels]. That is cheapest for
 * the side of fewer channels, and for g where there are as many; but at a stride the points of g are fewer.
 */
function byMatMul(e: OnnxEmitter, step: WeightGradient): OnnxTensor {
  const { groups, members, perGroup, windows } = step;
  const x = { tensor: step.x, channels: members, points: product(step.from) };
  const g = { tensor: step.g, channels: perGroup, points: product(step.to) };
  const taps = product(windows.map(({ kernel }) => kernel));
  const spreadsG =
    windows.every(({ stride }) => stride.value === 1) && e.constant(perGroup) <= e.constant(members);
  const products = spreadsG
    ? withPartners(e, step, x, g, readers(e, step))
    : withPartners(e, step, g, x, read(e, step));
  const [kept, spread] = spreadsG ? [x, g] : [g, x];
  const parts = e.reshape(products, [groups, kept.channels, taps, spread.channels]);
  return e.transpose(parts, spreadsG ? [0, 3, 1, 2] : [0, 1, 3, 2]);
}

/**
 * [groups, kept channels, taps times spread channels].
 *
 * @param partners for each point of `kept`, and then each tap, the point of `spread`; undefined where it is its own
 */
function withPartners(
  e: OnnxEmitter,
  { batch, groups, windows }: WeightGradient,
  kept: Side,
  spread: Side,
  partners: readonly number[] | undefined,
): OnnxTensor {
  const columns = mul(product(windows.map(({ kernel }) => kernel)), spread.channels);
  const [rows, matrices] = [kept, spread].map(({ tensor, channels, points }) =>
    e.reshape(tensor, [batch, groups, channels, points]),
  );
  if (rows === undefined || matrices === undefined) throw new Error('a product has two sides');
  const take = (channelsLast: OnnxTensor): OnnxTensor =>
    partners === undefined ? channelsLast : gathered(e, channelsLast, spread.points, partners);
  const result = [groups, kept.channels, columns];
  // The sum over the batch is part of the product where that moves less than a result for every image.
  if ((kept.points.value ?? Infinity) < (columns.value ?? 0)) {
    const points = mul(batch, kept.points);
    const channelsLast = [groups, batch, spread.points, spread.channels];
    // Without groups the batch need not be moved, and to exchange the last two axes alone is many times faster.
    const turned =
      groups.value === 1
        ? e.reshape(e.transpose(matrices, [0, 1, 3, 2]), channelsLast)
        : e.transpose(matrices, [1, 0, 3, 2]);
    const whole = [
      e.reshape(e.transpose(rows, [1, 2, 0, 3]), [groups, kept.channels, points]),
      e.reshape(take(turned), [groups, points, columns]),
    ];
    return e.node('MatMul', whole, { dims: result });
  }
  const taken = e.reshape(take(e.transpose(matrices, [0, 1, 3, 2])), [batch, groups, kept.points, columns]);
  const images = e.node('MatMul', [rows, taken], { dims: [batch, ...result] });
  return e.node('ReduceSum', [images, e.ints([0])], { dims: result }, { keepdims: int(0) });
}

/** Points of [_, _, points, channels] by their numbers; behind the last is one of zeros. */
export function gathered(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  points: Size,
  numbers: readonly number[],
): OnnxTensor {
  const [a = one, b = one, , channels = one] = tensor.dims;
  const padded = numbers.includes(e.constant(points))
    ? e.node('Pad', [tensor, e.ints([0, 0, 0, 0, 0, 0, 1, 0])], { dims: [a, b, add(points, one), channels] })
    : tensor;
  const dims = [a, b, constant(numbers.length), channels];
  return e.node('Gather', [padded, e.indices(numbers)], { dims }, { axis: int(2) });
}

/** For each point of g and each tap, the point of x that the kernel reads there. */
export function read(e: OnnxEmitter, { windows, from, to }: Sliding): readonly number[] | undefined {
  return partnersOf(e, windows, to, from, (window, point, tap) => {
    const [stride, dilation] = [e.constant(window.stride), e.constant(window.dilation)];
    return point * stride - e.constant(window.before) + tap * dilation;
  });
}

/** For each point of x and each tap, the point of g whose kernel reads it there, at stride 1. */
export function readers(e: OnnxEmitter, { windows, from, to }: Sliding): readonly number[] | undefined {
  return partnersOf(e, windows, from, to, (window, point, tap) => {
    return point + e.constant(window.before) - tap * e.constant(window.dilation);
  });
}

/** Numbers of points, row-major; that behind the last where there is none. Undefined where every point has itself alone. */
function partnersOf(
  e: OnnxEmitter,
  windows: readonly Window[],
  points: readonly Size[],
  others: readonly Size[],
  partner: (window: Window, point: number, tap: number) => number,
): readonly number[] | undefined {
  if (windows.every(isPointwise)) return undefined;
  const behind = others.reduce((count, size) => count * e.constant(size), 1);
  // [point, tap] axis by axis; -1 once it lies outside along one of them.
  const start: readonly (readonly number[])[] = [[0]];
  const table = windows.reduce((partial, window, axis) => {
    const size = e.constant(others[axis] ?? one);
    const taps = Array.from({ length: e.constant(window.kernel) }, (_, tap) => tap);
    return partial.flatMap((soFar) =>
      Array.from({ length: e.constant(points[axis] ?? one) }, (_, point) =>
        soFar.flatMap((number) =>
          taps.map((tap) => {
            const at = partner(window, point, tap);
            return number < 0 || at < 0 || at >= size ? -1 : number * size + at;
          }),
        ),
      ),
    );
  }, start);
  return table.flat().map((number) => (number < 0 ? behind : number));
}

/** A sum of products for each tap: matrices of one row and one column are not worth a product. */
function tapByTap(e: OnnxEmitter, step: WeightGradient): OnnxTensor {
  const { windows, batch, groups, from, to } = step;
  const x = padded(e, e.reshape(step.x, [batch, groups, ...from]), windows);
  const dims = [batch, groups, ...to];
  const g = e.reshape(step.g, dims);
  const axes = e.ints(windows.map((_window, axis) => axis + 2));
  const strides = windows.map(({ stride }) => e.constant(stride));
  const sums = tapsOf(e, windows).map((tap) => {
    const starts = windows.map(({ dilation }, axis) => (tap[axis] ?? 0) * e.constant(dilation));
    const stops = starts.map((at, axis) => at + (strides[axis] ?? 1) * (e.constant(to[axis] ?? one) - 1) + 1);
    const bounds = [e.ints(starts), e.ints(stops), axes, e.ints(strides)];
    const products = e.node('Mul', [e.node('Slice', [x, ...bounds], { dims }), g], { dims });
    const flat = e.reshape(products, [batch, groups, product(to)]);
    return e.node('ReduceSum', [flat, e.ints([0, 2])], { dims: [one, groups, one] }, { keepdims: int(1) });
  });
  return e.node('Concat', sums, { dims: [one, groups, constant(sums.length)] }, { axis: int(2) });
}

/** The places in the kernel, row-major. */
function tapsOf(e: OnnxEmitter, windows: readonly Window[]): readonly (readonly number[])[] {
  const start: readonly (readonly number[])[] = [[]];
  return windows.reduce((taps, { kernel }) => {
    const places = Array.from({ length: e.constant(kernel) }, (_, place) => place);
    return taps.flatMap((tap) => places.map((place) => [...tap, place]));
  }, start);
}

function padded(e: OnnxEmitter, x: OnnxTensor, windows: readonly Window[]): OnnxTensor {
  const [before, after] = (['before', 'after'] as const).map((side) =>
    windows.map((window) => e.constant(window[side])),
  );
  if (before === undefined || after === undefined || [...before, ...after].every((pad) => pad === 0))
    return x;
  const dims = x.dims.map((size, axis) =>
    add(size, constant((before[axis - 2] ?? 0) + (after[axis - 2] ?? 0))),
  );
  return e.node('Pad', [x, e.ints([0, 0, ...before, 0, 0, ...after])], { dims });
}
