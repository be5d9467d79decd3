import { replaceAxis, type TensorType } from '../ir/tensor-type.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import { constant, type Size } from '../shapes/size.ts';
import { expectAxes, expectFloat } from './axis-checks.ts';
import { channelsLastDims } from './image.ts';
import { only } from './named.ts';
import type { Lowered, ShapeContext } from './op.ts';
import { reshapeInTfjs } from './reshape-in-tfjs.ts';
import { sizesOf } from './sizes-of.ts';

/** The axes that an op brings to given sizes, among its attributes. */
export type ResizedAxes = {
  readonly over: readonly { readonly axis: string; readonly size: Size }[];
};

/**
 * The shape rule: x with those axes brought to those sizes; undefined after a complaint. Two axes are the most, because
 * the targets have such ops for images.
 */
export function resizedType(
  ctx: ShapeContext,
  op: string,
  x: TensorType,
  { over }: ResizedAxes,
): TensorType | undefined {
  const names = over.map(({ axis }) => axis);
  if (!expectFloat(ctx, op, x) || expectAxes(ctx, `\`${op}\``, x, names) === undefined) return undefined;
  if (names.length > 2) return ctx.fail('N3010', `\`${op}\` works on one or two axes, not ${names.length}`);
  return over.reduce((type, { axis, size }) => replaceAxis(type, axis, [{ name: axis, size }]), x);
}

/**
 * The op in TensorFlow.js, by a function of images [batch, height, width, channels]: `resized` calls it on an image, for
 * a height and width. One axis is the width of images of height 1.
 */
export function resizeInTfjs(
  e: TfjsEmitter,
  { inputs, inputTypes, outputTypes, attributes: { over } }: Lowered<ResizedAxes, string>,
  resized: (image: string, size: string) => string,
): string {
  const spatial = over.map(({ axis }) => axis);
  const image = (type: TensorType): readonly Size[] => {
    const [batch = constant(1), ...rest] = channelsLastDims(type, spatial);
    return over.length === 1 ? [batch, constant(1), ...rest] : [batch, ...rest];
  };
  const [from, to] = [only(inputTypes), only(outputTypes)];
  const size = e.shape(image(to).slice(1, 3));
  const x = reshapeInTfjs(e, only(inputs), sizesOf(from), image(from));
  return reshapeInTfjs(e, resized(x, size), image(to), sizesOf(to));
}
