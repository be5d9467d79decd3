import {
  axisNames,
  findAxis,
  printType,
  replaceAxis,
  withoutAxes,
  type Axis,
  type TensorType,
} from '../ir/tensor-type.ts';
import { compare } from '../shapes/prop.ts';
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
import { forAxis } from './arguments.ts';
import { expectAtLeast, expectAxes, expectAxis, expectFloat, expectNewAxes } from './axis-checks.ts';
import { biasGradient, dilated } from './conv.ts';
import { imageOrder } from './image.ts';
import { named, only } from './named.ts';
import { concrete, forEachIndex, renamed, sizeOf, strideOf, zeros } from './nd-array.ts';
import {
  channelArguments,
  channelsFrom,
  kernelParams,
  weightArguments,
  withoutDropped,
} from './kernel-arguments.ts';
import { kernelAxis } from './kernel-axis.ts';
import type { Op, Sample, ShapeContext } from './op.ts';
import { elements, numberOf, product, sizesOf } from './sizes-of.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';
import { placements, windowAttributes, windowsFrom, windowsInOrder, type Window } from './window.ts';

/** `before` and `after` are cut off what the kernels make; `more` elements are then added at the end. */
export type TransposedWindow = Window & { readonly more: Size };

export type ConvTransposeAttributes = {
  /** The axis of x that is consumed, and the one that is made; they may have one name. */
  readonly from: string;
  readonly to: string;
  readonly windows: readonly TransposedWindow[];
  readonly groups: Size;
};

const one = constant(1);

function outputSize({ kernel, stride, dilation, before, after, more }: TransposedWindow, size: Size): Size {
  const whole = add(mul(sub(size, one), stride), add(mul(dilation, sub(kernel, one)), one));
  return add(sub(sub(whole, before), after), more);
}

/** The axes that the windows make of those of x; N4002 where one is missing, N4009 where nothing is left of it. */
function widened(
  ctx: ShapeContext,
  x: TensorType,
  windows: readonly TransposedWindow[],
): readonly Axis[] | undefined {
  const names = windows.map(({ axis }) => axis);
  const axes = expectAxes(ctx, '`conv_transpose`', x, names);
  const made = axes?.flatMap((axis, i) => {
    const window = windows[i];
    return window === undefined ? [] : [{ name: axis.name, size: outputSize(window, axis.size) }];
  });
  const left = made?.map(({ name, size }) => {
    const reason = (): string =>
      `\`conv_transpose\` makes ${print(size)} along ${name} of ${printType(x)}, after its padding is cut off`;
    const help = (): string => 'cut off less padding, or take a larger kernel or stride';
    return ctx.require(compare(size, '>=', one), 'N4009', reason, help);
  });
  return left?.includes(false) === true ? undefined : made;
}

/**
 * The transpose of a convolution, what its gradient by the input computes: every element of x adds the kernel, times
 * itself, to the output. Inputs: x; the weight with axes `.in` (the channels of x), `.member` (those of one group that are made) and `.H`
 * for each axis H of the kernel, torch's order; and, if there is one, the bias with the axis `.out`.
 */
export const convolveTransposed: Op<ConvTransposeAttributes> = {
  name: 'conv_transpose',
  doc: 'y[k, stride i - before + dilation t] = bias[k] + sum over c, i, t of weight[c, k, t] x[c, i]',
  infer: (inputs, { from, to, windows, groups }, ctx) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    if (!expectFloat(ctx, 'conv_transpose', x)) return undefined;
    const channels = expectAxis(ctx, '`conv_transpose`', x, from);
    const spatial = widened(ctx, x, windows);
    if (channels === undefined || spatial === undefined) return undefined;
    const [read, members] = [findAxis(weight, '.in'), findAxis(weight, '.member')];
    if (read === undefined || members === undefined)
      throw new Error(`conv_transpose got the weight ${printType(weight)}`);
    if (!ctx.equal(read.size, channels.size)) {
      return ctx.fail(
        'N4001',
        `the weight of \`conv_transpose\` reads ${print(read.size)} channels, x has ${print(channels.size)}`,
        [`x is ${printType(x)}`, `the weight is ${printType(weight)}`],
      );
    }
    if (!expectNewAxes(ctx, '`conv_transpose`', withoutAxes(x, [from]), [to])) return undefined;
    const wide = spatial.reduce((type, axis) => replaceAxis(type, axis.name, [axis]), x);
    return [replaceAxis(wide, from, [{ name: to, size: mul(members.size, groups) }])];
  },
  evaluate: (inputs, { from, to, windows, groups }, outputs) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    const bias = inputs[2];
    const out = zeros(only(outputs));
    // Where the convolution that this transposes would read, this writes.
    const places = placements(
      windows,
      out.type,
      x.type,
      (axis) => strideOf(out.type, axis),
      (axis) => strideOf(x.type, axis),
    );
    const kernel = windows.map(({ axis, kernel: size }) => ({
      name: kernelAxis(axis),
      size: numberOf(size),
    }));
    const tapOffsets: number[] = [];
    forEachIndex(kernel, [weight.type], ([offset = 0]) => tapOffsets.push(offset));
    const [members, read] = [sizeOf(weight.type, '.member'), sizeOf(weight.type, '.in')];
    const perGroup = read / numberOf(groups);
    const [wIn, wOut] = [strideOf(weight.type, '.in'), strideOf(weight.type, '.member')];
    const [xChannel, outChannel] = [strideOf(x.type, from), strideOf(out.type, to)];
    if (bias !== undefined) {
      const alongMade = renamed(bias.type, () => to);
      forEachIndex(out.type.axes, [out.type, alongMade], ([at = 0, k = 0]) => {
        out.data[at] = bias.data[k] ?? NaN;
      });
    }
    const spatial = windows.map(({ axis }) => axis);
    const batch = x.type.axes.filter(({ name }) => name !== from && !spatial.includes(name));
    forEachIndex(batch, [x.type, out.type], ([xBatch = 0, outBatch = 0]) => {
      for (let c = 0; c < read; c++) {
        const outGroup = outBatch + Math.floor(c / perGroup) * members * outChannel;
        for (const place of places) {
          const value = x.data[xBatch + c * xChannel + place.output] ?? NaN;
          for (let i = 0; i < place.inputs.length; i++) {
            let outAt = outGroup + (place.inputs[i] ?? 0);
            let wAt = c * wIn + (tapOffsets[place.taps[i] ?? 0] ?? 0);
            for (let k = 0; k < members; k++, outAt += outChannel, wAt += wOut) {
              out.data[outAt] = (out.data[outAt] ?? NaN) + value * (weight.data[wAt] ?? NaN);
            }
          }
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
    const weight =
      dialect === 'channels-first' ? ['.in', '.member', ...kernel] : [...kernel, '.member', '.in'];
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
    const made = e.node(
      'ConvTranspose',
      [e.reshape(x, withBatch(types.x)), weight, ...inputs.slice(2)],
      { dims: withBatch(only(outputTypes)) },
      {
        ...windowAttributes(e, inOrder),
        dilations: { type: 'ints', value: inOrder.map(({ dilation }) => e.constant(dilation)) },
        output_padding: { type: 'ints', value: inOrder.map(({ more }) => e.constant(more)) },
        group: { type: 'int', value: e.constant(groups) },
      },
    );
    return [e.reshape(made, sizesOf(only(outputTypes)))];
  },
  tfjs: (e, { inputs, inputTypes, outputTypes, attributes }) => {
    const types = named(inputTypes, ['x', 'weight']);
    const values = named(inputs, ['x', 'weight']);
    const type = only(outputTypes);
    // Over one axis it is one over two, of which the first has length 1.
    const single = attributes.windows.length === 1;
    const inOrder = windowsInOrder(types.x, attributes.windows);
    const spread = single ? [unitWindow, ...inOrder] : inOrder;
    const rank = inOrder.length + 1;
    const sizes = sizesOf(types.x);
    const image = [product(sizes.slice(0, -rank)), ...(single ? [one] : []), ...sizes.slice(-rank)];
    const isImage =
      sizes.length === image.length && sizes.every((size, i) => equalSize(size, image[i] ?? one));
    const x = isImage ? values.x : `tf.reshape(${values.x}, ${e.shape(image)})`;
    const filter = dilated(e, single ? `tf.expandDims(${values.weight}, 0)` : values.weight, spread);
    const strides = e.shape(spread.map(({ stride }) => stride));
    const begin = e.shape(spread.map(({ before }) => before));
    const size = e.shape([...(single ? [one] : []), ...sizesOf(type).slice(-rank, -1)]);
    const groups = e.size(attributes.groups);
    const made = `${e.helper('convTranspose')}(${x}, ${filter}, ${strides}, ${groups}, ${begin}, ${size})`;
    const bias = inputs[2];
    const biased = bias === undefined ? made : `tf.add(${made}, ${bias})`;
    return [isImage ? biased : `tf.reshape(${biased}, ${e.shape(sizesOf(type))})`];
  },
  /** Where the op writes, a convolution reads: by x it is that of g, by the weight that of g at x. */
  gradient: (b, { inputs, attributes, gradients }) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    const bias = inputs[2];
    const g = only(gradients);
    if (g === undefined) return [];
    const { from, to, groups } = attributes;
    const windows = attributes.windows.map(({ axis, kernel, stride, dilation, before, after }) => {
      return { axis, kernel, stride, dilation, before, after };
    });
    const reading = { from: to, to: from, windows, groups };
    const [ofTransposed, ofConvolution] = [
      ['.in', '.member'],
      ['.out', '.in'],
    ];
    const turned = b.one('rename', [weight], { from: ofTransposed, to: ofConvolution });
    const dweight = b.one('conv_weight_gradient', [g, x], reading);
    return [
      b.one('conv', [g, turned], reading),
      b.one('rename', [dweight], { from: ofConvolution, to: ofTransposed }),
      bias && biasGradient(b, g, to),
    ];
  },
  flops: (inputs, { windows }) => {
    const { x, weight } = named(inputs, ['x', 'weight']);
    const members = findAxis(weight, '.member')?.size ?? one;
    return scale(mul(elements(x), mul(members, product(windows.map(({ kernel }) => kernel)))), 2);
  },
  samples: [
    sample({ N: 2, C: 3, H: 4, W: 3 }, { out: 4, kernel: { H: 2, W: 2 }, stride: 2 }),
    sample({ N: 2, C: 3, H: 4, W: 3 }, { out: 4, kernel: { H: 3, W: 3 }, stride: 2, pad: [1, 1], more: 1 }),
    sample({ N: 1, C: 3, H: 4, W: 3 }, { out: 2, kernel: { H: 3, W: 3 }, pad: [1, 1], bias: false }),
    sample({ N: 1, C: 2, H: 3, W: 4 }, { out: 3, kernel: { H: 3, W: 2 }, stride: 3, more: 2 }),
    sample(
      { N: 1, C: 2, H: 4, W: 3 },
      { out: 3, kernel: { H: 3, W: 3 }, stride: 2, dilation: 2, pad: [2, 2] },
    ),
    sample({ N: 2, C: 4, H: 3, W: 3 }, { out: 6, kernel: { H: 3, W: 3 }, stride: 2, groups: 2 }),
    sample({ N: 2, C: 4, H: 3, W: 3 }, { out: 4, kernel: { H: 4, W: 4 }, stride: 2, pad: [1, 1], groups: 4 }),
    sample({ C: 3, H: 4, W: 3 }, { out: 2, kernel: { H: 2, W: 3 }, stride: 2 }),
    sample({ W: 3, C: 3, H: 4, N: 2 }, { out: 4, to: 'C', kernel: { H: 2, W: 2 }, stride: 2 }),
    sample({ A: 2, N: 2, C: 2, H: 3, W: 2 }, { out: 3, kernel: { H: 2, W: 2 }, stride: 2, bias: false }),
    sample({ N: 2, C: 3, T: 5 }, { out: 4, kernel: { T: 4 }, stride: 2, pad: [1, 1] }),
    sample({ N: 2, A: 3, C: 3, T: 5 }, { out: 4, kernel: { T: 2 }, stride: 2 }),
    sample({ N: 2, C: 4, T: 5 }, { out: 4, kernel: { T: 3 }, stride: 3, pad: [0, 2], more: 1, groups: 2 }),
  ],
};

const unitWindow: TransposedWindow = {
  axis: '',
  kernel: one,
  stride: one,
  dilation: one,
  before: constant(0),
  after: constant(0),
  more: constant(0),
};

function sample(
  x: Readonly<Record<string, number>>,
  given: {
    /** Of all groups. */
    readonly out: number;
    readonly to?: string;
    readonly kernel: Readonly<Record<string, number>>;
    readonly pad?: readonly [before: number, after: number];
    readonly stride?: number;
    readonly dilation?: number;
    readonly more?: number;
    readonly groups?: number;
    readonly bias?: false;
  },
): Sample<ConvTransposeAttributes> {
  const groups = given.groups ?? 1;
  const [before, after] = given.pad ?? [0, 0];
  const kernel = Object.entries(given.kernel);
  const weight = concrete({
    '.in': x['C'] ?? 1,
    '.member': given.out / groups,
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
        stride: constant(given.stride ?? 1),
        dilation: constant(given.dilation ?? 1),
        before: constant(before),
        after: constant(after),
        more: constant(given.more ?? 0),
      })),
    },
  };
}

/** What is added at the end must be less than a step (N3010). */
function expectLessThanStep(b: ShapeContext, { axis, stride, more }: TransposedWindow): boolean {
  const what = `the output padding of \`conv_transpose\` along ${axis}`;
  if (!expectAtLeast(b, more, 0, what)) return false;
  const [added, step] = [isConstant(more), isConstant(stride)];
  const reason = `${what}, ${print(more)}, must be smaller than the stride, ${print(stride)}`;
  if (added === undefined || step === undefined)
    return b.require(compare(more, '<=', sub(stride, one)), 'N3010', reason);
  if (added < step) return true;
  b.fail('N3010', reason, [
    'it chooses among the sizes of which a convolution of this stride would have made the same',
  ]);
  return false;
}

export const convTranspose = surfaceOp({
  name: 'conv_transpose',
  doc: 'The transpose of a learned convolution over one or two axes, which makes an image larger by its stride: (H - 1) stride + dilation (kernel - 1) + 1 rows, less the padding on both sides, and the output padding more. All other axes are batched. `padding: same` cuts off dilation (kernel - 1).',
  example: 'conv_transpose(C -> C: 64, over: [H: 2, W: 2], stride: 2)(x)',
  arguments: {
    ...channelArguments,
    over: { kind: 'axisSizes', doc: 'the axes along which the kernel lies, and its size along each' },
    stride: { kind: 'perAxis', optional: true, default: '1', doc: 'distance of the kernels in the output' },
    dilation: {
      kind: 'perAxis',
      optional: true,
      default: '1',
      doc: 'distance of the elements of a kernel in the output',
    },
    padding: {
      kind: 'padding',
      optional: true,
      default: 'valid',
      doc: 'what is cut off: nothing (`valid`), `same` (odd kernels), or numbers of elements at both ends',
    },
    output_padding: {
      kind: 'perAxis',
      optional: true,
      default: '0',
      doc: 'elements more at the end, fewer than the stride',
    },
    ...weightArguments,
  },
  operands: ['x'],
  parameterised: true,
  build(b, args, operands) {
    const x = tensorOperand(b, 'conv_transpose', operands);
    if (x === undefined) return undefined;
    const channels = channelsFrom(b, 'conv_transpose', x.type, args);
    if (args.over.length > 2)
      return b.fail('N3010', `\`conv_transpose\` works over one or two axes, not ${args.over.length}`);
    const plain = windowsFrom(b, '`conv_transpose`', args, {
      padding: { kind: 'valid' },
      stride: () => one,
    });
    if (channels === undefined || plain === undefined) return undefined;
    const windows = plain.map((window) => ({
      ...window,
      more: forAxis(args.output_padding, window.axis, constant(0)),
    }));
    if (windows.map((window) => expectLessThanStep(b, window)).includes(false)) return undefined;
    const { from, inputs, to, outputs, groups } = channels;
    const members = { name: '.member', size: floorDiv(outputs, groups) };
    const params = kernelParams(b, [{ name: '.in', size: inputs }, members], windows, outputs, args);
    const y = b.emitOne(convolveTransposed, [x, ...params], { from, to, windows, groups });
    return withoutDropped(b, y, channels);
  },
});
