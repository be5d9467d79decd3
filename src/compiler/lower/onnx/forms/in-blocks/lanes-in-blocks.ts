import { axisNames, type TensorType } from '../../../../ir/tensor-type.ts';
import type { NoAttributes } from '../../../../ops/attributes.ts';
import { named, only } from '../../../../ops/named.ts';
import { concrete } from '../../../../ops/nd-array.ts';
import type { Sample } from '../../../../ops/op.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { constant } from '../../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../../emitter.ts';
import type { Block } from '../blocks.ts';
import { affineByChannel } from '../by-channel.ts';
import type { FormedNode, OnnxForm } from '../form.ts';
import { blockImage, expectBlockImage } from './block-image.ts';

/** A gate: each channel, of each image by itself or of all, times a number of its own. */
export function gateOfBlocks(block: Block): OnnxForm<NoAttributes> {
  return byLane(block, 'mul', (e, x, numbers, lanes) =>
    affineByChannel(e, { x, gain: numbers, offset: undefined, addend: undefined }, lanes, false),
  );
}

/** The same for numbers that are added. */
export function shiftOfBlocks(block: Block): OnnxForm<NoAttributes> {
  return byLane(block, 'add', (e, x, numbers, lanes) => {
    const gain = e.floats(new Float32Array(lanes).fill(1), [lanes]);
    return affineByChannel(e, { x, gain, offset: numbers, addend: undefined }, lanes, false);
  });
}

/** In blocks, images [N, C, H, W] and one image of N C channels are the same. */
function byLane(
  block: Block,
  op: 'mul' | 'add',
  onnx: (e: OnnxEmitter, x: OnnxTensor, numbers: OnnxTensor, lanes: number) => OnnxTensor,
): OnnxForm<NoAttributes> {
  return {
    name: `by-lane${block}`,
    op,
    doc: `the blocked convolution by channel, on an image in blocks of ${block} channels`,
    saves: (node) => (placesOf(typesOf(node), block) === undefined ? undefined : 0),
    blocks: (node) => {
      const places = placesOf(typesOf(node), block);
      return { inputs: places === undefined ? [] : [places.image], outputs: [0] };
    },
    samples: [
      sample({ N: 2, C: 32, H: 4, W: 5 }, { N: 2, C: 32 }),
      sample({ N: 3, C: 16 }, { N: 3, C: 16, H: 3, W: 3 }),
      sample({ N: 2, C: 16, H: 1, W: 3 }, { C: 16 }),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes }) => {
      const places = placesOf(inputTypes, block);
      if (places === undefined) throw new Error(`this ${op} is none of an image and numbers of its channels`);
      const { a, b } = named(inputs, ['a', 'b']);
      const [x, given] = places.image === 0 ? [a, b] : [b, a];
      const { batch, channels, points } = expectBlockImage(only(outputTypes), block);
      const [images, lanes] = places.isOfImages ? [1, batch * channels] : [batch, channels];
      const long = e.reshape(x, [images, lanes, points, 1].map(constant));
      const numbersOfLanes = e.reshape(given, [constant(lanes)]);
      return [e.reshape(onnx(e, long, numbersOfLanes, lanes), sizesOf(only(outputTypes)))];
    },
  };
}

/** Which of the two operands is the image, and whether the numbers, the other one, differ between images. */
interface Places {
  readonly image: 0 | 1;
  readonly isOfImages: boolean;
}

/** Undefined where the operands are something else. */
function placesOf(types: readonly TensorType[], block: Block): Places | undefined {
  const { a, b } = named(types, ['a', 'b']);
  return placesWith(0, a, b, block) ?? placesWith(1, b, a, block);
}

function placesWith(at: 0 | 1, image: TensorType, numbers: TensorType, block: Block): Places | undefined {
  if (blockImage(image, block) === undefined) return undefined;
  const [images, channels] = axisNames(image);
  const given = axisNames(numbers).join();
  const isOfImages = given === [images, channels].join();
  return isOfImages || given === channels ? { image: at, isOfImages } : undefined;
}

function typesOf({ inputs }: FormedNode): readonly TensorType[] {
  return inputs.map(({ type }) => type);
}

function sample(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Sample<NoAttributes> {
  return { inputs: [concrete(a), concrete(b)], attributes: {} };
}
