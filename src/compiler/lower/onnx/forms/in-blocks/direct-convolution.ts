import { convolutionSample, type ConvAttributes } from '../../../../ops/conv.ts';
import { named, only } from '../../../../ops/named.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import { blockedConv, convAttributes, savedInBlocks, weightOnImage, type Block } from '../blocks.ts';
import { convolutionShape, milliseconds, windowShape } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { blockImage } from './block-image.ts';

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
      const y = only(outputs).type;
      const shape = convolutionShape(attributes, { x: x.type, weight: weight.type, y });
      if (shape === undefined || shape.windows.length !== 2 || x.type.axes.length !== 4) return undefined;
      if (shape.groups !== 1 || shape.from >= block) return undefined;
      if (blockImage(y, block, attributes.to) === undefined) return undefined;
      return savedInBlocks(shape) - shape.weight * milliseconds.blockedWeight - 3 * milliseconds.node;
    },
    blocks: () => ({ inputs: [], outputs: [0] }),
    samples: [
      convolutionSample(
        { N: 2, C: 3, H: 10, W: 8 },
        { out: 32, kernel: { H: 7, W: 7 }, pad: [3, 3], stride: 2 },
      ),
      convolutionSample(
        { N: 2, C: 1, H: 6, W: 7 },
        { out: 16, kernel: { H: 3, W: 2 }, pad: [1, 0], bias: false },
      ),
      convolutionSample({ N: 4, C: 7, H: 5, W: 4 }, { out: 48, kernel: { H: 1, W: 1 } }),
      convolutionSample(
        { N: 1, C: 4, H: 9, W: 9 },
        { out: 16, kernel: { H: 3, W: 3 }, pad: [2, 2], dilation: 2 },
      ),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const { x: from } = named(inputTypes, ['x']);
      const operands = [x, weightOnImage(e, weight), ...inputs.slice(2)];
      const attributes = convAttributes(windowsInOrder(from, windows).map(windowShape));
      return [blockedConv(e, operands, sizesOf(only(outputTypes)), attributes)];
    },
  };
}
