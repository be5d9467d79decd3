import { axisNames, findAxis, hasAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import type { Dialect, ShapeContext } from './op.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { constant } from '../shapes/size.ts';

/**
 * The type of an elementwise combination: the axes of one operand must contain those of the other, and shared axes
 * must have one size. Anything else is refused, because with named axes a forgotten axis would silently become an
 * outer product.
 */
export function broadcastTypes(a: TensorType, b: TensorType, ctx: ShapeContext): TensorType | undefined {
  const onlyA = axisNames(a).filter((name) => !hasAxis(b, name));
  const onlyB = axisNames(b).filter((name) => !hasAxis(a, name));
  const notes = [`the left side is ${printType(a)}`, `the right side is ${printType(b)}`];
  if (onlyA.length > 0 && onlyB.length > 0) {
    return ctx.fail(
      'N4004',
      `the left side alone has ${listAxes(onlyA)}, the right side alone has ${listAxes(onlyB)}: together they would form an outer product`,
      [...notes, 'use `expand(like: ...)` or `contract` where that is what you want, or `rename` an axis'],
    );
  }
  const [wide, narrow] = onlyB.length > 0 ? [b, a] : [a, b];
  for (const axis of narrow.axes) {
    const other = findAxis(wide, axis.name);
    if (other !== undefined && !ctx.equal(axis.size, other.size)) {
      return ctx.fail('N4001', `the two sides differ in axis ${axis.name}`, notes);
    }
  }
  return wide;
}

function listAxes(names: readonly string[]): string {
  return names.length === 1 ? `axis ${names.join()}` : `axes ${names.join(', ')}`;
}

/** Gives an ONNX operand the rank of the result by inserting axes of length 1; both are in the program's order. */
export function alignOnnx(e: OnnxEmitter, tensor: OnnxTensor, type: TensorType, result: TensorType): OnnxTensor {
  if (type.axes.length === result.axes.length || type.axes.length === 0) return tensor;
  // Leading axes may be missing: ONNX broadcasts from the right.
  const names = axisNames(result);
  const first = names.findIndex((name) => hasAxis(type, name));
  const dims = names.slice(first).map((name) => findAxis(type, name)?.size ?? constant(1));
  return e.reshape(tensor, dims);
}

/** The same for a JavaScript expression: `tf.expandDims` for each axis that is missing between others. */
export function alignTfjs(e: TfjsEmitter, expression: string, type: TensorType, result: TensorType): string {
  if (type.axes.length === result.axes.length || type.axes.length === 0) return expression;
  const names = axisNames(result);
  const first = names.findIndex((name) => hasAxis(type, name));
  let aligned = expression;
  names.slice(first).forEach((name, position) => {
    if (!hasAxis(type, name)) aligned = `tf.expandDims(${aligned}, ${e.number(position)})`;
  });
  return aligned;
}

/** Whether a dialect puts channels after the other axes. */
export function channelsLast(dialect: Dialect): boolean {
  return dialect === 'channels-last';
}
