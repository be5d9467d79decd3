import { convolutionOf, inputGradientSample } from '../../../../ops/conv-gradient-samples.ts';
import { convolutionSample, type ConvAttributes } from '../../../../ops/conv.ts';
import type { ConvInputGradientAttributes } from '../../../../ops/conv-input-gradient.ts';
import { named, only } from '../../../../ops/named.ts';
import { sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import { constant } from '../../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../../emitter.ts';
import { blockedConv, convAttributes, range, weightOnImage, type Block } from '../blocks.ts';
import {
  convolutionShape,
  milliseconds,
  operations,
  windowShape,
  type ConvolutionShape,
  type ConvolutionTypes,
} from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { takeRows } from '../rows.ts';
import { blockImage } from './block-image.ts';
import { depthwiseSamples } from './depthwise-samples.ts';
import { convolvedBack, isReversible, reversibleSamples } from './input-gradient-in-blocks.ts';
import { convolvedBackInPhases, phasesOfImage } from './phases.ts';

/** A convolution of single channels, each with a weight of its own, of what lies in blocks to what does. */
export function depthwiseConvolution(block: Block): OnnxForm<ConvAttributes> {
  return {
    name: `depthwise${block}`,
    op: 'conv',
    doc: `the blocked convolution of ONNX Runtime's CPU provider, of single channels, on an image in blocks of ${block}`,
    saves: ({ inputs, outputs }, attributes) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const types = { x: x.type, weight: weight.type, y: only(outputs).type };
      const shape = depthwiseShape(attributes, types, block);
      return shape && saved(shape) - 3 * milliseconds.node;
    },
    blocks: () => ({ inputs: [0], outputs: [0] }),
    samples: depthwiseSamples,
    onnx: (e, { inputs, inputTypes, outputTypes, attributes: { windows } }) => {
      const { x, weight } = named(inputs, ['x', 'weight']);
      const { x: from } = named(inputTypes, ['x']);
      const operands = [x, weightOnImage(e, weight), ...inputs.slice(2)];
      const attributes = convAttributes(windowsInOrder(from, windows).map(windowShape));
      const groups = e.constant(channelsOf(x));
      return [blockedConv(e, operands, sizesOf(only(outputTypes)), attributes, groups)];
    },
  };
}

/** The same for the gradient of its input at stride 1; what else comes back to x is added by the convolution. */
export function depthwiseInputGradient(block: Block): OnnxForm<ConvInputGradientAttributes> {
  return {
    name: `depthwise${block}`,
    op: 'conv_input_gradient',
    doc: `the blocked convolution of ONNX Runtime's CPU provider, of single channels, on an image in blocks of ${block}`,
    saves: ({ inputs, outputs }, attributes) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const types = { x: only(outputs).type, weight: weight.type, y: g.type };
      const shape = depthwiseShape(attributes, types, block);
      if (shape === undefined || !isReversible(shape)) return undefined;
      const added = inputs.length > 2 ? shape.x * milliseconds.passed : 0;
      return saved(shape) + added - 2 * milliseconds.node;
    },
    blocks: ({ inputs }) => ({ inputs: inputs.length > 2 ? [0, 2] : [0], outputs: [0] }),
    samples: reversibleSamples(depthwiseSamples),
    onnx: (e, node) => {
      const { g, weight } = named(node.inputs, ['g', 'weight']);
      return [convolvedBack(e, node, mirroredWeight(e, weight, block), e.constant(channelsOf(g)))];
    },
  };
}

/** The same for the gradient of its input at a stride, by its phases. */
export function stridedDepthwiseInputGradient(block: Block): OnnxForm<ConvInputGradientAttributes> {
  return {
    name: `strided-depthwise${block}`,
    op: 'conv_input_gradient',
    doc: `a blocked convolution of single channels for each remainder of places by the stride, on an image in blocks of ${block}`,
    saves: ({ inputs, outputs }, attributes) => {
      const { g, weight } = named(inputs, ['g', 'weight']);
      const x = only(outputs).type;
      const shape = depthwiseShape(attributes, { x, weight: weight.type, y: g.type }, block);
      if (shape === undefined || inputs.length > 2) return undefined;
      if (shape.windows.every(({ stride }) => stride === 1)) return undefined;
      if (phasesOfImage(attributes, x, g.type) === undefined) return undefined;
      // What each tap gets is added up besides.
      return 1.5 * saved(shape) - (2 * shape.x * milliseconds.piece) / block - 20 * milliseconds.node;
    },
    blocks: () => ({ inputs: [0], outputs: [0] }),
    samples: [
      convolutionSample(
        { N: 2, C: 32, H: 8, W: 6 },
        { out: 32, groups: 32, kernel: { H: 3, W: 3 }, pad: [1, 1], stride: 2 },
      ),
      convolutionSample(
        { N: 1, C: 16, H: 6, W: 12 },
        { out: 16, groups: 16, kernel: { H: 5, W: 5 }, pad: [2, 2], stride: 3 },
      ),
      convolutionSample(
        { N: 2, C: 48, H: 6, W: 4 },
        { out: 48, groups: 48, kernel: { H: 5, W: 4 }, pad: [2, 1], stride: 2 },
      ),
    ]
      .map(convolutionOf)
      .map(inputGradientSample),
    onnx: (e, node) => {
      const { g, weight } = named(node.inputs, ['g', 'weight']);
      const weightOfTaps = depthwiseTaps(e, weight, block);
      return [convolvedBackInPhases(e, node, block, weightOfTaps, e.constant(channelsOf(g)))];
    },
  };
}

/** Undefined where it is none of single channels, or x and y are no images in whole blocks of them. */
export function depthwiseShape(
  attributes: ConvAttributes,
  types: ConvolutionTypes,
  block: Block,
): ConvolutionShape | undefined {
  const shape = convolutionShape(attributes, types);
  if (shape === undefined || shape.windows.length !== 2) return undefined;
  if (shape.groups !== shape.from || shape.groups !== shape.to) return undefined;
  const [x, y] = [blockImage(types.x, block, attributes.from), blockImage(types.y, block, attributes.to)];
  return x && y && shape;
}

/** What the op's own lowering takes longer: it writes what each tap reads, and multiplies matrices of next to no size. */
function saved(shape: ConvolutionShape): number {
  const taps = shape.weight / shape.to;
  return operations(shape) * milliseconds.blockedArithmetic + shape.y * taps * 2 * milliseconds.unfolded;
}

/** The weights of single channels in blocks, from the last tap to the first. */
function mirroredWeight(e: OnnxEmitter, weight: OnnxTensor, block: Block): OnnxTensor {
  const [, , height = 1, width = 1] = weight.dims.map((size) => e.constant(size));
  const ofTaps = depthwiseTaps(e, weight, block);
  return ofTaps(range(height).toReversed(), range(width).toReversed());
}

/** Makes weights of single channels, in blocks, of some rows and columns of a kernel in the order that is asked for. */
function depthwiseTaps(
  e: OnnxEmitter,
  weight: OnnxTensor,
  block: Block,
): (rows: readonly number[], columns: readonly number[]) => OnnxTensor {
  const [made = 1, , height = 1, width = 1] = weight.dims.map((size) => e.constant(size));
  const inBlocks = weightOnImage(e, weight);
  return (rows, columns) => {
    const taps = range(made / block).flatMap((i) =>
      rows.flatMap((row) => columns.map((column) => (i * height + row) * width + column)),
    );
    const dims = [made, 1, rows.length, columns.length].map(constant);
    return e.reshape(takeRows(e, inBlocks, block, taps), dims);
  };
}

function channelsOf({ name, dims: [, channels] }: OnnxTensor) {
  if (channels === undefined) throw new Error(`${name} is no image`);
  return channels;
}
