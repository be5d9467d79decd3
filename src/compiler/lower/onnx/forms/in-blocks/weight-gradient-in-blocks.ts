import { convolutionOf, weightGradientSample } from '../../../../ops/conv-gradient-samples.ts';
import { gathered, read, readers } from '../../../../ops/conv-weight-gradient.ts';
import { convolutionSample, type ConvAttributes } from '../../../../ops/conv.ts';
import { named, only } from '../../../../ops/named.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import { constant, mul } from '../../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../../emitter.ts';
import { sumOverFirst } from '../add-up.ts';
import {
  blockedConv,
  intoBlocks,
  outOfBlocks,
  outOfBlocksToLast,
  turnLastAxes,
  unpadded,
  type Block,
} from '../blocks.ts';
import { isPointwise, milliseconds, operations } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { turnRows } from '../rows.ts';
import { blockConvolution, type BlockConvolution } from './block-convolution.ts';
import type { BlockImage } from './block-image.ts';

/**
 * The sum over all places is that over the channels of a convolution of kernel 1, whose channels are the places. An image in
 * blocks lies in memory as the weight of such a convolution does, so that one side is taken as it is; the other, that of
 * fewer channels where there is a choice, goes out of blocks and into blocks of places, and on the way each place gets what all
 * its taps read.
 */
export function weightGradientInBlocks(block: Block): OnnxForm<ConvAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'conv_weight_gradient',
    doc: `the blocked convolution of ONNX Runtime's CPU provider, with places for channels and one image for its weight, in blocks of ${block}`,
    saves: ({ inputs, outputs }, attributes) => {
      const { x, g } = named(inputs, ['x', 'g']);
      const types = { x: x.type, weight: only(outputs).type, y: g.type };
      const convolution = blockConvolution(attributes, types, block);
      if (convolution === undefined || convolution.shape.groups !== 1) return undefined;
      const { shape } = convolution;
      const { kept, spread } = sidesOf(convolution);
      const how = summation(kept, block, shape.weight);
      if (how === undefined) return undefined;
      const { transposed, blockedArithmetic, reordered, unfolded, node } = milliseconds;
      const places = kept.batch * kept.points * spread.channels;
      const taps = shape.weight / (shape.to * shape.from);
      const moved = isPointwise(shape)
        ? spread.elements * (2 * reordered - transposed)
        : spread.elements * (reordered - transposed) + places * taps * (reordered - unfolded);
      return operations(shape) * blockedArithmetic - moved - how.cost - 6 * node;
    },
    blocks: () => ({ inputs: [0, 1], outputs: [] }),
    samples: [
      // Images by themselves, all in a row, at a stride, and with x as the side that is spread.
      convolutionSample({ N: 2, C: 32, H: 4, W: 4 }, { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
      convolutionSample({ N: 8, C: 32, H: 5, W: 6 }, { out: 48, kernel: { H: 1, W: 1 } }),
      convolutionSample({ N: 4, C: 48, H: 4, W: 8 }, { out: 16, kernel: { H: 1, W: 1 } }),
      convolutionSample(
        { N: 4, C: 16, H: 9, W: 8 },
        { out: 32, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
      ),
      convolutionSample({ N: 2, C: 16, H: 8, W: 8 }, { out: 32, kernel: { H: 3, W: 1 }, dilation: 2 }),
      convolutionSample({ N: 16, C: 64, H: 3, W: 3 }, { out: 32, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
    ].map((sample) => weightGradientSample(convolutionOf(sample))),
    onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const types = named(inputTypes, ['x', 'g']);
      const weight = only(outputTypes);
      const convolution = blockConvolution(attributes, { x: types.x, weight, y: types.g }, block);
      if (convolution === undefined) throw new Error('this is no convolution of images in whole blocks');
      const { shape } = convolution;
      const { kept, spread, spreadsG } = sidesOf(convolution);
      const how = summation(kept, block, shape.weight);
      if (how === undefined) throw new Error('the places of these images are in no whole number of blocks');
      const { x, g } = named(inputs, ['x', 'g']);
      const [keptTensor, spreadTensor] = spreadsG ? [x, g] : [g, x];
      const step = {
        windows: windowsInOrder(types.x, attributes.windows),
        from: sizesOf(types.x).slice(2),
        to: sizesOf(types.g).slice(2),
      };
      const partners = spreadsG ? readers(e, step) : read(e, step);
      const columns = columnsOf(e, spreadTensor, { kept, spread }, partners);
      const taps = e.constant(columns.dims[2] ?? constant(1)) / spread.channels;
      const sums = productOf(e, keptTensor, columns, kept, how);
      const [rows, others] = [constant(kept.channels), constant(spread.channels)];
      const parts = e.reshape(sums, [constant(1), rows, constant(taps), others]);
      // [taps, out, in] or [out, taps, in].
      const plain = spreadsG ? outOfBlocksToLast(e, parts) : outOfBlocks(e, parts);
      if (taps === 1) return [e.reshape(plain, sizesOf(weight))];
      const turned = spreadsG
        ? e.transpose(e.reshape(plain, [constant(taps), mul(rows, others)]), [1, 0])
        : turnLastAxes(e, plain, [rows, constant(taps), others]);
      return [e.reshape(turned, sizesOf(weight))];
    },
  };
}

/** Which side stays as it is. At a stride the places of g are fewer than those of x, and only x has a partner for each. */
function sidesOf({ shape: { windows }, x, y: g }: BlockConvolution): {
  readonly kept: BlockImage;
  readonly spread: BlockImage;
  readonly spreadsG: boolean;
} {
  const spreadsG = windows.every(({ stride }) => stride === 1) && g.channels <= x.channels;
  return spreadsG ? { kept: x, spread: g, spreadsG } : { kept: g, spread: x, spreadsG };
}

interface Summation {
  /** Whether each image has a result of its own before they are added up, or all of them lie in a row. */
  readonly over: 'each image' | 'all images';
  readonly cost: number;
}

/** How to sum over images; undefined where the places do not fill blocks either way. */
function summation(
  { batch, points, elements }: BlockImage,
  block: Block,
  weight: number,
): Summation | undefined {
  const ways: Summation[] = [];
  if (points % block === 0)
    ways.push({ over: 'each image', cost: batch === 1 ? 0 : batch * weight * milliseconds.summed });
  if ((batch * points) % block === 0)
    ways.push({ over: 'all images', cost: batch === 1 ? 0 : elements * milliseconds.reordered });
  return ways.toSorted((a, b) => a.cost - b.cost)[0];
}

/** For each place of `kept` what its taps read, in blocks of places: [1, places, taps channels, 1]. */
function columnsOf(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  { kept, spread }: Readonly<Record<'kept' | 'spread', BlockImage>>,
  partners: readonly number[] | undefined,
): OnnxTensor {
  const { batch, channels, points } = spread;
  const byPlace = e.reshape(outOfBlocksToLast(e, tensor), [batch, 1, points, channels].map(constant));
  const taken = partners === undefined ? byPlace : gathered(e, byPlace, constant(points), partners);
  const columns = partners === undefined ? channels : (partners.length / kept.points) * channels;
  return intoBlocks(e, e.reshape(taken, [1, batch * kept.points, columns, 1].map(constant)));
}

/** The sums over places, [channels of `kept` / block, columns, block]. */
function productOf(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  columns: OnnxTensor,
  { block, batch, channels, points }: BlockImage,
  { over }: Summation,
): OnnxTensor {
  const width = e.constant(columns.dims[2] ?? constant(1));
  const product = (weight: OnnxTensor, groups: number): OnnxTensor => {
    const dims = [1, groups * channels, width, 1].map(constant);
    return blockedConv(e, [columns, weight], dims, unpadded([1, 1]), groups);
  };
  if (over === 'all images') {
    const inARow = turnRows(e, tensor, [batch, channels / block, points * block]);
    return product(e.reshape(inARow, [channels, batch * points, 1, 1].map(constant)), 1);
  }
  const ofImages = product(e.reshape(tensor, [batch * channels, points, 1, 1].map(constant)), batch);
  const dims = [constant(channels * width)];
  return sumOverFirst(e, e.reshape(ofImages, [constant(batch), ...dims]));
}
