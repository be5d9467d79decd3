import type { Attributes } from '../../../src/compiler/ops/attributes.ts';
import { arrange, concrete, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import { ops } from '../../../src/compiler/ops/registry.ts';
import type { TransposedWindow } from '../../../src/compiler/ops/conv-transpose.ts';
import type { Window } from '../../../src/compiler/ops/window.ts';
import { constant } from '../../../src/compiler/shapes/size.ts';
import type { BackendCase, StatedTensor } from './onnx-backend-data.ts';
import { ConcreteContext, concreteType, symbolic } from './sample-runs.ts';

/** Of an axis of ONNX, the name that it gets here; undefined for one of size 1 that netc would not have. */
type Names = readonly (string | undefined)[];

/** A result in the order of ONNX, or undefined where the suite states what netc does not compute. */
type Result = { readonly dims: readonly number[]; readonly data: Float64Array } | undefined;

/** The results of netc's ops on the inputs of a test, or why they cannot be asked for it. */
type Translation = readonly Result[] | string;

/** What a test states, with its tensors as arrays of the interpreter. */
class Stated {
  private readonly given: BackendCase;

  constructor(given: BackendCase) {
    this.given = given;
  }

  get count(): number {
    return this.given.inputs.length;
  }

  get outputs(): readonly StatedTensor[] {
    return this.given.outputs;
  }

  has(attribute: string): boolean {
    return this.given.attributes.has(attribute);
  }

  number(attribute: string, fallback: number): number {
    return Number(this.given.attributes.get(attribute) ?? fallback);
  }

  text(attribute: string, fallback: string): string {
    return String(this.given.attributes.get(attribute) ?? fallback);
  }

  numbers(attribute: string): readonly number[] | undefined {
    const value = this.given.attributes.get(attribute);
    return typeof value === 'object' ? value : undefined;
  }

  optional(index: number): StatedTensor | undefined {
    return this.given.inputs[index];
  }

  tensor(index: number): StatedTensor {
    const tensor = this.optional(index);
    if (tensor === undefined) throw new Error(`${this.given.name} has no input ${index}`);
    return tensor;
  }

  /** An input whose values are arguments of netc's op. */
  values(index: number): readonly number[] | undefined {
    const tensor = this.optional(index);
    return tensor && [...tensor.data];
  }

  rank(index = 0): number {
    return this.tensor(index).dims.length;
  }

  /** An input with names for its axes; those of size 1 without a name are dropped. */
  array(index: number, names: Names = axes(this.rank(index))): NdArray {
    return nd(this.tensor(index), names);
  }

  /** An axis given as ONNX counts it, from the end where it is negative. */
  axis(attribute: string, fallback: number): number {
    return at(this.number(attribute, fallback), this.rank());
  }
}

function at(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function axes(rank: number): readonly string[] {
  return Array.from({ length: rank }, (_, i) => `a${i}`);
}

function name(axis: number): string {
  return `a${axis}`;
}

function nd({ dims, dtype, data }: StatedTensor, names: Names): NdArray {
  const kept = dims.flatMap((size, i) => {
    const axis = names[i];
    if (axis === undefined && size !== 1) throw new Error(`an axis of ${size} has no name`);
    return axis === undefined ? [] : [{ name: axis, size }];
  });
  return { type: { dtype: dtype ?? 'f32', axes: kept }, data };
}

/** The axes of ONNX' broadcasting, counted from the end; a size of 1 where the other is larger has no name. */
function broadcastNames(tensor: StatedTensor, others: readonly StatedTensor[]): Names {
  return tensor.dims.map((size, i) => {
    const fromEnd = tensor.dims.length - i;
    const larger = others.some(({ dims }) => (dims.at(-fromEnd) ?? 1) > 1 && fromEnd <= dims.length);
    return size === 1 && larger ? undefined : `b${fromEnd}`;
  });
}

/** The shape rule and the meaning of an op; the rule must accept. */
function apply(op: string, inputs: readonly NdArray[], attributes: Attributes = {}): readonly NdArray[] {
  const found = ops.get(op);
  if (found === undefined) throw new Error(`there is no op ${op}`);
  const ctx = new ConcreteContext();
  const types = found.infer(
    inputs.map(({ type }) => symbolic(type)),
    attributes,
    ctx,
  );
  if (types === undefined) throw new Error(ctx.complaints.map(({ message }) => message).join('; '));
  return found.evaluate(inputs, attributes, types.map(concreteType));
}

function first(results: readonly NdArray[]): NdArray {
  const [result] = results;
  if (result === undefined) throw new Error('an op gave no result');
  return result;
}

/** In the order of ONNX; every axis of the array must have its place there. */
function ordered(array: NdArray | undefined, names: Names): Result {
  if (array === undefined) return undefined;
  const sizes = names.map((axis) => array.type.axes.find((a) => a.name === axis)?.size ?? 1);
  const stray = array.type.axes.find((axis) => !names.includes(axis.name));
  if (stray !== undefined) throw new Error(`the result has axis ${stray.name} besides`);
  const type = names.flatMap((axis, i) => (axis === undefined ? [] : [{ name: axis, size: sizes[i] ?? 1 }]));
  return { dims: sizes, data: arrange(array, { ...array.type, axes: type }).data };
}

function unchanged(op: string, attributes: Attributes = {}) {
  return (stated: Stated): Translation => {
    const names = axes(stated.rank());
    return [ordered(first(apply(op, [stated.array(0)], attributes)), names)];
  };
}

function elementwise(op: string, count: number) {
  return (stated: Stated): Translation => {
    if (stated.count !== count) return 'takes another number of tensors in netc';
    const tensors = Array.from({ length: count }, (_, i) => stated.tensor(i));
    const takesWhole = op === 'equal' || op === 'select';
    if (!takesWhole && tensors.some(({ dtype }) => dtype === 'int32')) return 'netc computes it in f32 alone';
    const names = tensors.map((tensor) => broadcastNames(tensor, tensors));
    const widest = names.reduce((a, b) => (new Set(b).size > new Set(a).size ? b : a));
    if (names.some((own) => own.some((axis) => axis !== undefined && !widest.includes(axis))))
      return 'broadcasting of both sides, an outer product in netc';
    const arrays = tensors.map((tensor, i) => nd(tensor, names[i] ?? []));
    return [ordered(first(apply(op, arrays)), widest)];
  };
}

function reduction(op: string) {
  return (stated: Stated): Translation => {
    const rank = stated.rank();
    const asked = stated.numbers('axes') ?? stated.values(1) ?? [];
    if (asked.length === 0 && stated.number('noop_with_empty_axes', 0) === 1) return 'reduces nothing';
    const over = (asked.length === 0 ? axes(rank) : asked.map((axis) => name(at(axis, rank)))).map(String);
    const result = first(apply(op, [stated.array(0)], { over }));
    const keep = stated.number('keepdims', 1) === 1;
    return [ordered(result, kept(axes(rank), over, keep))];
  };
}

function kept(names: readonly string[], over: readonly string[], keep: boolean): Names {
  if (!keep) return names.filter((axis) => !over.includes(axis));
  return names.map((axis) => (over.includes(axis) ? undefined : axis));
}

function alongAxis(op: string) {
  return (stated: Stated): Translation => unchanged(op, { axis: name(stated.axis('axis', -1)) })(stated);
}

interface SpatialAxis {
  readonly axis: string;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly size: number;
  readonly before: number;
  readonly after: number;
}

/** How ONNX' attributes move a kernel over all axes but the first two. */
function spatial(stated: Stated, kernel: readonly number[]): readonly SpatialAxis[] {
  const { dims } = stated.tensor(0);
  const pads = stated.numbers('pads') ?? [];
  const auto = stated.text('auto_pad', 'NOTSET');
  return kernel.map((count, i) => {
    const size = dims[i + 2] ?? 1;
    const stride = stated.numbers('strides')?.[i] ?? 1;
    const dilation = stated.numbers('dilations')?.[i] ?? 1;
    const common = { axis: name(i + 2), kernel: count, stride, dilation, size };
    if (!auto.startsWith('SAME'))
      return { ...common, before: pads[i] ?? 0, after: pads[i + kernel.length] ?? 0 };
    const needed = (Math.ceil(size / stride) - 1) * stride + (count - 1) * dilation + 1 - size;
    return { ...common, ...shared(Math.max(needed, 0), auto) };
  });
}

/** What is odd goes to the end for SAME_UPPER, else to the start. */
function shared(total: number, auto: string): { readonly before: number; readonly after: number } {
  const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return auto === 'SAME_UPPER' ? { before: less, after: more } : { before: more, after: less };
}

function windowOf({ axis, kernel, stride, dilation, before, after }: SpatialAxis): Window {
  const [k, s, d, b, a] = [kernel, stride, dilation, before, after].map((value) => constant(value));
  if (k === undefined || s === undefined || d === undefined || b === undefined || a === undefined)
    throw new Error('five numbers are five sizes');
  return { axis, kernel: k, stride: s, dilation: d, before: b, after: a };
}

function pool(op: string) {
  return (stated: Stated): Translation => {
    const ceil = stated.number('ceil_mode', 0) === 1;
    const windows = spatial(stated, stated.numbers('kernel_shape') ?? []).map((axis) => ({
      ...windowOf(axis),
      ...(ceil && { ceil: true as const }),
    }));
    const countPadding = stated.number('count_include_pad', 0) === 1;
    const attributes = op === 'avg_pool' ? { windows, countPadding } : { windows };
    const pooled = first(apply(op, [stated.array(0)], attributes));
    // The places of the maxima, which MaxPool can give too, are not asked for.
    return [ordered(pooled, axes(stated.rank())), ...stated.outputs.slice(1).map(() => undefined)];
  };
}

function kernelNames(leading: readonly string[], rank: number): readonly string[] {
  return [
    ...leading,
    ...axes(rank)
      .slice(leading.length)
      .map((axis) => `.${axis}`),
  ];
}

function convolution(stated: Stated): Translation {
  const rank = stated.rank();
  const [weight, bias] = [stated.array(1, kernelNames(['.out', '.in'], rank)), stated.optional(2)];
  const windows = spatial(stated, stated.tensor(1).dims.slice(2)).map(windowOf);
  const inputs = [stated.array(0), weight, ...(bias === undefined ? [] : [stated.array(2, ['.out'])])];
  const groups = constant(stated.number('group', 1));
  return [ordered(first(apply('conv', inputs, { from: 'a1', to: 'a1', windows, groups })), axes(rank))];
}

function transposedConvolution(stated: Stated): Translation {
  const rank = stated.rank();
  if (rank > 4) return 'netc transposes convolutions over one or two axes';
  const weight = stated.array(1, kernelNames(['.in', '.member'], rank));
  const auto = stated.text('auto_pad', 'NOTSET');
  const same = auto.startsWith('SAME');
  const windows = spatial(stated, stated.tensor(1).dims.slice(2)).map((axis, i): TransposedWindow => {
    const more = stated.numbers('output_padding')?.[i] ?? 0;
    const wanted = stated.numbers('output_shape')?.[i] ?? (same ? axis.size * axis.stride : undefined);
    if (wanted === undefined) return { ...windowOf(axis), more: constant(more) };
    const whole = axis.stride * (axis.size - 1) + (axis.kernel - 1) * axis.dilation + 1;
    const cut = shared(Math.max(whole - wanted, 0), auto);
    return { ...windowOf({ ...axis, ...cut }), more: constant(Math.max(wanted - whole, 0)) };
  });
  const groups = constant(stated.number('group', 1));
  const made = apply('conv_transpose', [stated.array(0), weight], { from: 'a1', to: 'a1', windows, groups });
  return [ordered(first(made), axes(rank))];
}

function batchNorm(stated: Stated): Translation {
  const names = axes(stated.rank());
  const inputs = [stated.array(0), ...[1, 2, 3, 4].map((i) => stated.array(i, ['a1']))];
  const training = stated.number('training_mode', 0) === 1;
  const attributes = {
    channel: 'a1',
    eps: stated.number('epsilon', 1e-5),
    momentum: 1 - stated.number('momentum', 0.9),
  };
  const results = apply(training ? 'batch_norm_train' : 'batch_norm', inputs, attributes);
  // The running variance of ONNX is of the biased variances, that of netc and torch of the unbiased ones.
  const [y, mean] = results;
  return training ? [ordered(y, names), ordered(mean, ['a1']), undefined] : [ordered(y, names)];
}

function layerNorm(stated: Stated): Translation {
  const names = axes(stated.rank());
  const over = names.slice(stated.axis('axis', -1));
  const inputs = [stated.array(0), stated.array(1, over), stated.array(2, over)];
  const y = first(apply('layer_norm', inputs, { over, eps: stated.number('epsilon', 1e-5) }));
  return [ordered(y, names), ...stated.outputs.slice(1).map(() => undefined)];
}

function instanceNorm(stated: Stated): Translation {
  const names = axes(stated.rank());
  const attributes = { over: names.slice(2), eps: stated.number('epsilon', 1e-5) };
  const normal = apply('layer_norm', [stated.array(0)], attributes);
  const scaled = apply('mul', [first(normal), stated.array(1, ['a1'])]);
  return [ordered(first(apply('add', [first(scaled), stated.array(2, ['a1'])])), names)];
}

function argmax(stated: Stated): Translation {
  if (stated.number('select_last_index', 0) === 1) return 'of equal maxima the last';
  const names = axes(stated.rank());
  const axis = name(stated.axis('axis', 0));
  const result = first(apply('argmax', [stated.array(0)], { axis }));
  return [ordered(result, kept(names, [axis], stated.number('keepdims', 1) === 1))];
}

function cumulativeSum(stated: Stated): Translation {
  if (stated.number('exclusive', 0) === 1) return 'exclusive';
  const [axis = 0] = stated.values(1) ?? [];
  return unchanged('cumsum', {
    axis: name(at(axis, stated.rank())),
    reverse: stated.number('reverse', 0) === 1,
  })(stated);
}

function concat(stated: Stated): Translation {
  const arrays = Array.from({ length: stated.count }, (_, i) => stated.array(i));
  const axis = name(stated.axis('axis', 0));
  return [ordered(first(apply('concat', arrays, { axis })), axes(stated.rank()))];
}

function split(stated: Stated): Translation {
  const axis = stated.axis('axis', 0);
  const pieces = stated.outputs.map(({ dims }) => dims[axis] ?? 0);
  if (new Set(pieces).size > 1) return 'unequal pieces';
  if (pieces.includes(0)) return 'empty pieces';
  const results = apply('split', [stated.array(0)], { axis: name(axis), into: constant(pieces.length) });
  return results.map((piece) => ordered(piece, axes(stated.rank())));
}

function slice(stated: Stated): Translation {
  const [starts = [], ends = [], along, steps] = [1, 2, 3, 4].map((i) => stated.values(i));
  const rank = stated.rank();
  let x = stated.array(0);
  for (const [i, given] of starts.entries()) {
    const axis = at(along?.[i] ?? i, rank);
    const size = stated.tensor(0).dims[axis] ?? 0;
    const step = steps?.[i] ?? 1;
    if (step < 0) return 'backwards';
    const [start, stop] = [given, ends[i] ?? size].map((place) => Math.min(at(place, size), size));
    if (start === undefined || stop === undefined || start >= stop) return 'an empty slice';
    const [from, to, by] = [constant(start), constant(stop), constant(step)];
    x = first(apply('slice', [x], { axis: name(axis), start: from, stop: to, step: by }));
  }
  return [ordered(x, axes(rank))];
}

function pad(stated: Stated): Translation {
  const rank = stated.rank();
  const pads = stated.values(1) ?? [];
  const over = axes(rank).map((axis, i) => ({
    axis,
    before: constant(pads[i] ?? 0),
    after: constant(pads[i + rank] ?? 0),
  }));
  const value = stated.values(2)?.[0] ?? 0;
  const { type, data } = stated.array(0);
  // The suite pads whole numbers too, which are numbers like others.
  const x: NdArray = { type: { ...type, dtype: 'f32' }, data };
  const mode = stated.text('mode', 'constant');
  return [ordered(first(apply('pad', [x], { over, mode, value })), axes(rank))];
}

function gather(stated: Stated): Translation {
  const axis = stated.axis('axis', 0);
  const indices = stated.tensor(1);
  if (indices.data.some((index) => index < 0)) return 'indices from the end';
  const places = indices.dims.map((_, i) => `i${i}`);
  const result = apply('gather', [stated.array(0), stated.array(1, places)], { axis: name(axis) });
  const names = axes(stated.rank());
  return [ordered(first(result), [...names.slice(0, axis), ...places, ...names.slice(axis + 1)])];
}

function gatherEach(stated: Stated): Translation {
  const indices = stated.tensor(1);
  const depth = indices.dims.at(-1);
  if (depth !== 1) return 'an index of several axes';
  const batch = stated.number('batch_dims', 0);
  const names = axes(stated.rank());
  const places = indices.dims.slice(0, -1).map((_, i) => (i < batch ? name(i) : `i${i}`));
  const found = apply('gather', [stated.array(0), stated.array(1, [...places, undefined])], {
    axis: name(batch),
  });
  return [ordered(first(found), [...places, ...names.slice(batch + 1)])];
}

/** ONNX adds to what is there; netc's indices run together with all axes but the one that they count. */
function scatterElements(stated: Stated): Translation {
  const [axis, data, indices] = [stated.axis('axis', 0), stated.tensor(0), stated.tensor(1)];
  if (stated.text('reduction', 'none') !== 'add') return 'another reduction than a sum';
  if (indices.data.some((index) => index < 0)) return 'indices from the end';
  const names = axes(stated.rank());
  const attributes = {
    axis: name(axis),
    size: constant(data.dims[axis] ?? 1),
    shared: names.filter((other) => other !== name(axis)),
  };
  const added = apply('scatter_add', [stated.array(2), stated.array(1)], attributes);
  return [ordered(first(apply('add', [stated.array(0), first(added)])), names)];
}

/** With half-pixel corners netc takes floor(i in / out), which is ONNX' rounding where each element is repeated. */
function resize(stated: Stated): Translation {
  const { dims } = stated.tensor(0);
  const [mode, corners] = [
    stated.text('mode', 'nearest'),
    stated.text('coordinate_transformation_mode', 'half_pixel'),
  ];
  if (mode === 'cubic') return 'cubic';
  if (corners !== 'half_pixel' && corners !== 'align_corners') return corners;
  const scales = stated.values(2) ?? [];
  if (scales.some((scale, i) => !Number.isInteger(scale * (dims[i] ?? 1))))
    return 'by scales that leave a rest';
  const sizes = stated.values(3) ?? dims.map((size, i) => size * (scales[i] ?? 1));
  const repeats = sizes.every((size, i) => Number.isInteger(size / (dims[i] ?? 1)));
  const rounded = stated.text('nearest_mode', 'round_prefer_floor') === 'round_prefer_floor';
  if (mode === 'nearest' && !(corners === 'half_pixel' && rounded && repeats))
    return 'nearest by another rounding';
  const over = sizes.flatMap((size, i) =>
    size === dims[i] ? [] : [{ axis: name(i), size: constant(size) }],
  );
  return unchanged('resize', {
    over,
    mode: mode === 'linear' ? 'bilinear' : mode,
    corners: corners === 'align_corners' ? 'aligned' : corners,
  })(stated);
}

function clip(stated: Stated): Translation {
  const [min, max] = [stated.values(1)?.[0], stated.values(2)?.[0]];
  if (min === undefined && max === undefined) return 'no bound';
  return unchanged('clamp', { min, max })(stated);
}

function prelu(stated: Stated): Translation {
  const slopes = stated.tensor(1).dims;
  if (slopes.length !== 1) return 'a slope for each element';
  const channel = name(stated.rank() - 1);
  const result = apply('prelu', [stated.array(0), stated.array(1, [channel])], { channel });
  return [ordered(first(result), axes(stated.rank()))];
}

function selu(stated: Stated): Translation {
  return stated.has('alpha') || stated.has('gamma') ? 'constants of its own' : unchanged('selu')(stated);
}

function hardSigmoid(stated: Stated): Translation {
  // netc's slope is 1/6, that of ONNX' HardSwish and of torch; ONNX' default is 0.2.
  return Math.abs(stated.number('alpha', 0.2) - 1 / 6) < 1e-6
    ? unchanged('h_sigmoid')(stated)
    : 'another slope';
}

function reciprocal(stated: Stated): Translation {
  const one: NdArray = { type: concrete({}), data: Float64Array.of(1) };
  return [ordered(first(apply('div', [one, stated.array(0)])), axes(stated.rank()))];
}

/** What is inside of the exact gelu: gelu(z) = z (1 + erf(z / sqrt(2))) / 2. */
function errorFunction(stated: Stated): Translation {
  const { type, data } = stated.array(0);
  const z = data.map((x) => Math.SQRT2 * x);
  const y = first(apply('gelu', [{ type, data: z }], { tanh: false }));
  return [
    ordered({ type, data: y.data.map((value, i) => (2 * value) / (z[i] ?? NaN) - 1) }, axes(stated.rank())),
  ];
}

function matmul(stated: Stated): Translation {
  const rank = stated.rank();
  const batch = axes(rank - 2);
  const [a, b] = [stated.array(0, [...batch, 'i', 't']), stated.array(1, [...batch, 't', 'j'])];
  const result = apply('contract', [a, b], { over: [{ left: 't', right: 't' }] });
  return [ordered(first(result), [...batch, 'i', 'j'])];
}

function expand(stated: Stated): Translation {
  const { dims } = stated.tensor(0);
  const wanted = stated.outputs[0]?.dims ?? [];
  const names = wanted.map((_, i) => `b${wanted.length - i}`);
  const own = names.slice(names.length - dims.length);
  const sizes = wanted.slice(wanted.length - dims.length);
  const x = stated.array(
    0,
    own.map((axis, i) => (dims[i] === sizes[i] ? axis : undefined)),
  );
  const over = names.flatMap((axis, i) =>
    x.type.axes.some((a) => a.name === axis) ? [] : [{ axis, size: constant(wanted[i] ?? 1) }],
  );
  return [ordered(first(apply('expand', [x], { over })), names)];
}

/** Where the compiler arranges memory, and no op of the language is meant. */
const inside = (): Translation => 'rearranges or converts inside lowerings alone';

const translations: Readonly<Record<string, (stated: Stated) => Translation>> = {
  Abs: unchanged('abs'),
  Add: elementwise('add', 2),
  And: elementwise('logical_and', 2),
  ArgMax: argmax,
  AveragePool: pool('avg_pool'),
  BatchNormalization: batchNorm,
  Cast: inside,
  Clip: clip,
  Concat: concat,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  CumSum: cumulativeSum,
  Div: elementwise('div', 2),
  Elu: (stated) => unchanged('elu', { alpha: stated.number('alpha', 1) })(stated),
  Equal: elementwise('equal', 2),
  Erf: errorFunction,
  Exp: unchanged('exp'),
  Expand: expand,
  Gather: gather,
  GatherND: gatherEach,
  Greater: elementwise('greater', 2),
  GreaterOrEqual: elementwise('greater_equal', 2),
  HardSigmoid: hardSigmoid,
  HardSwish: unchanged('h_swish'),
  Identity: inside,
  If: () => 'chooses between two lowerings of one op when a graph runs',
  InstanceNormalization: instanceNorm,
  LayerNormalization: layerNorm,
  LeakyRelu: (stated) => unchanged('leaky_relu', { slope: stated.number('alpha', 0.01) })(stated),
  Less: elementwise('less', 2),
  LessOrEqual: elementwise('less_equal', 2),
  Log: unchanged('log'),
  LogSoftmax: alongAxis('log_softmax'),
  MatMul: matmul,
  Max: elementwise('maximum', 2),
  MaxPool: pool('max_pool'),
  Min: elementwise('minimum', 2),
  Mul: elementwise('mul', 2),
  Neg: unchanged('neg'),
  Not: unchanged('logical_not'),
  Or: elementwise('logical_or', 2),
  PRelu: prelu,
  Pad: pad,
  Pow: elementwise('pow', 2),
  Reciprocal: reciprocal,
  ReduceMax: reduction('max'),
  ReduceMean: reduction('mean'),
  ReduceMin: reduction('min'),
  ReduceProd: reduction('prod'),
  ReduceSum: reduction('sum'),
  ReduceSumSquare: () => 'a step of lowerings alone',
  Relu: unchanged('relu'),
  Reshape: inside,
  Resize: resize,
  ScatterElements: scatterElements,
  Selu: selu,
  Sigmoid: unchanged('sigmoid'),
  Sign: unchanged('sign'),
  Slice: slice,
  Softmax: alongAxis('softmax'),
  Softplus: unchanged('softplus'),
  Split: split,
  Sqrt: unchanged('sqrt'),
  Sub: elementwise('sub', 2),
  Tanh: unchanged('tanh'),
  Transpose: inside,
  Where: elementwise('select', 3),
};

/** The operators of ONNX that are told in terms of netc's ops. */
export const translated: ReadonlySet<string> = new Set(Object.keys(translations));

/** What netc's ops make of the inputs of a test. */
export function translate(given: BackendCase): Translation {
  const tensors = [...given.inputs, ...given.outputs].filter((tensor) => tensor !== undefined);
  if (tensors.some(({ dtype }) => dtype === undefined)) return 'an element type that netc does not have';
  const translation = translations[given.opType];
  if (translation === undefined) throw new Error(`nothing is said of ${given.opType}`);
  try {
    return translation(new Stated(given));
  } catch (cause) {
    throw new Error(`${given.name}: ${String(cause)}`, { cause });
  }
}
