import { axisNames, findAxis, type TensorType } from '../../../ir/tensor-type.ts';
import type { ConvAttributes } from '../../../ops/conv.ts';
import { elements, numberOf, sizesOf } from '../../../ops/sizes-of.ts';
import type { Size } from '../../../shapes/size.ts';
import type { Window } from '../../../ops/window.ts';

/** The three tensors of a convolution, of which its gradients have two as inputs and the third as output. */
export interface ConvolutionTypes {
  readonly x: TensorType;
  readonly weight: TensorType;
  readonly y: TensorType;
}

/** A convolution in numbers. */
export interface ConvolutionShape {
  readonly batch: number;
  /** Channels of x and of y. */
  readonly from: number;
  readonly to: number;
  readonly groups: number;
  readonly windows: readonly WindowShape[];
  /** Numbers of elements. */
  readonly x: number;
  readonly weight: number;
  readonly y: number;
  /** Places of y in one image. */
  readonly points: number;
}

export type WindowShape = Readonly<Record<'kernel' | 'stride' | 'dilation' | 'before' | 'after', number>>;

/**
 * Milliseconds on two cores with AVX-512, for batches of 8 of what DenseNet-121 and ResNet-50 consist of; only their
 * ratios matter. Most of what the forms differ in is which copies they need.
 */
export const milliseconds = {
  /** What the blocked convolution is faster by in each multiplication and addition. */
  blockedArithmetic: 1e-9,
  /** The same where its weight is an image, of which a piece stays in the nearest cache. */
  slidingArithmetic: 1.15e-9,
  /** An element of the matrix that a convolution by matrix product is made into: x for each tap, the weight for each image. */
  unfolded: 0.17e-6,
  /** A multiplication and addition of a convolution of single channels whose kernel is an image: they wait for each other. */
  slid: 0.15e-6,
  /** An element that goes into blocks, or out of them. */
  reordered: 0.22e-6,
  /** An element of a weight on its way into blocks, */
  blockedWeight: 0.5e-6,
  /** and mirrored besides. */
  mirroredWeight: 0.9e-6,
  /** The same without blocks. */
  plainMirroredWeight: 3.5e-6,
  /** An element of a tensor whose last two axes change places. */
  transposed: 0.3e-6,
  /** An element of the second operand of a matrix product, which is copied piece by piece before it is multiplied. */
  packed: 0.5e-6,
  /** A piece of memory that a Gather copies, however short. */
  piece: 3e-6,
  /** An element of what there is for each image: written, and read to be added up; */
  summed: 0.4e-6,
  /** read to be added up alone, by a product, */
  addedUp: 0.05e-6,
  /** and by the operator for sums, */
  addedUpByOperator: 0.3e-6,
  /** which where axes are left before those that it sums over takes so long for each of their places; */
  reduction: 75e-6,
  /** an element that a pool reads instead. */
  pooled: 0.02e-6,
  /** An element of a tensor that is read and written once more, */
  passed: 0.35e-6,
  /** of one that is normalised by the operator for it, which works on one core, */
  normalised: 0.4e-6,
  /** and of one whose squares are summed by the operator for that. */
  squared: 0.5e-6,
  /** A node more, whatever it does. */
  node: 0.01,
} as const;

/** Undefined where a size is known only when the graph runs. */
export function convolutionShape(
  { from, to, windows, groups }: ConvAttributes,
  { x, weight, y }: ConvolutionTypes,
): ConvolutionShape | undefined {
  const all = [x, weight, y].flatMap(sizesOf).concat(groups, windows.flatMap(sizesOfWindow));
  if (all.some(({ value }) => value === undefined)) return undefined;
  const size = (type: TensorType, axis: string): number => numberOf(findAxis(type, axis)?.size ?? groups);
  const points = windows.reduce((count, { axis }) => count * size(y, axis), 1);
  const others = axisNames(y).filter((name) => name !== to && windows.every(({ axis }) => axis !== name));
  return {
    batch: others.reduce((count, name) => count * size(y, name), 1),
    from: size(x, from),
    to: size(y, to),
    groups: numberOf(groups),
    windows: windows.map(windowShape),
    x: numberOf(elements(x)),
    weight: numberOf(elements(weight)),
    y: numberOf(elements(y)),
    points,
  };
}

export function windowShape({ kernel, stride, dilation, before, after }: Window): WindowShape {
  return {
    kernel: numberOf(kernel),
    stride: numberOf(stride),
    dilation: numberOf(dilation),
    before: numberOf(before),
    after: numberOf(after),
  };
}

function sizesOfWindow({ kernel, stride, dilation, before, after }: Window): readonly Size[] {
  return [kernel, stride, dilation, before, after];
}

/** Whether each element of y is made of the one of x at its place. */
export function isPointwise({ windows }: ConvolutionShape): boolean {
  return windows.every(
    ({ kernel, stride, before, after }) => kernel === 1 && stride === 1 && before === 0 && after === 0,
  );
}

/** Multiplications and additions. */
export function operations({ y, weight, to }: ConvolutionShape): number {
  return 2 * y * (weight / to);
}
