import { convolutionSample, type ConvAttributes } from '../../../ops/conv.ts';
import { named, only } from '../../../ops/named.ts';
import { sizesOf } from '../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../ops/window.ts';
import { constant, floorDiv, mul } from '../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../emitter.ts';
import { blockedConv, convAttributes, imageDims, outOfBlocks, savedByBlocks, type Block } from './blocks.ts';
import { convolutionShape, milliseconds, windowShape } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/**
 * A convolution of fewer channels than a block has, such as the first one of a network for images: of such the blocked
 * convolution reads x in its ordinary order, and only what it makes is in blocks. No matrix of patches is written.
 */
export function directConvolution(block: Block): OnnxForm<ConvAttributes> {
  return {
    name: `direct${block}`,
    op: 'conv',
    doc: `the blocked convolution of ONNX Runtime's CPU provider on fewer than ${block} channels, which are in no blocks`,
    saves: ({ inputs, outputs }, attributes) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const types = { x: x.type, weight: weight.type, y: only(outputs).type };
      const shape = convolutionShape(attributes, types);
      if (shape === undefined || shape.windows.length !== 2) return undefined;
      if (shape.groups !== 1 || shape.from >= block || shape.to % block !== 0) return undefined;
      const ofWeight = shape.weight * milliseconds.transposed;
      // Out of blocks, and three for the weight.
      return savedByBlocks(shape) + shape.x * milliseconds.reordered - ofWeight - 4 * milliseconds.node;
    },
    samples: [
      convolutionSample(
        { N: 2, C: 3, H: 10, W: 8 },
        { out: 32, kernel: { H: 7, W: 7 }, pad: [3, 3], stride: 2 },
      ),
      convolutionSample(
        { N: 2, C: 1, H: 6, W: 7 },
        { out: 16, kernel: { H: 3, W: 2 }, pad: [1, 0], bias: false },
      ),
      convolutionSample({ A: 2, N: 2, C: 7, H: 5, W: 4 }, { out: 48, kernel: { H: 1, W: 1 } }),
      convolutionSample(
        { N: 1, C: 4, H: 9, W: 9 },
        { out: 16, kernel: { H: 3, W: 3 }, pad: [2, 2], dilation: 2 },
      ),
      convolutionSample({ C: 2, H: 6, W: 5 }, { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1] }),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const { x: from } = named(inputTypes, ['x']);
      const to = only(outputTypes);
      const image = e.reshape(x, imageDims(from));
      const operands = [image, resultsInBlocks(e, weight, block), ...inputs.slice(2)];
      const attributes = convAttributes(windowsInOrder(from, windows).map(windowShape));
      const y = blockedConv(e, operands, imageDims(to), attributes);
      return [e.reshape(outOfBlocks(e, y), sizesOf(to))];
    },
  };
}

/** A weight [K, C, H, W] as [K / block, C, H, W, block of K]. */
function resultsInBlocks(e: OnnxEmitter, weight: OnnxTensor, block: Block): OnnxTensor {
  const [made, members, height, width] = weight.dims;
  if (made === undefined || members === undefined || height === undefined || width === undefined)
    throw new Error(`${weight.name} is no weight of a convolution over two axes`);
  const b = constant(block);
  const split = e.reshape(weight, [floorDiv(made, b), b, mul(members, mul(height, width))]);
  return e.reshape(e.transpose(split, [0, 2, 1]), weight.dims);
}
