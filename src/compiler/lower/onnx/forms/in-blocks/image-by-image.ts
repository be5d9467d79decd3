import { convolutionOf, weightGradientSample } from '../../../../ops/conv-gradient-samples.ts';
import { convolutionSample, type ConvAttributes } from '../../../../ops/conv.ts';
import { named, only } from '../../../../ops/named.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { constant } from '../../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../../emitter.ts';
import {
  blockedConv,
  convAttributes,
  intoBlocks,
  outOfBlocks,
  outOfBlocksToLast,
  range,
  turnLastAxes,
  type Block,
} from '../blocks.ts';
import { milliseconds, operations } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { takeRows, turnRows } from '../rows.ts';
import { reach, slidingImages, type SlidingImages } from './sliding-images.ts';

/**
 * The gradient of a weight is what one image makes when it slides over the other: each tap is a place to begin. The blocked
 * convolution does that with images for channels: the kept image is its weight, and of the other one columns and channels
 * are one axis, along which its kernel steps by all channels of a column, so that it makes a number for each column of the kernel and
 * each channel. What a place reads is written about once for each line of the kernel, not for each tap.
 *
 * A weight as large as an image stays in no cache. So the kept image is cut into pieces, a few places of a line, whose sums are
 * to be added up, and which are channels of the convolution, too. Where images are fewer than a block, so are strips of them.
 */
export function imageByImage(block: Block): OnnxForm<ConvAttributes> {
  return {
    name: `image-by-image${block}`,
    op: 'conv_weight_gradient',
    doc: `one image as the weight of a blocked convolution over the other, in blocks of ${block} images or strips of them`,
    saves: ({ inputs, outputs }, attributes) => {
      const { x, g } = named(inputs, ['x', 'g']);
      const types = { x: x.type, weight: only(outputs).type, y: g.type };
      const images = slidingImages(attributes, types, block);
      if (images === undefined) return undefined;
      const { shape, kept, spread, down, across, columns, strips, rows } = images;
      const { slidingArithmetic, reordered, transposed, unfolded, passed, node } = milliseconds;
      // What all taps read, as the op's own lowering writes it, and as it is here.
      const read = kept.batch * kept.points * spread.channels;
      const patches = read * down.count * across.count;
      const pieces = ((read * down.count) / columns) * reach(columns, across);
      const lines = kept.batch * strips * reach(rows, down);
      const padded = lines * reach(kept.width, across) * spread.channels;
      const moved =
        kept.elements * (passed + reordered) +
        spread.elements * reordered +
        padded * ((strips === 1 ? 1 : 2) * passed + reordered) +
        pieces * unfolded +
        3 * shape.weight * reordered;
      return (
        operations(shape) * slidingArithmetic +
        spread.elements * transposed +
        2 * patches * unfolded -
        moved -
        8 * node
      );
    },
    blocks: () => ({ inputs: [0, 1], outputs: [] }),
    samples: [
      // Images that fill a block; strips of images; several blocks. Of each one where x and one where g slides.
      convolutionSample({ N: block, C: 32, H: 3, W: 6 }, { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
      convolutionSample({ N: block, C: 16, H: 4, W: 5 }, { out: 48, kernel: { H: 3, W: 2 }, pad: [1, 0] }),
      convolutionSample({ N: 4, C: 32, H: 8, W: 5 }, { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
      convolutionSample({ N: 2, C: 32, H: 8, W: 4 }, { out: 32, kernel: { H: 1, W: 3 }, pad: [0, 0] }),
      convolutionSample({ N: 32, C: 32, H: 3, W: 3 }, { out: 16, kernel: { H: 2, W: 3 }, pad: [0, 3] }),
      convolutionSample({ N: 32, C: 16, H: 2, W: 30 }, { out: 16, kernel: { H: 2, W: 5 }, pad: [1, 2] }),
      // A width without divisors: pieces of one place, and one image in strips of a line.
      convolutionSample({ N: 1, C: 32, H: 16, W: 17 }, { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
      convolutionSample({ N: 1, C: 16, H: 16, W: 17 }, { out: 32, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
      // At a stride, by which some of x is not read, or by one axis alone.
      convolutionSample(
        { N: block, C: 16, H: 10, W: 12 },
        { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
      ),
      convolutionSample(
        { N: 4, C: 32, H: 24, W: 7 },
        { out: 16, kernel: { H: 2, W: 3 }, pad: [0, 1], strides: { H: 3 } },
      ),
      // Channels in two shares, by two lines of work or three.
      convolutionSample({ N: 16, C: 64, H: 2, W: 2 }, { out: 64, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
      convolutionSample({ N: 16, C: 64, H: 2, W: 3 }, { out: 32, kernel: { H: 1, W: 2 }, pad: [0, 1] }),
    ].map((sample) => weightGradientSample(convolutionOf(sample))),
    onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const types = named(inputTypes, ['x', 'g']);
      const weight = only(outputTypes);
      const images = slidingImages(attributes, { x: types.x, weight, y: types.g }, block);
      if (images === undefined) throw new Error('these images do not slide over each other in whole blocks');
      const { kept, spread, spreadsG, down, across, shares } = images;
      const { x, g } = named(inputs, ['x', 'g']);
      const [keptTensor, spreadTensor] = spreadsG ? [x, g] : [g, x];
      const sums = slide(e, keptPieces(e, keptTensor, images), spreadPieces(e, spreadTensor, images), images);
      const taps = down.count * across.count;
      const [made, share] = [kept.channels, spread.channels / shares];
      if (!spreadsG) {
        // [shares, out, taps, in]
        const [rows, columns, length] = [constant(shares * made), constant(taps), constant(share)];
        const byChannel = turnLastAxes(e, outOfBlocks(e, sums), [rows, columns, length]);
        return [e.reshape(turnRows(e, byChannel, [shares, made, share * taps]), sizesOf(weight))];
      }
      // [shares, taps, out, in], from the last tap to the first
      const fromFirst = range(taps).flatMap((tap) => range(shares).map((i) => (i + 1) * taps - 1 - tap));
      const byTap = takeRows(e, outOfBlocksToLast(e, sums), share * made, fromFirst);
      const matrix = e.reshape(byTap, [taps, spread.channels * made].map(constant));
      return [e.reshape(e.transpose(matrix, [1, 0]), sizesOf(weight))];
    },
  };
}

/**
 * The kept image as a weight in blocks: [channels / block, pieces, places of a piece, block of strips, block of channels],
 * the pieces of one block of strips behind those of another.
 */
function keptPieces(
  e: OnnxEmitter,
  tensor: OnnxTensor,
  { kept: { block, batch, channels, points }, strips }: SlidingImages,
): OnnxTensor {
  const planes = channels / block;
  const places = points / strips;
  const ofPlanes = turnRows(e, tensor, [batch, planes, points * block]);
  const lanes = [(planes * batch * strips) / block, block * block, places, 1];
  return outOfBlocksToLast(e, e.reshape(ofPlanes, lanes.map(constant)));
}

/**
 * What the pieces of the kept image read: [shares, pieces, lines of the kernel, places of a piece and what its taps reach,
 * channels of a share, block of strips].
 */
function spreadPieces(e: OnnxEmitter, tensor: OnnxTensor, images: SlidingImages): OnnxTensor {
  const { kept, spread, down, across, pads, strips, rows, columns, shares } = images;
  const { block, batch, channels } = spread;
  const { top, left, bottom, right } = pads;
  const [high, wide] = [reach(kept.height, down), reach(kept.width, across)];
  const byPlace = outOfBlocksToLast(e, tensor);
  const edges = [0, top, left, 0, 0, bottom, right, 0];
  const dims = [batch, high, wide, channels].map(constant);
  const padded = edges.every((edge) => edge === 0)
    ? byPlace
    : e.node('Pad', [byPlace, e.ints(edges)], { dims });
  const lines = reach(rows, down);
  const ofStrips = range(batch).flatMap((image) =>
    range(strips).flatMap((strip) =>
      range(lines).map((line) => image * high + strip * rows * down.stride + line),
    ),
  );
  const byStrip = strips === 1 ? padded : takeRows(e, padded, wide * channels, ofStrips);
  const blocks = (batch * strips) / block;
  const inBlocks = intoBlocks(e, e.reshape(byStrip, [blocks, block, lines * wide, channels].map(constant)));
  const starts = range(blocks).flatMap((number) =>
    range(rows).flatMap((row) =>
      range(kept.width / columns).map(
        (piece) => (number * lines + row * down.stride) * wide + piece * columns * across.stride,
      ),
    ),
  );
  const numbers = range(shares).flatMap((share) =>
    starts.flatMap((start) =>
      range(down.count).flatMap((line) =>
        range(reach(columns, across)).map((column) => (start + line * wide + column) * shares + share),
      ),
    ),
  );
  return takeRows(e, inBlocks, (channels / shares) * block, numbers);
}

/** [shares, kept channels, taps times channels of a share, 1] in blocks. */
function slide(
  e: OnnxEmitter,
  weight: OnnxTensor,
  image: OnnxTensor,
  { kept, spread, down, across, columns, shares }: SlidingImages,
): OnnxTensor {
  const channels = spread.channels / shares;
  const depth = (kept.batch * kept.points) / columns;
  const still = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };
  const operands = [
    e.reshape(image, [shares, depth, down.count, reach(columns, across) * channels].map(constant)),
    e.reshape(weight, [kept.channels, depth, 1, columns].map(constant)),
  ];
  const dims = [shares, kept.channels, down.count, across.count * channels].map(constant);
  const attributes = convAttributes([
    still,
    { ...still, kernel: columns, dilation: across.stride * channels },
  ]);
  const sums = blockedConv(e, operands, dims, attributes);
  return e.reshape(sums, [shares, kept.channels, down.count * across.count * channels, 1].map(constant));
}
