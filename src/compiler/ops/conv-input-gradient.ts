import { findAxis, replaceAxis, withoutAxes, type TensorType } from '../ir/tensor-type.ts';
import { int, ints, type OnnxEmitter, type OnnxTensor } from '../lower/onnx/emitter.ts';
import { divides } from '../shapes/prop.ts';
import { add, constant, floorDiv, mul, scale, sub, type Size } from '../shapes/size.ts';
import { expectAxis, expectFloat, expectNewAxes, expectSameAxes } from './axis-checks.ts';
import { convolutions, inputGradientSample, withAddend } from './conv-gradient-samples.ts';
import { forEachProduct } from './conv-products.ts';
import type { ConvAttributes } from './conv.ts';
import { kernelAxis } from './kernel-axis.ts';
import { imageOrder } from './image.ts';
import { named, only } from './named.ts';
import { forEachIndex, zeros } from './nd-array.ts';
import type { Op } from './op.ts';
import { elements, product, sizesOf } from './sizes-of.ts';
import { isPoint, outputSize, slide, windowAttributes, windowsInOrder, type Window } from './window.ts';

export type ConvInputGradientAttributes = ConvAttributes & {
  /** Of x along the axes that the kernel slides along, which those of g do not show where the stride left some over. */
  readonly sizes: readonly { readonly axis: string; readonly size: Size }[];
};

/**
 * The gradient of a convolution by its input: every element of g adds the kernel, times itself, to x. `windows`, `from`,
 * `to` and `groups` are those of the convolution; the weight lies as it does there. A third input, if there is one, is what
 * else comes back to x, and is added.
 */
export const convolveInputGradient: Op<ConvInputGradientAttributes> = {
  name: 'conv_input_gradient',
  doc: 'dx[c, stride i - before + dilation t] = sum over k, i, t of weight[k, c, t] g[k, i]; plus the addend, if there is one',
  infer: (inputs, { from, to, windows, groups, sizes }, ctx) => {
    const { g, weight } = named(inputs, ['g', 'weight']);
    const op = '`conv_input_gradient`';
    const channels = expectFloat(ctx, 'conv_input_gradient', g) ? expectAxis(ctx, op, g, to) : undefined;
    const members = expectAxis(ctx, op, weight, '.in');
    if (channels === undefined || members === undefined) return undefined;
    if (!expectNewAxes(ctx, op, withoutAxes(g, [to]), [from])) return undefined;
    if (!ctx.require(divides(channels.size, groups), 'N4005', `${op} takes ${to} in equal groups`))
      return undefined;
    const made = { name: from, size: mul(members.size, groups) };
    const x = sizes.reduce(
      (type, { axis, size }) => replaceAxis(type, axis, [{ name: axis, size }]),
      replaceAxis(g, to, [made]),
    );
    const slid = slide(ctx, op, x, windows);
    if (slid === undefined) return undefined;
    const y = slid.reduce(
      (type, axis) => replaceAxis(type, axis.name, [axis]),
      replaceAxis(x, from, [channels]),
    );
    const kernel = windows.map(({ axis, kernel: size }) => ({ name: kernelAxis(axis), size }));
    const wanted = { ...weight, axes: [{ name: '.out', size: channels.size }, members, ...kernel] };
    const addend = inputs[2] ?? x;
    return expectSameAxes(ctx, 'the gradient', g, 'what it belongs to', y) &&
      expectSameAxes(ctx, 'the weight', weight, 'that of the convolution', wanted) &&
      expectSameAxes(ctx, 'the addend', addend, 'x', x)
      ? [x]
      : undefined;
  },
  evaluate: (inputs, attributes, outputs) => {
    const { g, weight } = named(inputs, ['g', 'weight']);
    const out = zeros(only(outputs));
    const addend = inputs[2];
    if (addend !== undefined)
      forEachIndex(out.type.axes, [out.type, addend.type], ([to = 0, from = 0]) => {
        out.data[to] = addend.data[from] ?? NaN;
      });
    forEachProduct({ x: out.type, weight: weight.type, y: g.type }, attributes, (xAt, weightAt, yAt) => {
      out.data[xAt] = (out.data[xAt] ?? NaN) + (weight.data[weightAt] ?? NaN) * (g.data[yAt] ?? NaN);
    });
    return [out];
  },
  layout: (inputs, { from, to, windows }, _outputs, dialect, sorted) => {
    const spatial = sorted(windows.map(({ axis }) => axis));
    const weight = ['.out', '.in', ...spatial.map(kernelAxis)];
    const x = imageOrder(dialect, from, spatial);
    const orders = [imageOrder(dialect, to, spatial), weight, x];
    return { inputs: orders.slice(0, inputs.length), outputs: [x] };
  },
  onnx: (e, { inputs, inputTypes, outputTypes, attributes: { from, windows, groups } }) => {
    const { g, weight } = named(inputs, ['g', 'weight']);
    const types = named(inputTypes, ['g', 'weight']);
    const out = only(outputTypes);
    const inOrder = windowsInOrder(types.g, windows);
    const rank = windows.length + 1;
    const batch = product(sizesOf(types.g).slice(0, -rank));
    const image = (type: TensorType): readonly Size[] => [batch, ...sizesOf(type).slice(-rank)];
    const step: InputGradient = {
      g: e.reshape(g, image(types.g)),
      weight,
      windows: inOrder,
      groups,
      channels: findAxis(out, from)?.size ?? constant(1),
      dims: image(out),
    };
    const x = e.reshape(lowering(step)(e, step), sizesOf(out));
    const addend = inputs[2];
    return [addend === undefined ? x : e.node('Add', [x, addend], { dims: x.dims })];
  },
  noGradient: 'it is made for gradients, which are not differentiated again',
  flops: (inputs) => {
    const { g, weight } = named(inputs, ['g', 'weight']);
    const perElement = elements(withoutAxes(weight, ['.out']));
    return scale(mul(elements(g), perElement), 2);
  },
  samples: convolutions.flatMap((convolution, i) => {
    const sample = inputGradientSample(convolution);
    return i % 3 === 2 ? [sample, withAddend(sample, convolution)] : [sample];
  }),
};

/** On [batch, channels, ...] in one order of the slid axes. */
interface InputGradient {
  readonly g: OnnxTensor;
  readonly weight: OnnxTensor;
  readonly windows: readonly Window[];
  readonly groups: Size;
  /** Of x. */
  readonly channels: Size;
  /** Of x. */
  readonly dims: readonly Size[];
}

const one = constant(1);

/** The form that CPUs are fastest with, of those that standard operators have. */
function lowering({ windows }: InputGradient): (e: OnnxEmitter, step: InputGradient) => OnnxTensor {
  if (windows.some(({ stride }) => stride.value !== 1)) return byConvTranspose;
  return windows.every(isPoint) ? byMatMul : byConv;
}

/** Without neighbours it is a matrix for every image. */
function byMatMul(e: OnnxEmitter, { g, weight, groups, channels, dims }: InputGradient): OnnxTensor {
  const [batch = one, made = one, ...spatial] = g.dims;
  const [rows, columns, points] = [floorDiv(channels, groups), floorDiv(made, groups), product(spatial)];
  const isOne = groups.value === 1;
  const lead = isOne ? [] : [groups];
  const perGroup = e.reshape(weight, [...lead, columns, rows]);
  const turned = e.transpose(perGroup, isOne ? [1, 0] : [0, 2, 1]);
  const images = e.reshape(g, [batch, ...lead, columns, points]);
  return e.reshape(e.node('MatMul', [turned, images], { dims: [batch, ...lead, rows, points] }), dims);
}

/**
 * At stride 1 it is a convolution with the kernel mirrored and its channels exchanged, which is faster than a transposed
 * one. Elements of g that saw nothing but padding are cut off.
 */
function byConv(e: OnnxEmitter, { g, weight, windows, groups, channels, dims }: InputGradient): OnnxTensor {
  const made = g.dims[1] ?? one;
  const [rows, columns] = [floorDiv(channels, groups), floorDiv(made, groups)];
  const taps = product(windows.map(({ kernel }) => kernel));
  const perGroup = e.reshape(weight, [groups, columns, rows, taps]);
  const turned = e.transpose(perGroup, [0, 2, 1, 3]);
  const mirrored =
    taps.value === 1
      ? turned
      : // Slice ends before its end, and what is before the first element has no other name than a number so small.
        e.node('Slice', [turned, e.ints([-1]), e.ints([-(2 ** 31)]), e.ints([3]), e.ints([-1])], {
          dims: turned.dims,
        });
  const kernel = e.reshape(mirrored, [channels, columns, ...windows.map((window) => window.kernel)]);
  const rest = windows.map(({ kernel: size, dilation, before, after }) => {
    const reach = e.constant(mul(dilation, sub(size, one)));
    return { before: reach - e.constant(before), after: reach - e.constant(after) };
  });
  const pads = [...rest.map(({ before }) => before), ...rest.map(({ after }) => after)];
  return e.node(
    'Conv',
    [withoutEnds(e, g, rest), kernel],
    { dims },
    {
      ...windowAttributes(e, windows),
      pads: ints(pads.map((pad) => Math.max(pad, 0))),
      dilations: ints(windows.map(({ dilation }) => e.constant(dilation))),
      group: int(e.constant(groups)),
    },
  );
}

/** As many elements cut off at the ends of the last axes as their padding is negative. */
function withoutEnds(
  e: OnnxEmitter,
  g: OnnxTensor,
  pads: readonly { readonly before: number; readonly after: number }[],
): OnnxTensor {
  const cuts = pads.map(({ before, after }) => ({ start: Math.max(-before, 0), end: Math.max(-after, 0) }));
  if (cuts.every(({ start, end }) => start === 0 && end === 0)) return g;
  const lead = g.dims.length - pads.length;
  const dims = g.dims.map((size, i) => {
    const cut = cuts[i - lead];
    return cut === undefined ? size : sub(size, constant(cut.start + cut.end));
  });
  const stops = cuts.map(({ end }) => (end === 0 ? 2 ** 31 - 1 : -end));
  const axes = cuts.map((_cut, i) => lead + i);
  return e.node('Slice', [g, e.ints(cuts.map(({ start }) => start)), e.ints(stops), e.ints(axes)], { dims });
}

function byConvTranspose(e: OnnxEmitter, { g, weight, windows, groups, dims }: InputGradient): OnnxTensor {
  const more = windows.map((window, i) => leftOver(window, dims[i + 2] ?? one));
  return e.node(
    'ConvTranspose',
    [g, weight],
    { dims },
    {
      ...windowAttributes(e, windows),
      dilations: ints(windows.map(({ dilation }) => e.constant(dilation))),
      output_padding: ints(more.map((size) => e.constant(size))),
      group: int(e.constant(groups)),
    },
  );
}

/** How many elements at the end no window reaches, because the next one would not fit. */
function leftOver(window: Window, size: Size): Size {
  const { kernel, stride, dilation, before, after } = window;
  const padded = add(add(size, before), after);
  const reached = add(mul(sub(outputSize(window, size), one), stride), mul(dilation, sub(kernel, one)));
  return sub(sub(padded, reached), one);
}
