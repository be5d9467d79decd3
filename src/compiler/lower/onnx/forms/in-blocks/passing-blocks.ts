import type { GraphValue } from '../../../../ir/graph.ts';
import { axisNames } from '../../../../ir/tensor-type.ts';
import type { Attributes } from '../../../../ops/attributes.ts';
import { concatAlong, type ConcatAttributes } from '../../../../ops/concat.ts';
import { only } from '../../../../ops/named.ts';
import { concrete } from '../../../../ops/nd-array.ts';
import type { Op, Sample } from '../../../../ops/op.ts';
import { ops } from '../../../../ops/registry.ts';
import { sameSizes, sizesOf } from '../../../../ops/sizes-of.ts';
import { sliceAlong, type SliceAttributes } from '../../../../ops/slice.ts';
import { constant } from '../../../../shapes/size.ts';
import { geluInOne, siluInOne } from '../activations-in-one.ts';
import type { Block } from '../blocks.ts';
import type { FormedNode, OnnxForm } from '../form.ts';
import { blockImage } from './block-image.ts';

/**
 * Ops that do the same to a tensor in blocks, by their own lowering or another form: those on each element by itself, where
 * all tensors are images of one size or numbers, and those that move whole blocks of channels.
 */
export function passingBlocks(block: Block) {
  const elementwise = [...ops.values()].filter(({ isElementwise }) => isElementwise === true);
  return [
    ...elementwise.map((op) =>
      passing(block, inOne.get(op.name) ?? ownLowering(op), areOfOneSize, samplesOf(op)),
    ),
    passing(
      block,
      ownLowering<ConcatAttributes>(concatAlong),
      ({ inputs }, { axis }) => areInBlocksOf(inputs, axis),
      [{ inputs: [concrete(image), concrete({ ...image, C: 16 })], attributes: { axis: 'C' } }],
    ),
    passing(
      block,
      ownLowering<SliceAttributes>(sliceAlong),
      ({ inputs }, { axis, start, step }) =>
        areInBlocksOf(inputs, axis) &&
        step.value === 1 &&
        start.value !== undefined &&
        start.value % block === 0,
      [
        {
          inputs: [concrete(image)],
          attributes: { axis: 'C', start: constant(16), stop: constant(32), step: constant(1) },
        },
        {
          inputs: [concrete(image)],
          attributes: { axis: 'C', start: constant(0), stop: constant(16), step: constant(1) },
        },
      ],
    ),
  ] as const;
}

const image = { N: 2, C: 32, H: 3, W: 5 };

/** Two tensors are images both, and a number beside an image. */
function samplesOf({ samples: [sample] }: Op): readonly Sample<Attributes>[] {
  if (sample === undefined) return [];
  const images = { ...sample, inputs: sample.inputs.map(() => concrete(image)) };
  return images.inputs.length < 2
    ? [images]
    : [images, { ...images, inputs: [concrete({}), ...images.inputs.slice(1)] }];
}

const inOne: ReadonlyMap<string, OnnxForm> = new Map(
  [siluInOne, geluInOne].map((form: OnnxForm) => [form.op, form]),
);

type Lowering<A extends Attributes> = Pick<OnnxForm<A>, 'op' | 'saves' | 'onnx'>;

function ownLowering<A extends Attributes>(op: Op<A>): Lowering<A> {
  return { op: op.name, saves: () => 0, onnx: (e, node) => op.onnx(e, node) };
}

function passing<A extends Attributes>(
  block: Block,
  { op, saves, onnx }: Lowering<A>,
  isAble: (node: FormedNode, attributes: A) => boolean,
  samples: readonly Sample<A>[],
): OnnxForm<A> {
  return {
    name: `in-blocks${block}`,
    op,
    doc: `as ever, on images in blocks of ${block} channels`,
    saves: (node, attributes) => {
      const images = [...node.inputs.filter(isNoNumber), ...node.outputs];
      const areImages = images.every(({ type }) => blockImage(type, block) !== undefined);
      return areImages && isAble(node, attributes) ? saves(node, attributes) : undefined;
    },
    blocks: ({ inputs, outputs }) => ({
      inputs: inputs.flatMap((value, i) => (isNoNumber(value) ? [i] : [])),
      outputs: [...outputs.keys()],
    }),
    samples,
    onnx,
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
