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
import type { OnnxForm } from '../form.ts';
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
    saves: ({ inputs }) =>
      placesOf(
        inputs.map(({ type }) => type),
        block,
      ) === undefined
        ? undefined
        : 0,
    blocks: ({ inputs }) => {
      const places = placesOf(
        inputs.map(({ type }) => type),
        block,
      );
      return { inputs: places === undefined ? [] : [places.image], outputs: [0] };
    },
    samples: [
      sample({ N: 2, C: 32, H: 4, W: 5 }, { N: 2, C: 32 }),
      sample({ N: 3, C: 16 }, { N: 3, C: 16, H: 3, W: 3 }),
      sample({ N: 2, C: 16, H: 1, W: 3 }, { C: 16 }),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes }) => {
      const { image, numbers, isOfImages } = placesOf(inputTypes, block) ?? {};
      const [x, given] = [inputs[image ?? NaN], inputs[numbers ?? NaN]];
      if (x === undefined || given === undefined) throw new Error(`${op} has no image and numbers`);
      const { batch, channels, points } = expectBlockImage(only(outputTypes), block);
      const [images, lanes] = isOfImages === true ? [1, batch * channels] : [batch, channels];
      const long = e.reshape(x, [images, lanes, points, 1].map(constant));
      const numbersOfLanes = e.reshape(given, [constant(lanes)]);
      return [e.reshape(onnx(e, long, numbersOfLanes, lanes), sizesOf(only(outputTypes)))];
    },
  };
}

/** Where the two operands stand, and whether the numbers differ between images; undefined where they are something else. */
interface Places {
  readonly image: 0 | 1;
  readonly numbers: 0 | 1;
  readonly isOfImages: boolean;
}

function placesOf(types: readonly TensorType[], block: Block): Places | undefined {
  const { a, b } = named(types, ['a', 'b']);
  return placesAs(a, b, block, [0, 1]) ?? placesAs(b, a, block, [1, 0]);
}

function placesAs(
  type: TensorType,
  numbers: TensorType,
  block: Block,
  [image, other]: readonly [0 | 1, 0 | 1],
): Places | undefined {
  if (blockImage(type, block) === undefined) return undefined;
  const [images, channels] = axisNames(type);
  const given = axisNames(numbers).join();
  const isOfImages = given === [images, channels].join();
  return isOfImages || given === channels ? { image, numbers: other, isOfImages } : undefined;
}

function sample(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Sample<NoAttributes> {
  return { inputs: [concrete(a), concrete(b)], attributes: {} };
}
