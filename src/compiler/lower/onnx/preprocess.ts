import { constant, type Size } from '../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from './emitter.ts';

/** What a model's image input wants: `pixels(mean, std)` of the language, one number a channel, and its size. */
export interface Preprocessing {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Of red, green and blue: the luma of ITU-R BT.601. */
const luma = [0.299, 0.587, 0.114];

/**
 * From decoded images [N, H, W, C], uint8 and of any size, to what the model takes: f32 [N, channels, height, width],
 * brought to the model's channels, resized by an antialiased triangle filter with half-pixel centres, and normalised to
 * (value / 255 - mean) / std. C is 1 or 2 for gray, 3 or 4 for colour, and may be known only when the graph runs; alpha
 * is dropped.
 *
 * The resize is Pillow's BILINEAR within 1/255. ONNX's own Resize is not used: its antialiasing came later than the
 * operator set that is written here.
 */
export function preprocess(e: OnnxEmitter, image: OnnxTensor, spec: Preprocessing): OnnxTensor {
  const { channels, mean, std } = spec;
  const planes = e.transpose(image, [0, 3, 1, 2]);
  const fitted =
    channels === 1 ? resize(e, toGray(e, planes), spec) : toColour(e, resize(e, asFloats(e, planes), spec));
  const perChannel = [1, channels, 1, 1];
  const scale = e.floats(std.map((s) => 1 / (255 * s)), perChannel); // prettier-ignore
  const shift = e.floats(mean.map((m, c) => -m / (std[c] ?? Number.NaN)), perChannel); // prettier-ignore
  const scaled = e.node('Mul', [fitted, scale], { dims: fitted.dims });
  return e.node('Add', [scaled, shift], { dims: fitted.dims });
}

/** [N, C, H, W] to [N, 3, H, W]: the first three channels, or the first one three times. */
function toColour(e: OnnxEmitter, planes: OnnxTensor): OnnxTensor {
  const [n, c, h, w] = fourDims(planes);
  const isColour = e.node('GreaterOrEqual', [e.shape([c]), e.ints([3])], {
    dims: [constant(1)],
    dtype: 'bool',
  });
  const step = e.node(
    'Cast',
    [isColour],
    { dims: [constant(1)], dtype: 'int64' },
    { to: int(elementType.int64) },
  );
  const from = e.node('Mul', [e.ints([0, 1, 2]), step], { dims: [constant(3)], dtype: 'int64' });
  return e.node(
    'Gather',
    [planes, from],
    { dims: [n, constant(3), h, w], dtype: planes.dtype },
    { axis: int(1) },
  );
}

/** [N, C, H, W] to [N, 1, H, W]. */
function toGray(e: OnnxEmitter, planes: OnnxTensor): OnnxTensor {
  const colour = asFloats(e, toColour(e, planes));
  const [n, , h, w] = fourDims(colour);
  const weighted = e.node('Mul', [colour, e.floats(luma, [1, 3, 1, 1])], { dims: colour.dims });
  return e.node('ReduceSum', [weighted, e.ints([1])], { dims: [n, constant(1), h, w] }, { keepdims: int(1) });
}

/** Two products with matrices: over the columns, then over the rows. */
function resize(e: OnnxEmitter, planes: OnnxTensor, { height, width }: Preprocessing): OnnxTensor {
  const [n, c, h, w] = fourDims(planes);
  const low = e.node('MatMul', [triangle(e, h, height), planes], { dims: [n, c, constant(height), w] });
  const across = e.transpose(triangle(e, w, width), [1, 0]);
  return e.node('MatMul', [low, across], { dims: [n, c, constant(height), constant(width)] });
}

/**
 * The matrix [to, from] of a resize along one axis. Output i lies at (i + 1/2) from/to, input j at j + 1/2; the triangle
 * reaches max(from/to, 1). In whole numbers, so that nothing is rounded before the division:
 *
 *   weight(i, j) = max(0, 1 - |(2 j + 1) to - (2 i + 1) from| / (2 max(from, to)))
 *
 * and each row is divided by its sum.
 */
function triangle(e: OnnxEmitter, from: Size, to: number): OnnxTensor {
  const dims = [constant(to), from];
  const whole = (opType: string, inputs: readonly OnnxTensor[], of: readonly Size[]) =>
    e.node(opType, inputs, { dims: of, dtype: 'int64' });
  const number = (value: number) => e.reshape(e.ints([value]), []);
  const length = e.shape([from]);
  const twice = whole('Mul', [length, e.ints([2])], [constant(1)]);
  const end = e.node('Squeeze', [twice], { dims: [], dtype: 'int64' });
  const inputs = whole('Range', [number(1), end, number(2)], [from]);
  const outputs = e.reshape(e.ints(Array.from({ length: to }, (_, i) => 2 * i + 1)), [
    constant(to),
    constant(1),
  ]);
  const left = whole('Mul', [inputs, e.ints([to])], [from]);
  const right = whole('Mul', [outputs, length], [constant(to), constant(1)]);
  const distance = asFloats(e, whole('Abs', [whole('Sub', [left, right], dims)], dims));
  const reach = asFloats(e, whole('Max', [twice, e.ints([2 * to])], [constant(1)]));
  const part = e.node('Div', [distance, reach], { dims });
  const height = e.node('Relu', [e.node('Sub', [e.floats([1], []), part], { dims })], { dims });
  const sum = e.node(
    'ReduceSum',
    [height, e.ints([1])],
    { dims: [constant(to), constant(1)] },
    { keepdims: int(1) },
  );
  return e.node('Div', [height, sum], { dims });
}

/** Numbers of the ONNX format: `TensorProto.DataType`. */
const elementType = { f32: 1, int64: 7 } as const;

function asFloats(e: OnnxEmitter, tensor: OnnxTensor): OnnxTensor {
  return e.node('Cast', [tensor], { dims: tensor.dims, dtype: 'f32' }, { to: int(elementType.f32) });
}

function fourDims({ name, dims }: OnnxTensor): readonly [Size, Size, Size, Size] {
  const [a, b, c, d, ...more] = dims;
  if (a === undefined || b === undefined || c === undefined || d === undefined || more.length > 0)
    throw new Error(`${name} is no batch of images: it has ${dims.length} axes`);
  return [a, b, c, d];
}
