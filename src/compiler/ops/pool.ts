import { replaceAxis, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import type { GraphValue } from '../ir/graph.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { compare } from '../shapes/prop.ts';
import { add, constant, isConstant, mul, print, sub, type Size } from '../shapes/size.ts';
import type { ArgumentSpecs } from './arguments.ts';
import type { Attributes } from './attributes.ts';
import { expectFloat } from './axis-checks.ts';
import type { GradientBuilder } from './gradient.ts';
import { channelsFirstDims, channelsLastDims, spatialLayout } from './image.ts';
import { only } from './named.ts';
import { concrete, forEachIndex, strideOf, zeros } from './nd-array.ts';
import type { Op, Sample, ShapeContext } from './op.ts';
import { reshapeInTfjs } from './reshape-in-tfjs.ts';
import { elements, product, sizesAlong, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';
import {
  isPadded,
  placements,
  reaching,
  slide,
  tfjsPadArgument,
  tfjsPads,
  tfjsPerAxis,
  windowAttributes,
  windowsFrom,
  windowsInOrder,
  withOverhang,
  type ReachingWindow,
  type Window,
  type WindowArguments,
} from './window.ts';

export type MaxPoolAttributes = { readonly windows: readonly Window[] };
export type AvgPoolAttributes = {
  readonly windows: readonly Window[];
  /** Whether the zeros of the padding count as elements, as torch's do unless told otherwise. */
  readonly countPadding: boolean;
};

interface PoolRow<A> {
  readonly doc: string;
  /** The result for the elements inside of one window, of which `padded` lie inside or in the padding. */
  readonly value: (inside: readonly number[], padded: number, attributes: A) => number;
  /** Over the last axes of [batch, channels, ...]. */
  readonly onnx: (
    e: OnnxEmitter,
    x: OnnxTensor,
    windows: readonly ReachingWindow[],
    output: { readonly dims: readonly Size[] },
    attributes: A,
  ) => OnnxTensor;
  /** Over two axes of [batch, height, width, channels]. */
  readonly tfjs: (e: TfjsEmitter, x: string, windows: readonly ReachingWindow[], attributes: A) => string;
  readonly backward: (b: GradientBuilder, g: GraphValue, x: GraphValue, attributes: A) => GraphValue;
}

/** Pools over one to three axes; there is no axis of channels, all others are batched. */
function pool<A extends Attributes & { readonly windows: readonly Window[] }>(
  name: string,
  row: PoolRow<A>,
  samples: readonly Sample<A>[],
): Op<A> {
  return {
    name,
    doc: row.doc,
    infer: (inputs, { windows }, ctx) => {
      const x = only(inputs);
      if (!expectFloat(ctx, name, x)) return undefined;
      const spatial = slide(ctx, `\`${name}\``, x, windows);
      return spatial && [spatial.reduce((type, axis) => replaceAxis(type, axis.name, [axis]), x)];
    },
    evaluate: (inputs, attributes, outputs) => {
      const { windows } = attributes;
      const x = only(inputs);
      const out = zeros(only(outputs));
      const places = placements(
        windows,
        x.type,
        out.type,
        (axis) => strideOf(x.type, axis),
        (axis) => strideOf(out.type, axis),
      );
      const others = x.type.axes.filter((axis) => windows.every((window) => window.axis !== axis.name));
      forEachIndex(others, [x.type, out.type], ([from = 0, to = 0]) => {
        for (const place of places) {
          const inside = place.inputs.map((offset) => x.data[from + offset] ?? NaN);
          out.data[to + place.output] = row.value(inside, place.padded, attributes);
        }
      });
      return [out];
    },
    layout: (inputs, { windows }, _outputs, dialect, sorted) =>
      spatialLayout(only(inputs), windows.map(({ axis }) => axis), dialect, sorted), // prettier-ignore
    onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const type = only(outputTypes);
      const count = attributes.windows.length;
      const from = only(inputTypes);
      const x = e.reshape(only(inputs), channelsFirstDims(from, count));
      const windows = reaching(from, windowsInOrder(type, attributes.windows));
      const pooled = row.onnx(e, x, windows, { dims: channelsFirstDims(type, count) }, attributes);
      return [e.reshape(pooled, sizesOf(type))];
    },
    tfjs: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const [from, to] = [only(inputTypes), only(outputTypes)];
      let value = only(inputs);
      let dims = sizesOf(from);
      for (const step of planarSteps(from, to, attributes.windows)) {
        value = row.tfjs(e, reshapeInTfjs(e, value, dims, step.from), step.windows, attributes);
        dims = step.to;
      }
      return [reshapeInTfjs(e, value, dims, sizesOf(to))];
    },
    gradient: (b, { inputs, attributes, gradients }) => {
      const g = only(gradients);
      return [g && row.backward(b, g, only(inputs), attributes)];
    },
    flops: (_inputs, { windows }, outputs) =>
      mul(elements(only(outputs)), product(windows.map(({ kernel }) => kernel))),
    samples,
  };
}

/** A pool over two axes of [batch, height, width, channels]. */
interface PlanarStep {
  readonly from: readonly Size[];
  readonly windows: readonly [ReachingWindow, ReachingWindow];
  readonly to: readonly Size[];
}

/**
 * One axis is pooled as the second of two; three as two and then one, which comes to the same for maxima and means.
 * (TensorFlow.js can pool over three at once, but the gradient of its maximum is wrong for unequal windows.)
 */
function planarSteps(from: TensorType, to: TensorType, given: readonly Window[]): readonly PlanarStep[] {
  const windows = reaching(from, windowsInOrder(from, given));
  const spatial = windows.map(({ axis }) => axis);
  const one = constant(1);
  const [batch = one, a = one, b = one, c = one, d = one] = channelsLastDims(from, spatial);
  const [, outA = one, outB = one, outC = one] = channelsLastDims(to, spatial);
  const [first, second, third] = windows;
  if (first === undefined) throw new Error('a pool has no windows');
  if (second === undefined) {
    return [{ from: [batch, one, a, b], windows: [unitWindow, first], to: [batch, one, outA, b] }];
  }
  if (third === undefined) {
    return [{ from: [batch, a, b, c], windows: [first, second], to: [batch, outA, outB, c] }];
  }
  const planes = mul(batch, a);
  const points = mul(outB, outC);
  return [
    { from: [planes, b, c, d], windows: [second, third], to: [planes, outB, outC, d] },
    { from: [batch, a, points, d], windows: [first, unitWindow], to: [batch, outA, points, d] },
  ];
}

const unitWindow: ReachingWindow = {
  axis: '',
  kernel: constant(1),
  stride: constant(1),
  dilation: constant(1),
  before: constant(0),
  after: constant(0),
  overhang: constant(0),
};

const shapes: readonly {
  readonly x: Readonly<Record<string, number>>;
  readonly kernel: Readonly<Record<string, number>>;
  readonly stride: number;
  readonly pad: readonly [before: number, after: number];
  readonly ceil?: true;
}[] = [
  { x: { N: 2, C: 3, H: 8, W: 6 }, kernel: { H: 3, W: 3 }, stride: 2, pad: [1, 1], ceil: true },
  { x: { N: 2, C: 3, H: 7, W: 8 }, kernel: { H: 2, W: 2 }, stride: 2, pad: [0, 0], ceil: true },
  { x: { N: 1, C: 2, T: 9 }, kernel: { T: 4 }, stride: 3, pad: [1, 1], ceil: true },
  { x: { N: 1, C: 2, D: 4, H: 6, W: 5 }, kernel: { D: 3, H: 3, W: 3 }, stride: 2, pad: [1, 1], ceil: true },
  { x: { N: 2, C: 3, H: 7, W: 6 }, kernel: { H: 3, W: 3 }, stride: 2, pad: [1, 1] },
  // Windows of one element, which leave some out: to the end of an axis, and not.
  { x: { N: 2, C: 3, H: 8, W: 6 }, kernel: { H: 1, W: 1 }, stride: 2, pad: [0, 0] },
  { x: { A: 2, N: 1, C: 2, H: 7, W: 8 }, kernel: { H: 1, W: 1 }, stride: 3, pad: [0, 0] },
  { x: { N: 1, C: 2, D: 5, H: 4, W: 3 }, kernel: { D: 1, H: 1, W: 1 }, stride: 2, pad: [0, 0] },
  { x: { N: 3, C: 2, H: 1, W: 5 }, kernel: { H: 1, W: 1 }, stride: 4, pad: [0, 0] },
  { x: { N: 2, C: 3, H: 7, W: 6 }, kernel: { H: 2, W: 2 }, stride: 2, pad: [0, 0] },
  { x: { N: 2, C: 3, H: 8, W: 5 }, kernel: { W: 2, H: 3 }, stride: 1, pad: [1, 0] },
  { x: { W: 6, C: 3, H: 5 }, kernel: { H: 3, W: 1 }, stride: 2, pad: [0, 0] },
  { x: { A: 2, N: 2, C: 3, H: 5, W: 4 }, kernel: { H: 2, W: 3 }, stride: 3, pad: [1, 1] },
  { x: { H: 6, W: 7 }, kernel: { H: 3, W: 3 }, stride: 2, pad: [0, 1] },
  { x: { N: 2, C: 3, T: 9 }, kernel: { T: 3 }, stride: 2, pad: [1, 1] },
  { x: { T: 9 }, kernel: { T: 4 }, stride: 4, pad: [0, 0] },
  { x: { N: 1, C: 2, D: 4, H: 5, W: 3 }, kernel: { D: 2, H: 3, W: 3 }, stride: 2, pad: [1, 1] },
  { x: { N: 1, C: 2, D: 4, H: 5, W: 3 }, kernel: { D: 2, H: 3, W: 1 }, stride: 1, pad: [0, 0] },
];

function samplesWith<const V extends Attributes>(
  variants: readonly V[],
): readonly Sample<MaxPoolAttributes & V>[] {
  return shapes.flatMap(({ x, kernel, stride, pad: [before, after], ceil }) => {
    const windows = Object.entries(kernel).map(([axis, size]) => ({
      axis,
      kernel: constant(size),
      stride: constant(stride),
      dilation: constant(1),
      // A window must not lie in the padding alone.
      before: constant(Math.min(before, size - 1)),
      after: constant(Math.min(after, size - 1)),
      ...(ceil && { ceil }),
    }));
    return variants.map((variant) => ({ inputs: [concrete(x)], attributes: { ...variant, windows } }));
  });
}

/** Padding is as if minus infinity stood there. Of several equal maxima of a window the first gets the gradient. */
export const maxPoolOver = pool<MaxPoolAttributes>(
  'max_pool',
  {
    doc: 'the largest element of each window',
    value: (inside) => inside.reduce((a, b) => Math.max(a, b), -Infinity),
    onnx: (e, x, windows, output) =>
      e.node('MaxPool', [x], output, windowAttributes(e, windows.map(withOverhang))),
    tfjs: (e, x, windows) => {
      const [kernels, strides] = movement(e, windows);
      return `tf.maxPool(${x}, ${kernels}, ${strides}, ${tfjsPadArgument(e, windows.map(withOverhang))})`;
    },
    backward: (b, g, x, attributes) => b.one('max_pool_gradient', [x, g], attributes),
  },
  samplesWith([{}]),
);

export const avgPoolOver = pool<AvgPoolAttributes>(
  'avg_pool',
  {
    doc: 'the mean of each window, of its elements inside or with zeros for the padding',
    value: (inside, padded, { countPadding }) =>
      inside.reduce((a, b) => a + b, 0) / (countPadding ? padded : inside.length),
    onnx: (e, x, windows, output, { countPadding }) => {
      // What counts and what does not cannot both be the padding of one node.
      const splits = countPadding && windows.some(({ overhang }) => overhang.value !== 0);
      const padded = splits && isPadded(windows) ? paddedOnnx(e, x, windows) : x;
      const count = { type: 'int', value: countPadding && !splits ? 1 : 0 } as const;
      const uncounted = (splits ? windows.map(overhangOnly) : windows).map(withOverhang);
      return e.node('AveragePool', [padded], output, {
        ...windowAttributes(e, uncounted),
        count_include_pad: count,
      });
    },
    tfjs: (e, x, windows, { countPadding }) => {
      const [kernels, strides] = movement(e, windows);
      const padded = countPadding && isPadded(windows) ? `tf.pad(${x}, ${tfjsPads(e, windows)})` : x;
      const uncounted = (countPadding ? windows.map(overhangOnly) : windows).map(withOverhang);
      if (!isPadded(uncounted)) return `tf.avgPool(${padded}, ${kernels}, ${strides}, 'valid')`;
      // The gradient of tf.avgPool with padding divides by whole windows, which is not what it computed.
      return `${e.helper('averagePool')}(${padded}, ${kernels}, ${strides}, ${tfjsPads(e, uncounted)})`;
    },
    backward: (b, g, x, attributes) => {
      const sizes = sizesAlong(x.type, attributes.windows);
      return b.one('avg_pool_gradient', [g], { ...attributes, sizes });
    },
  },
  samplesWith([{ countPadding: false }, { countPadding: true }]),
);

/** The window on what has its padding already. */
function overhangOnly(window: ReachingWindow): ReachingWindow {
  return { ...window, before: constant(0), after: constant(0) };
}

/** The padding as elements that are there. */
function paddedOnnx(e: OnnxEmitter, x: OnnxTensor, windows: readonly Window[]): OnnxTensor {
  const around = (side: 'before' | 'after'): readonly number[] => [
    0,
    0,
    ...windows.map((window) => e.constant(window[side])),
  ];
  const dims = x.dims.map((size, i) => {
    const window = windows[i - 2];
    return window === undefined ? size : add(add(size, window.before), window.after);
  });
  return e.node('Pad', [x, e.ints([...around('before'), ...around('after')])], { dims });
}

/** The kernel and stride arguments of TensorFlow.js. */
function movement(e: TfjsEmitter, windows: readonly Window[]): readonly [kernels: string, strides: string] {
  return [
    tfjsPerAxis(
      e,
      windows.map(({ kernel }) => kernel),
    ),
    tfjsPerAxis(
      e,
      windows.map(({ stride }) => stride),
    ),
  ];
}

const poolArguments = {
  over: { kind: 'axisSizes', doc: 'the axes that the window slides along, and its size along each' },
  stride: { kind: 'perAxis', optional: true, default: 'the size of the window', doc: 'steps of the window' },
  padding: {
    kind: 'padding',
    optional: true,
    default: 'valid',
    doc: '`valid`, `same` (odd windows), or numbers of elements added at both ends, smaller than the window',
  },
  ceil: {
    kind: 'bool',
    optional: true,
    default: 'false',
    doc: 'whether a last window that does not fit counts, with what it finds inside; the window must then be at least the stride and the padding together',
  },
} as const satisfies ArgumentSpecs;

type PoolArguments = Pick<WindowArguments, 'over' | 'stride' | 'padding'> & {
  readonly ceil: boolean | undefined;
};

function poolWindows(b: ShapeContext, op: string, args: PoolArguments): readonly Window[] | undefined {
  const given = { over: args.over, stride: args.stride, padding: args.padding, dilation: undefined };
  const windows = windowsFrom(b, `\`${op}\``, given, {
    padding: { kind: 'valid' },
    stride: (kernel) => kernel,
  });
  if (windows === undefined) return undefined;
  const sound = [
    ...(args.padding?.kind === 'explicit'
      ? windows.map(({ axis, kernel, before }) => expectLessPadding(b, op, axis, before, kernel))
      : []),
    ...(args.ceil === true ? windows.map((window) => expectWithinReach(b, op, window)) : []),
  ];
  if (sound.includes(false)) return undefined;
  return args.ceil === true ? windows.map((window) => ({ ...window, ceil: true })) : windows;
}

/** With `ceil` the last window begins at most a stride further, which must still be inside. */
function expectWithinReach(b: ShapeContext, op: string, { axis, kernel, stride, after }: Window): boolean {
  const needed = add(stride, after);
  const reason = `\`ceil: true\` of \`${op}\` needs a window along ${axis} of at least the stride and the padding together, ${print(needed)}, lest the last one lie outside; it is ${print(kernel)}`;
  const [size, least] = [isConstant(kernel), isConstant(needed)];
  if (size === undefined || least === undefined)
    return b.require(compare(kernel, '>=', needed), 'N3010', reason);
  if (size >= least) return true;
  b.fail('N3010', reason);
  return false;
}

/** A window that lies in the padding alone would have no elements. */
function expectLessPadding(b: ShapeContext, op: string, axis: string, padding: Size, kernel: Size): boolean {
  const [pad, size] = [isConstant(padding), isConstant(kernel)];
  if (pad !== undefined && size !== undefined) {
    if (pad < size) return true;
    b.fail(
      'N3010',
      `the padding of \`${op}\` along ${axis} is ${pad}, but must be smaller than the window, ${size}`,
    );
    return false;
  }
  const reason = `the padding of \`${op}\` along ${axis}, ${print(padding)}, must be smaller than the window`;
  return b.require(compare(padding, '<=', sub(kernel, constant(1))), 'N3010', reason);
}

export const maxPool = surfaceOp({
  name: 'max_pool',
  doc: 'The largest element of each window. The window must not be larger than what it slides along.',
  example: 'max_pool(over: [H: 3, W: 3], stride: 2, padding: 1)(x)',
  arguments: poolArguments,
  operands: ['x'],
  parameterised: false,
  build(b, args, operands) {
    const x = tensorOperand(b, 'max_pool', operands);
    const windows = x && poolWindows(b, 'max_pool', args);
    return x && windows && b.emitOne(maxPoolOver, [x], { windows });
  },
});

export const avgPool = surfaceOp({
  name: 'avg_pool',
  doc: 'The mean of each window. Padding does not count as elements, unless that is asked for.',
  example: 'avg_pool(over: [H: 2, W: 2])(x)',
  arguments: {
    ...poolArguments,
    count_padding: {
      kind: 'bool',
      optional: true,
      default: 'false',
      doc: 'whether padding counts as elements of value 0',
    },
  },
  operands: ['x'],
  parameterised: false,
  build(b, args, operands) {
    const x = tensorOperand(b, 'avg_pool', operands);
    const windows = x && poolWindows(b, 'avg_pool', args);
    return (
      x && windows && b.emitOne(avgPoolOver, [x], { windows, countPadding: args.count_padding ?? false })
    );
  },
});
