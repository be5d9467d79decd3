import { convolutionOf, inputGradientSample } from '../../../ops/conv-gradient-samples.ts';
import type { ConvInputGradientAttributes } from '../../../ops/conv-input-gradient.ts';
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
  mirroredWeightInBlocks,
  outOfBlocks,
  savedByBlocks,
  type Block,
} from './blocks.ts';
import {
  convolutionShape,
  isPointwise,
  milliseconds,
  windowShape,
  type WindowShape,
} from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';

/** At stride 1, where it is a convolution with the kernel mirrored and its channels exchanged. */
export function blockedInputGradient(block: Block): OnnxForm<ConvInputGradientAttributes> {
  return {
    name: `blocked${block}`,
    op: 'conv_input_gradient',
    doc: `the blocked convolution of ONNX Runtime's CPU provider, in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, attributes) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const types = { x: only(outputs).type, weight: weight.type, y: g.type };
      const shape = convolutionShape(attributes, types);
      if (shape === undefined || !isBlockable(shape, block) || isPointwise(shape)) return undefined;
      // An addend would have to be brought into blocks.
      if (inputs.length > 2) return undefined;
      const back = shape.windows.map(backwards);
      if (back.some(({ stride, before, after }) => stride !== 1 || before < 0 || after < 0)) return undefined;
      // The matrix that is saved here is that of g.
      const { from, to, x, y } = shape;
      const turned = {
        ...shape,
        from: to,
        to: from,
        x: y,
        y: x,
        points: shape.points * (x / from / (y / to)),
      };
      const { mirroredWeight, plainMirroredWeight, node } = milliseconds;
      // Into blocks, out of them, and two more for the weight.
      return savedByBlocks(turned) - shape.weight * (mirroredWeight - plainMirroredWeight) - 4 * node;
    },
    samples: blockedSamples.map((sample) => inputGradientSample(convolutionOf(sample))),
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const { g: from } = named(inputTypes, ['g']);
      const to = only(outputTypes);
      const operands = [
        intoBlocks(e, e.reshape(g, imageDims(from))),
        mirroredWeightInBlocks(e, weight, block),
      ];
      const back = windowsInOrder(from, windows).map(windowShape).map(backwards);
      const x = blockedConv(e, operands, imageDims(to), convAttributes(back));
      return [e.reshape(outOfBlocks(e, x), sizesOf(to))];
    },
  };
}

/** The window that moves over g: as far into the padding as the kernel reaches beyond that of x. */
function backwards(window: WindowShape): WindowShape {
  const reach = window.dilation * (window.kernel - 1);
  return { ...window, before: reach - window.before, after: reach - window.after };
}
