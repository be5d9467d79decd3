import type { GraphValue } from '../../../../ir/graph.ts';
import { axisNames } from '../../../../ir/tensor-type.ts';
import type { Attributes, NoAttributes } from '../../../../ops/attributes.ts';
import { multiply, plus } from '../../../../ops/binary.ts';
import { concatAlong, type ConcatAttributes } from '../../../../ops/concat.ts';
import { only } from '../../../../ops/named.ts';
import { concrete } from '../../../../ops/nd-array.ts';
import type { Op, Sample } from '../../../../ops/op.ts';
import { sameSizes, sizesOf } from '../../../../ops/sizes-of.ts';
import { sliceAlong, type SliceAttributes } from '../../../../ops/slice.ts';
import { isPositive, relu } from '../../../../ops/unary.ts';
import { constant } from '../../../../shapes/size.ts';
import type { Block } from '../blocks.ts';
import type { FormedNode, OnnxForm } from '../form.ts';
import { blockImage } from './block-image.ts';

/**
 * Ops that do the same to a tensor in blocks, by their own lowering: those on each element by itself, where all tensors are
 * images of one size, and those that move whole blocks of channels.
 */
export function passingBlocks(block: Block) {
  const image = { N: 2, C: 32, H: 3, W: 5 };
  return [
    passing(block, multiply, isOfOneSize, [pair(image)]),
    passing(block, plus, isOfOneSize, [pair(image)]),
    passing(block, isPositive, isOfOneSize, [single(image, {})]),
    passing(block, relu, isOfOneSize, [single(image, {})]),
    passing<ConcatAttributes>(block, concatAlong, ({ inputs }, { axis }) => isChannel(inputs, axis), [
      { inputs: [concrete(image), concrete({ ...image, C: 16 })], attributes: { axis: 'C' } },
    ]),
    passing<SliceAttributes>(
      block,
      sliceAlong,
      ({ inputs }, { axis, start, step }) =>
        isChannel(inputs, axis) && step.value === 1 && start.value !== undefined && start.value % block === 0,
      [
        single(image, { axis: 'C', start: constant(16), stop: constant(32), step: constant(1) }),
        single(image, { axis: 'C', start: constant(0), stop: constant(16), step: constant(1) }),
      ],
    ),
  ] as const;
}

function passing<A extends Attributes>(
  block: Block,
  op: Op<A>,
  isAble: (node: FormedNode, attributes: A) => boolean,
  samples: readonly Sample<A>[],
): OnnxForm<A> {
  return {
    name: `in-blocks${block}`,
    op: op.name,
    doc: `as ever, on images in blocks of ${block} channels`,
    saves: (node, attributes) => {
      const values = [...node.inputs, ...node.outputs];
      const areImages = values.every(({ type }) => blockImage(type, block) !== undefined);
      return areImages && isAble(node, attributes) ? 0 : undefined;
    },
    blocks: ({ inputs, outputs }) => ({ inputs: [...inputs.keys()], outputs: [...outputs.keys()] }),
    samples,
    onnx: (e, node) => op.onnx(e, node),
  };
}

function isOfOneSize({ inputs, outputs }: FormedNode): boolean {
  const { type } = only(outputs);
  const names = axisNames(type);
  return inputs.every(
    (value) =>
      sameSizes(sizesOf(value.type), sizesOf(type)) &&
      axisNames(value.type).every((name, i) => name === names[i]),
  );
}

function isChannel(inputs: readonly GraphValue[], axis: string): boolean {
  return inputs.every(({ type }) => axisNames(type)[1] === axis);
}

function pair(sizes: Readonly<Record<string, number>>): Sample<NoAttributes> {
  return { inputs: [concrete(sizes), concrete(sizes)], attributes: {} };
}

function single<A extends Attributes>(sizes: Readonly<Record<string, number>>, attributes: A): Sample<A> {
  return { inputs: [concrete(sizes)], attributes };
}
