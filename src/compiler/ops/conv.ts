import {
  axisNames,
  findAxis,
  hasAxis,
  printType,
  replaceAxis,
  withoutAxes,
  type TensorType,
} from '../ir/tensor-type.ts';
import type { GraphValue } from '../ir/graph.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import {
  add,
  constant,
  equalSize,
  floorDiv,
  isConstant,
  mul,
  print,
  scale,
  sub,
  type Size,
} from '../shapes/size.ts';
import { expectAxis, expectFloat, expectNewAxes, listNames } from './axis-checks.ts';
import type { GradientBuilder } from './gradient.ts';
import { imageOrder } from './image.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, sizeOf, strideOf, zeros } from './nd-array.ts';
import {
  channelArguments,
  channelsFrom,
  kernelParams,
  weightArguments,
  withoutDropped,
} from './kernel-arguments.ts';
import { kernelAxis } from './kernel-axis.ts';
import type { Op, Sample } from './op.ts';
import { elements, numberOf, product, sizesAlong, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';
import {
  isPadded,
  placements,
  slide,
  tfjsPadArgument,
  tfjsPads,
  tfjsPerAxis,
  windowAttributes,
  windowsFrom,
  windowsInOrder,
  type Window,
} from './window.ts';

export type ConvAttributes = {
  /** The axis of x that is consumed, and the one that is made; they may have one name. */
  readonly from: string;
  readonly to: string;
  readonly windows: readonly Window[];
  readonly groups: Size;
};

/** What to write for a convolution that sees one place at a time, of a tensor whose places have been reduced away. */
function insteadOfPointwise(
  x: TensorType,
  from: string,
  to: string,
  windows: readonly Window[],
): string | undefined {
  const seesOne = windows.every(({ kernel }) => isConstant(kernel) === 1);
  if (!seesOne || windows.some(({ axis }) => hasAxis(x, axis))) return undefined;
  const axes = listNames(windows.map(({ axis }) => axis));
  return `without ${axes} a convolution of size 1 is \`linear(${from} -> ${to.startsWith('.') ? '[]' : `${to}: ...`})\``;
}

/**
 * Convolution (cross-correlation, as everywhere in the field) over one to three axes. Inputs: x; the weight with axes
 * `.out`, `.in` (the channels of one group) and `.H` for each axis H of the kernel, torch's order; and, if there is one,
 * the bias with the axis `.out`.
 */
export const convolve: Op<ConvAttributes> = {
  name: 'conv',
  doc: 'y[k, i] = bias[k] + sum over c, t of weight[k, c, t] x[c, stride i - before + dilation t]',
  infer: (inputs, { from, to, windows, groups }, ctx) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    if (!expectFloat(ctx, 'conv', x)) return undefined;
    const channels = expectAxis(ctx, '`conv`', x, from);
    const spatial = slide(ctx, '`conv`', x, windows, insteadOfPointwise(x, from, to, windows));
    const outputs = findAxis(weight, '.out');
    const members = findAxis(weight, '.in');
    if (channels === undefined || spatial === undefined) return undefined;
    if (outputs === undefined || members === undefined)
      throw new Error(`conv got the weight ${printType(weight)}`);
    if (!ctx.equal(mul(members.size, groups), channels.size)) {
      return ctx.fail(
        'N4001',
        `the weight of \`conv\` reads ${print(mul(members.size, groups))} channels, x has ${print(channels.size)}`,
        [`x is ${printType(x)}`, `the weight is ${printType(weight)}`],
      );
    }
    if (!expectNewAxes(ctx, '`conv`', withoutAxes(x, [from]), [to])) return undefined;
    const slid = spatial.reduce((type, axis) => replaceAxis(type, axis.name, [axis]), x);
    return [replaceAxis(slid, from, [{ name: to, size: outputs.size }])];
  },
  evaluate: (inputs, { from, to, windows, groups }, outputs) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    const bias = inputs[2];
    const out = zeros(only(outputs));
    const places = placements(
      windows,
      x.type,
      out.type,
      (axis) => strideOf(x.type, axis),
      (axis) => strideOf(out.type, axis),
    );
    const kernel = {
      dtype: 'f32',
      axes: windows.map(({ axis, kernel: size }) => ({ name: kernelAxis(axis), size: numberOf(size) })),
    } as const;
    const tapOffsets: number[] = [];
    forEachIndex(kernel.axes, [weight.type], ([offset = 0]) => tapOffsets.push(offset));
    const [members, made] = [sizeOf(weight.type, '.in'), sizeOf(weight.type, '.out')];
    const perGroup = made / numberOf(groups);
    const [xChannel, wIn, wOut] = [
      strideOf(x.type, from),
      strideOf(weight.type, '.in'),
      strideOf(weight.type, '.out'),
    ];
    const outChannel = strideOf(out.type, to);
    const spatial = windows.map(({ axis }) => axis);
    const batch = x.type.axes.filter(({ name }) => name !== from && !spatial.includes(name));
    forEachIndex(batch, [x.type, out.type], ([xBatch = 0, outBatch = 0]) => {
      for (let k = 0; k < made; k++) {
        const xGroup = xBatch + Math.floor(k / perGroup) * members * xChannel;
        for (const place of places) {
          let sum = bias?.data[k] ?? 0;
          for (let i = 0; i < place.inputs.length; i++) {
            let xAt = xGroup + (place.inputs[i] ?? 0);
            let wAt = k * wOut + (tapOffsets[place.taps[i] ?? 0] ?? 0);
            for (let c = 0; c < members; c++, xAt += xChannel, wAt += wIn) {
              sum += (x.data[xAt] ?? NaN) * (weight.data[wAt] ?? NaN);
            }
          }
          out.data[outBatch + k * outChannel + place.output] = sum;
        }
      }
    });
    return [out];
  },
  prefers: (inputs, { from, to, windows }, _outputs, dialect) => {
    const spatial = windows.map(({ axis }) => axis);
    const others = axisNames(named(inputs, ['x']).x).filter(
      (name) => name !== from && !spatial.includes(name),
    );
    return [from, to].map((channel) =>
      imageOrder(dialect, channel, spatial).flatMap((name) => (name === '...' ? others : [name])),
    );
  },
  layout: (inputs, { from, to, windows }, _outputs, dialect, sorted) => {
    const spatial = sorted(windows.map(({ axis }) => axis));
    const kernel = spatial.map(kernelAxis);
    const weight = dialect === 'channels-first' ? ['.out', '.in', ...kernel] : [...kernel, '.in', '.out'];
    const orders = [imageOrder(dialect, from, spatial), weight, ['.out']];
    return { inputs: orders.slice(0, inputs.length), outputs: [imageOrder(dialect, to, spatial)] };
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows, groups } }) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    const types = named(inputTypes, ['x', 'weight']);
    const inOrder = windowsInOrder(types.x, windows);
    const rank = windows.length + 1;
    const withBatch = (type: TensorType): readonly Size[] => {
      const sizes = sizesOf(type);
      return [product(sizes.slice(0, sizes.length - rank)), ...sizes.slice(sizes.length - rank)];
    };
    const dims = withBatch(only(outputTypes));
    const convolved = e.node(
      'Conv',
      [e.reshape(x, withBatch(types.x)), weight, ...inputs.slice(2)],
      { dims },
      {
        ...windowAttributes(e, inOrder),
        dilations: { type: 'ints', value: inOrder.map(({ dilation }) => e.constant(dilation)) },
        group: { type: 'int', value: e.constant(groups) },
      },
    );
    return [e.reshape(convolved, sizesOf(only(outputTypes)))];
  },
  tfjs: (e, { inputs, inputTypes, outputTypes, attributes }) => {
    const types = named(inputTypes, ['x', 'weight']);
    const values = named(inputs, ['x', 'weight']);
    const type = only(outputTypes);
    // A convolution over one axis is one over two, of which the first has length 1.
    const single = attributes.windows.length === 1;
    const windows = windowsInOrder(types.x, attributes.windows);
    const spread = single ? [unitWindow, ...windows] : windows;
    const rank = windows.length + 1;
    const sizes = sizesOf(types.x);
    const image = [product(sizes.slice(0, -rank)), ...(single ? [constant(1)] : []), ...sizes.slice(-rank)];
    const isImage = sizes.length === image.length;
    const x = isImage ? values.x : `tf.reshape(${values.x}, ${e.shape(image)})`;
    const filter = single ? `tf.expandDims(${values.weight}, 0)` : values.weight;
    const channels = findAxis(types.x, attributes.from)?.size ?? constant(1);
    const convolved = tfjsConvolution(e, x, filter, spread, channels, types.weight, attributes.groups);
    const bias = inputs[2];
    const biased = bias === undefined ? convolved : `tf.add(${convolved}, ${bias})`;
    return [isImage ? biased : `tf.reshape(${biased}, ${e.shape(sizesOf(type))})`];
  },
  gradient: (b, { inputs, attributes, gradients }) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    const bias = inputs[2];
    const g = only(gradients);
    if (g === undefined) return [];
    const sizes = sizesAlong(x.type, attributes.windows);
    return [
      b.one('conv_input_gradient', [g, weight], { ...attributes, sizes }),
      b.one('conv_weight_gradient', [x, g], attributes),
      bias && biasGradient(b, g, attributes.to),
    ];
  },
  flops: (inputs, { windows }, outputs) => {
    const members = findAxis(named(inputs, ['x', 'weight']).weight, '.in')?.size ?? constant(1);
    const products = mul(elements(only(outputs)), mul(members, product(windows.map(({ kernel }) => kernel))));
    return scale(products, 2);
  },
  samples: [
    convolutionSample({ N: 2, C: 3, H: 7, W: 6 }, { out: 4, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
    convolutionSample({ N: 1, C: 3, H: 9, W: 8 }, { out: 4, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 }),
    convolutionSample({ N: 2, C: 5, H: 4, W: 3 }, { out: 7, kernel: { H: 1, W: 1 }, bias: false }),
    convolutionSample(
      { N: 1, C: 2, H: 9, W: 9 },
      { out: 3, kernel: { H: 3, W: 3 }, pad: [2, 2], dilation: 2 },
    ),
    convolutionSample(
      { N: 1, C: 2, H: 11, W: 9 },
      { out: 3, kernel: { H: 3, W: 3 }, pad: [1, 2], dilation: 2, stride: 2 },
    ),
    // Taps that see nothing but padding: some, and all.
    convolutionSample(
      { N: 2, C: 3, H: 4, W: 7 },
      { out: 2, kernel: { H: 3, W: 3 }, pad: [5, 5], dilation: 5 },
    ),
    convolutionSample(
      { N: 1, C: 2, H: 3, W: 5 },
      { out: 3, kernel: { H: 2, W: 2 }, pad: [10, 10], dilation: 20 },
    ),
    convolutionSample({ N: 2, C: 4, H: 5, W: 6 }, { out: 4, kernel: { H: 3, W: 3 }, pad: [1, 1], groups: 4 }),
    convolutionSample(
      { N: 2, C: 3, H: 7, W: 6 },
      { out: 6, kernel: { H: 3, W: 3 }, pad: [1, 1], groups: 3, stride: 2 },
    ),
    convolutionSample(
      { N: 2, C: 4, H: 6, W: 7 },
      { out: 6, kernel: { H: 3, W: 5 }, pad: [1, 0], groups: 2, bias: false },
    ),
    convolutionSample({ C: 3, H: 7, W: 6 }, { out: 4, kernel: { H: 2, W: 3 } }),
    convolutionSample({ A: 2, N: 2, C: 3, H: 5, W: 4 }, { out: 2, kernel: { H: 3, W: 3 }, pad: [1, 0] }),
    convolutionSample({ W: 6, C: 3, H: 7, N: 2 }, { out: 4, to: 'C', kernel: { H: 3, W: 2 }, pad: [1, 1] }),
    convolutionSample(
      { N: 1, C: 2, H: 7, W: 8 },
      { out: 2, kernel: { H: 3, W: 3 }, pad: [1, 1], strides: { H: 2 } },
    ),
    convolutionSample(
      { N: 1, C: 2, H: 7, W: 8 },
      { out: 4, kernel: { H: 3, W: 3 }, pad: [1, 1], strides: { W: 2 }, groups: 2 },
    ),
    convolutionSample({ N: 2, C: 3, T: 9 }, { out: 4, kernel: { T: 3 }, pad: [1, 1], stride: 2 }),
    convolutionSample(
      { N: 2, C: 4, T: 9 },
      { out: 4, kernel: { T: 3 }, pad: [2, 0], dilation: 2, groups: 2 },
    ),
    convolutionSample(
      { N: 1, C: 2, D: 4, H: 5, W: 3 },
      { out: 3, kernel: { D: 2, H: 3, W: 3 }, pad: [1, 1], stride: 2 },
    ),
    convolutionSample({ N: 1, C: 4, D: 4, H: 3, W: 3 }, { out: 2, kernel: { D: 2, H: 3, W: 1 }, groups: 2 }),
  ],
};

/** Of a bias along `.out`, that of the channels `to`. */
export function biasGradient(b: GradientBuilder, g: GraphValue, to: string): GraphValue {
  const over = axisNames(g.type).filter((name) => name !== to);
  const sum = b.one('sum', [g], { over });
  return to === '.out' ? sum : b.one('rename', [sum], { from: [to], to: ['.out'] });
}

const unitWindow: Window = {
  axis: '',
  kernel: constant(1),
  stride: constant(1),
  dilation: constant(1),
  before: constant(0),
  after: constant(0),
};

/** TensorFlow.js differentiates no dilated convolution and refuses stride with dilation; a kernel with holes does both. */
export function dilated(e: TfjsEmitter, filter: string, windows: readonly Window[]): string {
  if (windows.every(({ dilation }) => dilation.value === 1)) return filter;
  return `${e.helper('dilateFilter')}(${filter}, ${e.shape(windows.map(({ dilation }) => dilation))})`;
}

function tfjsConvolution(
  e: TfjsEmitter,
  x: string,
  filter: string,
  windows: readonly Window[],
  channels: Size,
  weight: TensorType,
  groups: Size,
): string {
  const strides = tfjsPerAxis(
    e,
    windows.map(({ stride }) => stride),
  );
  const volume = windows.length === 3;
  // conv3d pads only by names whose meaning depends on the stride.
  const padded = volume && isPadded(windows) ? `tf.pad(${x}, ${tfjsPads(e, windows)})` : x;
  const pad = volume ? `'valid'` : tfjsPadArgument(e, windows);
  if (groups.value === 1 && !volume && windows.some(({ dilation }) => dilation.value !== 1)) {
    // Holes would be most of the kernel: at a rate of 36, all but 9 of 73 x 73 taps.
    const dilations = e.shape(windows.map(({ dilation }) => dilation));
    return `${e.helper('dilatedConv')}(${padded}, ${filter}, ${strides}, ${pad}, ${dilations})`;
  }
  const spread = dilated(e, filter, windows);
  if (groups.value === 1)
    return `tf.${volume ? 'conv3d' : 'conv2d'}(${padded}, ${spread}, ${strides}, ${pad})`;
  if (!volume && equalSize(groups, channels)) {
    const made = findAxis(weight, '.out')?.size ?? groups;
    const kernel = windows.map(({ kernel: size, dilation }) =>
      add(mul(dilation, sub(size, constant(1))), constant(1)),
    );
    const shape = e.shape([...kernel, groups, floorDiv(made, groups)]);
    return `tf.depthwiseConv2d(${padded}, tf.reshape(${spread}, ${shape}), ${strides}, ${pad})`;
  }
  return `${e.helper('groupedConv')}(${padded}, ${spread}, ${e.size(groups)}, ${strides}, ${pad})`;
}

/** A case of a convolution of x, whose channels are C, along the axes of `kernel`. */
export function convolutionSample(
  x: Readonly<Record<string, number>>,
  given: {
    readonly out: number;
    readonly to?: string;
    readonly kernel: Readonly<Record<string, number>>;
    readonly pad?: readonly [before: number, after: number];
    readonly stride?: number;
    /** Where they differ from axis to axis. */
    readonly strides?: Readonly<Record<string, number>>;
    readonly dilation?: number;
    readonly groups?: number;
    readonly bias?: false;
  },
): Sample<ConvAttributes> {
  const groups = given.groups ?? 1;
  const [before, after] = given.pad ?? [0, 0];
  const kernel = Object.entries(given.kernel);
  const weight = concrete({
    '.out': given.out,
    '.in': (x['C'] ?? 1) / groups,
    ...Object.fromEntries(kernel.map(([axis, size]) => [kernelAxis(axis), size])),
  });
  const bias = given.bias === false ? [] : [concrete({ '.out': given.out })];
  return {
    inputs: [concrete(x), weight, ...bias],
    attributes: {
      from: 'C',
      to: given.to ?? 'K',
      groups: constant(groups),
      windows: kernel.map(([axis, size]) => ({
        axis,
        kernel: constant(size),
        stride: constant(given.strides?.[axis] ?? given.stride ?? 1),
        dilation: constant(given.dilation ?? 1),
        before: constant(before),
        after: constant(after),
      })),
    },
  };
}

export const conv = surfaceOp({
  name: 'conv',
  doc: 'A learned convolution over one to three axes; one axis of channels becomes another. All other axes are batched.',
  example: 'conv(C -> K: 64, over: [H: 3, W: 3], stride: 2)(x)',
  arguments: {
    ...channelArguments,
    over: { kind: 'axisSizes', doc: 'the axes that the kernel slides along, and its size along each' },
    stride: { kind: 'perAxis', optional: true, default: '1', doc: 'steps of the kernel' },
    dilation: {
      kind: 'perAxis',
      optional: true,
      default: '1',
      doc: 'distance of the elements that the kernel reads',
    },
    padding: {
      kind: 'padding',
      optional: true,
      default: 'same',
      doc: '`same` (odd kernels; the output has ceildiv(size, stride) elements), `valid`, or numbers of zeros at both ends',
    },
    ...weightArguments,
  },
  operands: ['x'],
  parameterised: true,
  build(b, args, operands) {
    const x = tensorOperand(b, 'conv', operands);
    if (x === undefined) return undefined;
    const channels = channelsFrom(b, 'conv', x.type, args);
    const windows = windowsFrom(b, '`conv`', args, { padding: { kind: 'same' }, stride: () => constant(1) });
    if (channels === undefined || windows === undefined) return undefined;
    const { from, inputs, to, outputs, groups } = channels;
    const members = { name: '.in', size: floorDiv(inputs, groups) };
    const params = kernelParams(b, [{ name: '.out', size: outputs }, members], windows, outputs, args);
    return withoutDropped(b, b.emitOne(convolve, [x, ...params], { from, to, windows, groups }), channels);
  },
});
