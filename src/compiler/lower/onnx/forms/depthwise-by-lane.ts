import type { GraphValue } from '../../../ir/graph.ts';
import { hasAxis, type TensorType } from '../../../ir/tensor-type.ts';
import {
  convolutionOf,
  inputGradientSample,
  weightGradientSample,
} from '../../../ops/conv-gradient-samples.ts';
import { convolutionSample, type ConvAttributes } from '../../../ops/conv.ts';
import type { Sample } from '../../../ops/op.ts';
import { elements, numberOf, product, sizesOf } from '../../../ops/sizes-of.ts';
import { constant, type Size } from '../../../shapes/size.ts';
import type { OnnxEmitter, OnnxTensor } from '../emitter.ts';
import { sumOverFirst } from './add-up.ts';
import { intoBlocks, outOfBlocks, type Block } from './blocks.ts';
import { milliseconds } from './convolution-cost.ts';
import type { OnnxForm } from './form.ts';
import {
  depthwiseConvolution,
  depthwiseInputGradient,
  stridedDepthwiseInputGradient,
} from './in-blocks/depthwise-convolution.ts';
import { depthwiseWeightGradient } from './in-blocks/depthwise-weight-gradient.ts';
import { reversibleSamples } from './in-blocks/input-gradient-in-blocks.ts';

/**
 * Convolutions of single channels whose channels are in no whole blocks, with their gradients: those of all images, as the
 * channels of one, mostly are. Each goes into blocks and out of them by itself, as nothing beside it lies so.
 */
export function depthwiseByLane(block: Block) {
  return [
    byLane(block, depthwiseConvolution(block), [dense, strided]),
    byLane(block, depthwiseInputGradient(block), reversibleSamples([dense])),
    byLane(block, stridedDepthwiseInputGradient(block), [inputGradientSample(convolutionOf(strided))]),
    byLane(
      block,
      depthwiseWeightGradient(block),
      [dense, strided].map(convolutionOf).map(weightGradientSample),
    ),
  ] as const;
}

const dense = convolutionSample(
  { N: 8, C: 6, H: 5, W: 6 },
  { out: 6, groups: 6, kernel: { H: 3, W: 3 }, pad: [1, 1] },
);
const strided = convolutionSample(
  { N: 4, C: 12, H: 8, W: 6 },
  { out: 12, groups: 12, kernel: { H: 3, W: 4 }, pad: [1, 1], stride: 2, bias: false },
);

/** A form of images in blocks, for those that are in none: [N, C, H, W] as [1, N C, H, W], with the weights of each image. */
function byLane<A extends ConvAttributes>(
  block: Block,
  form: OnnxForm<A>,
  samples: readonly Sample<A>[],
): OnnxForm<A> {
  return {
    name: `${form.name}-by-lane`,
    op: form.op,
    doc: `${form.doc}, which has the channels of all images`,
    saves: ({ inputs, outputs }, attributes) => {
      const types = [...inputs, ...outputs].map(({ type }) => type);
      const lanes = lanesOf(types, attributes, block);
      if (lanes === undefined) return undefined;
      const asOne = (value: GraphValue): GraphValue => ({ ...value, type: lanes.typeOf(value.type) });
      const saved = form.saves(
        { inputs: inputs.map(asOne), outputs: outputs.map(asOne) },
        { ...attributes, groups: lanes.groups },
      );
      if (saved === undefined) return undefined;
      const moved = types.filter(isImage).reduce((sum, type) => sum + numberOf(elements(type)), 0);
      return saved - moved * milliseconds.reordered - 8 * milliseconds.node;
    },
    samples,
    onnx: (e, { inputs, inputTypes, outputTypes, attributes }) => {
      const lanes = lanesOf([...inputTypes, ...outputTypes], attributes, block);
      if (lanes === undefined) throw new Error('these channels have no lanes in whole blocks');
      const results = form.onnx(e, {
        attributes: { ...attributes, groups: lanes.groups },
        inputs: inputs.map((tensor, i) => {
          const dims = sizesOf(lanes.typeOf(typeAt(inputTypes, i)));
          if (isImage(typeAt(inputTypes, i))) return intoBlocks(e, e.reshape(tensor, dims));
          return e.reshape(repeated(e, tensor, lanes.images), dims);
        }),
        inputTypes: inputTypes.map(lanes.typeOf),
        outputTypes: outputTypes.map(lanes.typeOf),
      });
      return results.map((tensor, i) => {
        const type = typeAt(outputTypes, i);
        const plain = isImage(type) ? outOfBlocks(e, tensor) : addedUp(e, tensor, lanes.images);
        return e.reshape(plain, sizesOf(type));
      });
    },
  };
}

/** How one image of all channels is convolved. */
interface Lanes {
  readonly images: number;
  readonly groups: Size;
  /** Of an image, a weight or a bias: it has all channels. */
  readonly typeOf: (type: TensorType) => TensorType;
}

/** Undefined where channels are in whole blocks already, are not so together, or are not single. */
function lanesOf(types: readonly TensorType[], { groups }: ConvAttributes, block: Block): Lanes | undefined {
  const channels = groups.value;
  const batch = types.find(isImage)?.axes[0]?.size.value;
  if (channels === undefined || batch === undefined) return undefined;
  if (types.some((type) => isImage(type) && type.axes[1]?.size.value !== channels)) return undefined;
  if (channels % block === 0 || (batch * channels) % block !== 0) return undefined;
  const all = constant(batch * channels);
  return {
    images: batch,
    groups: all,
    typeOf: (type) => {
      const [first, second, ...places] = type.axes;
      const axes =
        isImage(type) && first !== undefined && second !== undefined
          ? [{ ...first, size: constant(1) }, { ...second, size: all }, ...places]
          : type.axes.map((axis, i) => (i === 0 ? { ...axis, size: all } : axis));
      return { ...type, axes };
    },
  };
}

/** Weights have axes of their own, and biases one. */
function isImage(type: TensorType): boolean {
  return type.axes.length > 1 && !hasAxis(type, '.out');
}

/** A weight or bias for each image, one behind the other. */
function repeated(e: OnnxEmitter, tensor: OnnxTensor, images: number): OnnxTensor {
  const length = product(tensor.dims);
  const dims = [constant(images), length];
  return e.node('Expand', [e.reshape(tensor, [constant(1), length]), e.shape(dims)], { dims });
}

/** The sum of the weights of all images. */
function addedUp(e: OnnxEmitter, tensor: OnnxTensor, images: number): OnnxTensor {
  const length = e.constant(product(tensor.dims)) / images;
  return sumOverFirst(e, e.reshape(tensor, [images, length].map(constant)));
}

function typeAt(types: readonly TensorType[], i: number): TensorType {
  const type = types[i];
  if (type === undefined) throw new Error(`there is no tensor ${i}`);
  return type;
}
