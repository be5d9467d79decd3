import { convolutionOf, inputGradientSample } from '../../../../ops/conv-gradient-samples.ts';
import type { ConvInputGradientAttributes } from '../../../../ops/conv-input-gradient.ts';
import { convolutionSample } from '../../../../ops/conv.ts';
import { named, only } from '../../../../ops/named.ts';
import { savedInBlocks, tapsInBlocks, weightByTap, type Block } from '../blocks.ts';
import { milliseconds } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { blockConvolution } from './block-convolution.ts';
import { convolvedBackInPhases, phasesOfImage } from './phases.ts';

/** At a stride, by its phases. */
export function stridedInputGradientInBlocks(block: Block): OnnxForm<ConvInputGradientAttributes> {
  return {
    name: `strided-in-blocks${block}`,
    op: 'conv_input_gradient',
    doc: `a blocked convolution for each remainder of places by the stride, on an image in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, attributes) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const x = only(outputs).type;
      const convolution = blockConvolution(attributes, { x, weight: weight.type, y: g.type }, block);
      if (convolution === undefined || inputs.length > 2) return undefined;
      const { shape } = convolution;
      if (shape.windows.every(({ stride }) => stride === 1)) return undefined;
      if (phasesOfImage(attributes, x, g.type) === undefined) return undefined;
      // Without blocks, what each element of g gives to each tap is a matrix that is written and then added up.
      const { passed, unfolded, node } = milliseconds;
      const matrix = shape.batch * shape.points * shape.groups * (shape.weight / shape.to) * 2 * unfolded;
      return savedInBlocks(shape) + matrix - 2 * shape.x * passed - 20 * node;
    },
    blocks: () => ({ inputs: [0], outputs: [0] }),
    samples: [
      convolutionSample(
        { N: 2, C: 32, H: 8, W: 6 },
        { out: 16, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
      ),
      convolutionSample(
        { N: 1, C: 16, H: 6, W: 12 },
        { out: 32, kernel: { H: 5, W: 5 }, pad: [2, 2], stride: 3 },
      ),
      convolutionSample(
        { N: 2, C: 16, H: 8, W: 8 },
        { out: 16, kernel: { H: 4, W: 3 }, pad: [1, 1], stride: 2 },
      ),
      convolutionSample(
        { N: 2, C: 32, H: 6, W: 8 },
        { out: 64, groups: 2, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
      ),
    ]
      .map(convolutionOf)
      .map(inputGradientSample),
    onnx: (e, node) => {
      const groups = e.constant(node.attributes.groups);
      const byTap = weightByTap(e, named(node.inputs, ['g', 'weight']).weight, block, groups);
      const weightOfTaps = (rows: readonly number[], columns: readonly number[]) =>
        tapsInBlocks(e, byTap, rows, columns);
      return [convolvedBackInPhases(e, node, block, weightOfTaps, groups)];
    },
  };
}
