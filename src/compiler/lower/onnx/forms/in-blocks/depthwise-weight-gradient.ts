import type { TensorType } from '../../../../ir/tensor-type.ts';
import { convolutionOf, weightGradientSample } from '../../../../ops/conv-gradient-samples.ts';
import type { ConvAttributes } from '../../../../ops/conv.ts';
import { named, only } from '../../../../ops/named.ts';
import { numberOf, sizesOf } from '../../../../ops/sizes-of.ts';
import { windowsInOrder } from '../../../../ops/window.ts';
import { constant } from '../../../../shapes/size.ts';
import { sumOverFirst } from '../add-up.ts';
import { blockedConv, convAttributes, outOfBlocks, type Block } from '../blocks.ts';
import {
  milliseconds,
  windowShape,
  type ConvolutionShape,
  type ConvolutionTypes,
  type WindowShape,
} from '../convolution-cost.ts';
import type { OnnxForm } from '../form.ts';
import { depthwiseShape } from './depthwise-convolution.ts';
import { depthwiseSamples } from './depthwise-samples.ts';

/**
 * Of a convolution of single channels, the gradient of each one's weight is what its g makes as the kernel of a convolution
 * over its x, which is one of single channels again: of all images, as channels of one. In blocks both are as that wants
 * them, and nothing is copied, where the op's own lowering goes over both images three times for each tap.
 */
export function depthwiseWeightGradient(block: Block): OnnxForm<ConvAttributes> {
  return {
    name: `depthwise${block}`,
    op: 'conv_weight_gradient',
    doc: `a blocked convolution of single channels, with g for its kernel, in blocks of ${block}`,
    saves: ({ inputs, outputs }, attributes) => {
      const { x, g } = named(inputs, ['x', 'g']);
      const types = { x: x.type, weight: only(outputs).type, y: g.type };
      const images = depthwiseImages(attributes, types, block);
      if (images === undefined) return undefined;
      const { shape, taps } = images;
      const count = taps.down * taps.across;
      return count * (shape.y * (3 * milliseconds.passed - milliseconds.slid) + 4 * milliseconds.node);
    },
    blocks: () => ({ inputs: [0, 1], outputs: [] }),
    samples: depthwiseSamples.map((sample) => weightGradientSample(convolutionOf(sample))),
    onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const types = named(inputTypes, ['x', 'g']);
      const weight = only(outputTypes);
      const images = depthwiseImages(attributes, { x: types.x, weight, y: types.g }, block);
      if (images === undefined) throw new Error('this is no convolution of single channels in whole blocks');
      const {
        batch,
        channels,
        sliding,
        taps: { down, across },
      } = images;
      const { x, g } = named(inputs, ['x', 'g']);
      const lanes = batch * channels;
      const operands = [
        e.reshape(x, [constant(1), constant(lanes), ...sizesOf(types.x).slice(2)]),
        e.reshape(g, [constant(lanes), constant(1), ...sizesOf(types.g).slice(2)]),
      ];
      const dims = [1, lanes, down, across].map(constant);
      const ofImages = blockedConv(e, operands, dims, convAttributes(sliding), lanes);
      const length = channels * down * across;
      const byImage = e.reshape(ofImages, [batch, length].map(constant));
      const inBlocks = e.reshape(sumOverFirst(e, byImage), [1, channels, down, across].map(constant));
      return [e.reshape(outOfBlocks(e, inBlocks), sizesOf(weight))];
    },
  };
}

interface DepthwiseImages {
  readonly shape: ConvolutionShape;
  readonly batch: number;
  readonly channels: number;
  readonly taps: { readonly down: number; readonly across: number };
  /** How g slides over x: its places lie as far apart as strides say, and it moves by what lies between two taps. */
  readonly sliding: readonly WindowShape[];
}

/** Undefined where it is none in blocks, or leaves places of x at the end of a line unread. */
function depthwiseImages(
  attributes: ConvAttributes,
  types: ConvolutionTypes,
  block: Block,
): DepthwiseImages | undefined {
  const shape = depthwiseShape(attributes, types, block);
  const [down, across] = windowsInOrder(types.x, attributes.windows).map(windowShape);
  if (shape === undefined || down === undefined || across === undefined) return undefined;
  const [[high = 0, wide = 0], [made = 0, madeAcross = 0]] = [lengthsOf(types.x), lengthsOf(types.y)];
  const sliding = [slidOver(down, high, made), slidOver(across, wide, madeAcross)];
  if (sliding.some(({ after }) => after < 0)) return undefined;
  const { batch, from: channels } = shape;
  return { shape, batch, channels, taps: { down: down.kernel, across: across.kernel }, sliding };
}

function lengthsOf(type: TensorType): readonly number[] {
  return sizesOf(type).slice(2).map(numberOf);
}

/** With so much behind a line of x that there is a place for each tap and none more. */
function slidOver(
  { kernel, stride, dilation, before }: WindowShape,
  length: number,
  places: number,
): WindowShape {
  const reach = (places - 1) * stride + 1;
  const after = (kernel - 1) * dilation + reach - length - before;
  return { kernel: places, stride: dilation, dilation: stride, before, after };
}
