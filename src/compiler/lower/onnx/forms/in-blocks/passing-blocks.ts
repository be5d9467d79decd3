import type { GraphValue } from '../../../../ir/graph.ts';
import { axisNames } from '../../../../ir/tensor-type.ts';
import type { Attributes, NoAttributes } from '../../../../ops/attributes.ts';
import { maximum, minimum, minus, multiply, plus } from '../../../../ops/binary.ts';
import { clampTo } from '../../../../ops/clamp.ts';
import { concatAlong, type ConcatAttributes } from '../../../../ops/concat.ts';
import { isEqual } from '../../../../ops/is-equal.ts';
import { leakyRectify } from '../../../../ops/leaky-relu.ts';
import { only } from '../../../../ops/named.ts';
import { concrete } from '../../../../ops/nd-array.ts';
import type { Op, Sample } from '../../../../ops/op.ts';
import { sameSizes, sizesOf } from '../../../../ops/sizes-of.ts';
import { sliceAlong, type SliceAttributes } from '../../../../ops/slice.ts';
import { abs, hardSigmoid, hardSwish, isPositive, relu, sigmoid, tanh } from '../../../../ops/unary.ts';
import { constant } from '../../../../shapes/size.ts';
import { geluInOne, siluInOne } from '../activations-in-one.ts';
import type { Block } from '../blocks.ts';
import type { FormedNode, OnnxForm } from '../form.ts';
import { blockImage } from './block-image.ts';

/**
 * Ops that do the same to a tensor in blocks, by their own lowering or another form: those on each element by itself, where all tensors are
 * images of one size or numbers, and those that move whole blocks of channels.
 */
export function passingBlocks(block: Block) {
  const image = { N: 2, C: 32, H: 3, W: 5 };
  return [
    ...[relu, isPositive, sigmoid, tanh, hardSigmoid, hardSwish, abs].map((op) =>
      passing(block, op, areOfOneSize, [single(image, {})]),
    ),
    passing(block, siluInOne, areOfOneSize, [single(image, {})]),
    passing(block, geluInOne, areOfOneSize, [single(image, { tanh: false })]),
    passing(block, clampTo, areOfOneSize, [single(image, { min: 0, max: 1 })]),
    passing(block, leakyRectify, areOfOneSize, [single(image, { slope: 0.1 })]),
    ...[multiply, plus, minus, maximum, minimum, isEqual].map((op) =>
      passing(block, op, areOfOneSize, [pair(image, image), pair({}, image)]),
    ),
    passing<ConcatAttributes>(block, concatAlong, ({ inputs }, { axis }) => areInBlocksOf(inputs, axis), [
      { inputs: [concrete(image), concrete({ ...image, C: 16 })], attributes: { axis: 'C' } },
    ]),
    passing<SliceAttributes>(
      block,
      sliceAlong,
      ({ inputs }, { axis, start, step }) =>
        areInBlocksOf(inputs, axis) &&
        step.value === 1 &&
        start.value !== undefined &&
        start.value % block === 0,
      [
        single(image, { axis: 'C', start: constant(16), stop: constant(32), step: constant(1) }),
        single(image, { axis: 'C', start: constant(0), stop: constant(16), step: constant(1) }),
      ],
    ),
  ] as const;
}

function passing<A extends Attributes>(
  block: Block,
  like: Op<A> | OnnxForm<A>,
  isAble: (node: FormedNode, attributes: A) => boolean,
  samples: readonly Sample<A>[],
): OnnxForm<A> {
  return {
    name: `in-blocks${block}`,
    op: 'op' in like ? like.op : like.name,
    doc: `as ever, on images in blocks of ${block} channels`,
    saves: (node, attributes) => {
      const images = [...node.inputs.filter(isNoNumber), ...node.outputs];
      const areImages = images.every(({ type }) => blockImage(type, block) !== undefined);
      if (!areImages || !isAble(node, attributes)) return undefined;
      return 'op' in like ? like.saves(node, attributes) : 0;
    },
    blocks: ({ inputs, outputs }) => ({
      inputs: inputs.flatMap((value, i) => (isNoNumber(value) ? [i] : [])),
      outputs: [...outputs.keys()],
    }),
    samples,
    onnx: (e, node) => like.onnx(e, node),
  };
}

function isNoNumber({ type }: GraphValue): boolean {
  return type.axes.length > 0;
}

function areOfOneSize({ inputs, outputs }: FormedNode): boolean {
  const { type } = only(outputs);
  const names = axisNames(type);
  return inputs
    .filter(isNoNumber)
    .every(
      (value) =>
        sameSizes(sizesOf(value.type), sizesOf(type)) &&
        axisNames(value.type).every((name, i) => name === names[i]),
    );
}

function areInBlocksOf(inputs: readonly GraphValue[], axis: string): boolean {
  return inputs.every(({ type }) => axisNames(type)[1] === axis);
}

function pair(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Sample<NoAttributes> {
  return { inputs: [concrete(a), concrete(b)], attributes: {} };
}

function single<A extends Attributes>(sizes: Readonly<Record<string, number>>, attributes: A): Sample<A> {
  return { inputs: [concrete(sizes)], attributes };
}
