import type { Module, NamedSetting } from '../ir/module.ts';
import { imageLayout } from './image-layout.ts';

/** What one needs to know in order to train a module's model on a data set of labelled images. */
export interface ImageRecipe {
  /** As the runtime's `prepareImage` takes it. */
  readonly pixels: {
    readonly channels: 1 | 3;
    readonly height: number;
    readonly width: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly layout: 'chw' | 'hwc';
  };
  readonly labels: readonly string[];
  /** As the runtime's `Augmentation`; undefined where images are not varied. */
  readonly augmentation: ImageAugmentation | undefined;
  /** The tensors of a batch: what each holds, and its shape without the samples' axis, which comes first. */
  readonly tensors: readonly {
    readonly name: string;
    readonly holds: 'images' | 'labels' | 'known';
    readonly shape: readonly number[];
  }[];
}

export interface ImageAugmentation {
  readonly flip: boolean;
  readonly shift: number;
  readonly scale: readonly [min: number, max: number];
}

/**
 * Reads it off a model with one input, an image, and one target, a row of labels that some output names, and at most
 * one weight. Undefined for other models, because nothing says where their data would come from, and without `train`.
 */
export function imageRecipe({ model, functions, training }: Module): ImageRecipe | undefined {
  if (training === undefined) return undefined;
  const [input, ...others] = model.inputs;
  const type = functions.get(model.func)?.inputs[0]?.type;
  const labels = model.outputs.find((output) => output.labels !== undefined)?.labels;
  const targets = training.inputs.filter(({ kind }) => kind === 'target');
  const weights = training.inputs.filter(({ kind }) => kind === 'weight');
  const [target, weight] = [targets[0], weights[0]];
  if (input?.pixels === undefined || others.length > 0 || type === undefined || labels === undefined)
    return undefined;
  if (target === undefined || targets.length > 1 || weights.length > 1) return undefined;
  const image = imageLayout(type, input.pixels.mean.length);
  if (image === undefined || !isChannelCount(image.channels)) return undefined;
  const { channels, height, width, layout } = image;
  const shape = layout === 'chw' ? [channels, height, width] : [height, width, channels];
  return {
    pixels: { channels, height, width, mean: input.pixels.mean, std: input.pixels.std, layout },
    labels,
    augmentation: training.augmentation && augmentationOf(training.augmentation),
    tensors: [
      { name: input.name, holds: 'images', shape },
      { name: target.name, holds: 'labels', shape: [labels.length] },
      ...(weight === undefined
        ? []
        : [{ name: weight.name, holds: 'known' as const, shape: [labels.length] }]),
    ],
  };
}

function isChannelCount(channels: number): channels is 1 | 3 {
  return channels === 1 || channels === 3;
}

function augmentationOf({ args }: NamedSetting): ImageAugmentation {
  const { flip = false, shift = 0, zoom = 0 } = args;
  const scale = (factor: number): number => Number(factor.toFixed(12));
  return {
    flip: flip === true,
    shift: Number(shift),
    scale: [scale(1 - Number(zoom)), scale(1 + Number(zoom))],
  };
}
