import { convolutionOf, inputGradientSample, withAddend } from '../../../../ops/conv-gradient-samples.ts';
import type { ConvAttributes } from '../../../../ops/conv.ts';
import type { ConvInputGradientAttributes } from '../../../../ops/conv-input-gradient.ts';
import { named, only } from '../../../../ops/named.ts';
import type { Lowered, Sample } from '../../../../ops/op.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import type { OnnxEmitter, OnnxTensor } from '../../emitter.ts';
import { imageSamples } from './image-samples.ts';
import { blockedConv, convAttributes, mirroredWeightInBlocks, savedInBlocks, type Block } from '../blocks.ts';
import { milliseconds, windowShape, type ConvolutionShape, type WindowShape } from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { blockConvolution } from './block-convolution.ts';

/** At stride 1; what else comes back to x is added by the convolution. */
export function inputGradientInBlocks(block: Block): OnnxForm<ConvInputGradientAttributes> {
  return {
    name: `in-blocks${block}`,
    op: 'conv_input_gradient',
    doc: `the blocked convolution of ONNX Runtime's CPU provider, on an image in blocks of ${block} channels`,
    saves: ({ inputs, outputs }, attributes) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const types = { x: only(outputs).type, weight: weight.type, y: g.type };
      const convolution = blockConvolution(attributes, types, block);
      if (convolution === undefined || !isReversible(convolution.shape)) return undefined;
      const { shape } = convolution;
      const { mirroredWeight, plainMirroredWeight, passed, node } = milliseconds;
      const added = inputs.length > 2 ? shape.x * passed : 0;
      return (
        savedInBlocks(turned(shape)) +
        added -
        shape.weight * (mirroredWeight - plainMirroredWeight) -
        2 * node
      );
    },
    blocks: ({ inputs }) => ({ inputs: inputs.length > 2 ? [0, 2] : [0], outputs: [0] }),
    samples: reversibleSamples(imageSamples),
    onnx: (e, node) => {
      const { weight } = named(node.inputs, ['g', 'weight']);
      const groups = e.constant(node.attributes.groups);
      return [convolvedBack(e, node, mirroredWeightInBlocks(e, weight, block, groups), groups)];
    },
  };
}

/** The gradients of those convolutions that have stride 1, with and without what is added. */
export function reversibleSamples(
  samples: readonly Sample<ConvAttributes>[],
): readonly Sample<ConvInputGradientAttributes>[] {
  return samples
    .map(convolutionOf)
    .filter(({ attributes: { windows } }) => windows.every(({ stride }) => stride.value === 1))
    .flatMap((convolution) => {
      const sample = inputGradientSample(convolution);
      return [sample, withAddend(sample, convolution)];
    });
}

/** g by the weight that takes it back, in blocks, and what is added. */
export function convolvedBack(
  e: OnnxEmitter,
  {
    inputs,
    inputTypes,
    outputTypes,
    attributes: { windows },
  }: Lowered<ConvInputGradientAttributes, OnnxTensor>,
  weight: OnnxTensor,
  groups = 1,
): OnnxTensor {
  const { g } = named(inputs, ['g', 'weight']);
  const { g: from } = named(inputTypes, ['g']);
  const addend = inputs[2];
  const operands = [g, weight, ...(addend === undefined ? [] : [undefined, addend])];
  const back = windowsInOrder(from, windows).map(windowShape).map(backwards);
  return blockedConv(e, operands, sizesOf(only(outputTypes)), convAttributes(back), groups);
}

/** Whether the gradient is a convolution of g with some padding, none of it negative. */
export function isReversible({ windows }: ConvolutionShape): boolean {
  return windows
    .map(backwards)
    .every(({ stride, before, after }) => stride === 1 && before >= 0 && after >= 0);
}

/** The convolution that the gradient is: the matrix that is saved there is that of g. */
function turned(shape: ConvolutionShape): ConvolutionShape {
  const { from, to, x, y } = shape;
  return { ...shape, from: to, to: from, x: y, y: x, points: shape.points * (x / from / (y / to)) };
}

/** The window that moves over g: as far into the padding as the kernel reaches beyond that of x. */
function backwards(window: WindowShape): WindowShape {
  const reach = window.dilation * (window.kernel - 1);
  return { ...window, before: reach - window.before, after: reach - window.after };
}
