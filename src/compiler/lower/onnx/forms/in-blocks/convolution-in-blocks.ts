import type { ConvAttributes } from '../../../../ops/conv.ts';
import { named, only } from '../../../../ops/named.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import { imageSamples } from './image-samples.ts';
import { blockedConv, convAttributes, savedInBlocks, weightInBlocks, type Block } from '../blocks.ts';
import { milliseconds, windowShape } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { blockConvolution } from './block-convolution.ts';

/** A convolution of what lies in blocks to what does. */
export function convolutionInBlocks(block: Block): OnnxForm<ConvAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'conv',
    doc: `the blocked convolution of ONNX Runtime's CPU provider, on an image in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, attributes) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const types = { x: x.type, weight: weight.type, y: only(outputs).type };
      const convolution = blockConvolution(attributes, types, block);
      if (convolution === undefined) return undefined;
      const { shape } = convolution;
      return savedInBlocks(shape) - shape.weight * milliseconds.blockedWeight - 5 * milliseconds.node;
    },
    blocks: () => ({ inputs: [0], outputs: [0] }),
    samples: imageSamples,
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows, groups } }) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const { x: from } = named(inputTypes, ['x']);
      const operands = [x, weightInBlocks(e, weight, block), ...inputs.slice(2)];
      const attributes = convAttributes(windowsInOrder(from, windows).map(windowShape));
      return [blockedConv(e, operands, sizesOf(only(outputTypes)), attributes, e.constant(groups))];
    },
  };
}
