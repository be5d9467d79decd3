import { convolutionSample, type ConvAttributes } from '../../../ops/conv.ts';
import { named, only } from '../../../ops/named.ts';
import { sizesOf } from '../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../ops/window.ts';
import { blockedSamples } from './blocked-samples.ts';
import {
  blockedConv,
  convAttributes,
  imageDims,
  intoBlocks,
  isBlockable,
  outOfBlocks,
  savedByBlocks,
  weightInBlocks,
  type Block,
} from './blocks.ts';
import { convolutionShape, milliseconds, windowShape } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/** A convolution on blocks of channels: x and the weight are brought into them, y out of them. */
export function blockedConvolution(block: Block): OnnxForm<ConvAttributes> {
  return {
    name: `blocked${block}`,
    op: 'conv',
    doc: `the blocked convolution of ONNX Runtime's CPU provider, in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, attributes) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const types = { x: x.type, weight: weight.type, y: only(outputs).type };
      const shape = convolutionShape(attributes, types);
      if (shape === undefined || !isBlockable(shape, block)) return undefined;
      // Into blocks, out of them, and five for the weight.
      return savedByBlocks(shape) - shape.weight * milliseconds.blockedWeight - 7 * milliseconds.node;
    },
    samples: [
      ...blockedSamples,
      convolutionSample(
        { N: 2, C: 32, H: 9, W: 8 },
        { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
      ),
    ],
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const { x: from } = named(inputTypes, ['x']);
      const to = only(outputTypes);
      const operands = [
        intoBlocks(e, e.reshape(x, imageDims(from))),
        weightInBlocks(e, weight, block),
        ...inputs.slice(2),
      ];
      const attributes = convAttributes(windowsInOrder(from, windows).map(windowShape));
      const y = blockedConv(e, operands, imageDims(to), attributes);
      return [e.reshape(outOfBlocks(e, y), sizesOf(to))];
    },
  };
}
