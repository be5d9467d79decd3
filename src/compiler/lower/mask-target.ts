import { printType, type TensorType } from '../ir/tensor-type.ts';
import type { RecipeFault } from './image-recipe.ts';

interface NamedTensor {
  readonly name: string;
  readonly type: TensorType;
}

/** What a target of masks has to fit. */
export interface MaskSetting {
  readonly image: TensorType;
  /** Which of its axes are the channels. */
  readonly channels: number;
  readonly target: NamedTensor;
  /** The output that has the labels. */
  readonly output: NamedTensor;
  /** How many labels there are. */
  readonly labels: number;
  /** The name of the weight, where there is one. */
  readonly weight: string | undefined;
}

/** A row of labels has the axes of samples and labels; whatever has more has numbers for places in the image. */
export function isMaskTarget({ axes }: TensorType): boolean {
  return axes.length > 2;
}

/**
 * Why masks cannot be given to a target, or undefined. Masks are laid as the image is: the labels stand in the place of its
 * channels, and all other axes are the same. So one reader, one view and one comparison serve images, masks and outputs.
 */
export function maskFault({
  image,
  channels,
  target,
  output,
  labels,
  weight,
}: MaskSetting): RecipeFault | undefined {
  if (target.type.dtype !== 'f32' || printType(target.type) !== printType(output.type)) {
    return {
      fault: `The target \`${target.name}\` is ${printType(target.type)} and the output \`${output.name}\`, which has the labels, is ${printType(output.type)}: masks are f32 of the same axes in the same order.`,
      remedy: `Declare \`target ${target.name}: ${printType(output.type)}\`, or a target of samples and labels alone.`,
    };
  }
  const fits = ({ name, size }: TensorType['axes'][number], i: number): boolean =>
    i === channels
      ? size.value === labels
      : image.axes[i]?.name === name && image.axes[i].size.value === size.value;
  if (output.type.axes.length !== image.axes.length || !output.type.axes.every(fits)) {
    return {
      fault: `The output \`${output.name}\` is ${printType(output.type)} and the image ${printType(image)}: masks have the image's axes, with the labels in the place of the channels.`,
      remedy: 'Bring the output to the size and the order of axes of the image, as by `resize`.',
    };
  }
  if (weight !== undefined) {
    return {
      fault: `A model that learns from masks has no \`weight\`, since every image has every mask; this one has \`${weight}\`.`,
      remedy: `Take \`${weight}\` out of the \`train\`.`,
    };
  }
  return undefined;
}
