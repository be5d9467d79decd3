import { axisNames, findAxis, hasAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { constant, isConstant } from '../shapes/size.ts';
import { axesOf, listNames } from './axis-checks.ts';
import { forEachIndex, zeros, type ConcreteType, type NdArray } from './nd-array.ts';
import type { ShapeContext } from './op.ts';
import { sameSizes, sizesOf } from './sizes-of.ts';

/**
 * The type of an elementwise combination: the axes of one operand must contain those of the other, and shared axes
 * must have one size. Anything else is refused, because with named axes a forgotten axis would silently become an
 * outer product.
 */
export function broadcastTypes(a: TensorType, b: TensorType, ctx: ShapeContext): TensorType | undefined {
  const onlyA = axisNames(a).filter((name) => !hasAxis(b, name));
  const onlyB = axisNames(b).filter((name) => !hasAxis(a, name));
  // Written only for a complaint: most programs have none, and printing would take longer than the rule itself.
  const notes = (): readonly string[] => [
    `the left side is ${printType(a)}`,
    `the right side is ${printType(b)}`,
  ];
  if (onlyA.length > 0 && onlyB.length > 0) {
    return ctx.fail(
      'N4004',
      `the left side alone has ${axesOf(onlyA)}, the right side alone has ${axesOf(onlyB)}: together they would form an outer product`,
      notes(),
      {
        help: `${oneAxis(onlyA, onlyB)}; an outer product that is meant is said with \`expand\` or \`contract\``,
        missing: [...onlyA, ...onlyB],
      },
    );
  }
  const [wide, narrow] = onlyB.length > 0 ? [b, a] : [a, b];
  const different = narrow.axes.filter((axis) => {
    const other = findAxis(wide, axis.name);
    return other !== undefined && !ctx.equal(axis.size, other.size);
  });
  if (different.length === 0) return wide;
  return ctx.fail('N4001', `the two sides differ in ${axesOf(different.map(({ name }) => name))}`, notes(), {
    help: 'bring both to one size: `linear` and `conv` set the width of an axis; padding, stride and `resize` its length',
  });
}

/**
 * A function of the elements that up to three arrays have at one place, axes matched by name; what an array lacks is
 * repeated.
 */
export function elementwise(
  arrays: readonly NdArray[],
  type: ConcreteType,
  value: (a: number, b: number, c: number) => number,
): NdArray {
  const out = zeros(type);
  const [a, b, c] = arrays.map(({ data }) => data);
  let i = 0;
  const types = arrays.map((array) => array.type);
  forEachIndex(type.axes, types, ([atA = 0, atB = 0, atC = 0]) => {
    out.data[i++] = value(a?.[atA] ?? NaN, b?.[atB] ?? NaN, c?.[atC] ?? NaN);
  });
  return out;
}

/** How axes that stand alone on either side could be one. */
function oneAxis(left: readonly string[], right: readonly string[]): string {
  const [a, moreLeft] = left;
  const [b, moreRight] = right;
  const rest = [...left, ...right].find((name) => name.startsWith('...'));
  if (rest !== undefined)
    return `name the axes that \`${rest}\` stands for, and those of the other side alike`;
  if (moreLeft === undefined && moreRight === undefined)
    return `\`rename(${b} -> ${a})\` if they are one axis`;
  return moreRight === undefined
    ? `rename ${b} if it is one of ${listNames(left)}`
    : `rename those that are the same on both sides`;
}

/**
 * Where an operand lacks axes that stand between or after its own: positions in the result without its leading axes,
 * which all targets supply by themselves. Both types are in the program's order.
 */
function missingPositions(type: TensorType, result: TensorType): readonly number[] {
  const names = axisNames(result);
  const first = names.findIndex((name) => hasAxis(type, name));
  if (first < 0) return [];
  return names.slice(first).flatMap((name, position) => (hasAxis(type, name) ? [] : [position]));
}

/** Inserts the axes of length 1 that let ONNX broadcast an operand to the result. */
export function alignOnnx(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  type: TensorType,
  result: TensorType,
): OnnxTensor {
  const missing = missingPositions(type, result);
  if (missing.length === 0) return tensor;
  const names = axisNames(result).slice(axisNames(result).findIndex((name) => hasAxis(type, name)));
  const dims = names.map((name) => findAxis(type, name)?.size ?? constant(1));
  return e.reshape(tensor, dims);
}

/**
 * An elementwise operator on two operands that broadcast. ONNX Runtime goes through an operand that is repeated along the
 * last axes step by step, even where these have length 1: a number times a [128, 416, 1, 1] takes 70 times longer than
 * times a [128, 416]. So they are taken off, and put back.
 */
export function combineOnnx(
  e: OnnxEmitter,
  operator: string,
  operands: readonly (readonly [tensor: OnnxTensor, type: TensorType])[],
  result: TensorType,
): OnnxTensor {
  const dims = sizesOf(result);
  const aligned = operands.map(([tensor, type]) => alignOnnx(e, tensor, type, result));
  const last = dims.findLastIndex((size) => isConstant(size) !== 1);
  const units = dims.length - 1 - last;
  const isRepeated = aligned.some((tensor) => !sameSizes(tensor.dims, dims));
  if (units === 0 || !isRepeated) return e.node(operator, aligned, { dims });
  const shortened = aligned.map((tensor) =>
    e.reshape(tensor, tensor.dims.slice(0, Math.max(0, tensor.dims.length - units))),
  );
  return e.reshape(e.node(operator, shortened, { dims: dims.slice(0, last + 1) }), dims);
}

/** What `alignOnnx` does, for a JavaScript expression. */
export function alignTfjs(e: TfjsEmitter, expression: string, type: TensorType, result: TensorType): string {
  return missingPositions(type, result).reduce(
    (aligned, position) => `tf.expandDims(${aligned}, ${e.number(position)})`,
    expression,
  );
}

/** An operand repeated to the shape of the result, for functions of `tf` whose gradient does not know broadcasting. */
export function repeatTfjs(e: TfjsEmitter, expression: string, type: TensorType, result: TensorType): string {
  // A number is a constant, and gets no gradient.
  const isNumber = type.axes.length === 0 && !Number.isNaN(Number(expression));
  if (isNumber || type.axes.length === result.axes.length) return expression;
  return `tf.broadcastTo(${alignTfjs(e, expression, type, result)}, ${e.shape(sizesOf(result))})`;
}
