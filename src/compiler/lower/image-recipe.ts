import type { Module, NamedSetting, Pixels } from '../ir/module.ts';
import type { TensorType } from '../ir/tensor-type.ts';
import { imageLayout } from './image-layout.ts';
import { isMaskTarget, maskFault } from './mask-target.ts';

/** What one needs to know in order to train a module's model on a data set of images with labels or masks. */
export interface ImageRecipe {
  /** What the images come with: a row of labels, or a mask for each label, laid as the image is. */
  readonly learnsFrom: 'labels' | 'masks';
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
  /** The output that has the labels. */
  readonly labelled: string;
  /** As the runtime's `Augmentation`; undefined where images are not varied. */
  readonly augmentation: ImageAugmentation | undefined;
  /** The tensors of a batch: what each holds, and its shape without the samples' axis, which comes first. */
  readonly tensors: readonly {
    readonly name: string;
    readonly holds: 'images' | 'labels' | 'known' | 'masks';
    readonly shape: readonly number[];
  }[];
}

export interface ImageAugmentation {
  readonly flip: boolean;
  readonly shift: number;
  readonly scale: readonly [min: number, max: number];
}

/** Why a module has no recipe, for whoever wrote it. */
export interface RecipeFault {
  readonly fault: string;
  readonly remedy: string;
}

const otherModel: RecipeFault = {
  fault:
    'What is trained here has one input `from pixels`, one output with `labels`, one `target` of that shape, and at most one `weight`.',
  remedy:
    'Train other models with your own loop over what `netc build --target onnx-train` writes, or `--target tfjs`.',
};

/** The recipe of a module; undefined where it has none, because nothing says where its data would come from. */
export function imageRecipe(module: Module): ImageRecipe | undefined {
  const recipe = readRecipe(module);
  return 'fault' in recipe ? undefined : recipe;
}

/**
 * Reads it off a model with one input, an image, and one target: a row of labels that some output names, and at most one
 * weight; or, where the target has the axes of the labelled output and those are the image's, a mask for each label.
 */
export function readRecipe(module: Module): ImageRecipe | RecipeFault {
  const { training } = module;
  const parts = partsOf(module);
  if (training === undefined || parts === undefined) return otherModel;
  const { input, output, target, weight } = parts;
  const image = imageLayout(input.type, input.pixels.mean.length);
  if (image === undefined || !isChannelCount(image.channels)) return otherModel;
  const { channels, height, width, layout } = image;
  const learnsFrom = isMaskTarget(target.type) ? 'masks' : 'labels';
  if (learnsFrom === 'masks') {
    const fault = maskFault({
      image: input.type,
      channels: layout === 'chw' ? 1 : 3,
      target,
      output,
      labels: output.labels.length,
      weight: weight?.name,
    });
    if (fault !== undefined) return fault;
  }
  const shape = layout === 'chw' ? [channels, height, width] : [height, width, channels];
  const { labels } = output;
  return {
    learnsFrom,
    pixels: { channels, height, width, mean: input.pixels.mean, std: input.pixels.std, layout },
    labels,
    labelled: output.name,
    augmentation: training.augmentation && augmentationOf(training.augmentation),
    tensors: [
      { name: input.name, holds: 'images', shape },
      { name: target.name, holds: learnsFrom, shape: targetShape(learnsFrom, target.type, labels) },
      ...(weight === undefined
        ? []
        : [{ name: weight.name, holds: 'known' as const, shape: [labels.length] }]),
    ],
  };
}

interface NamedTensor {
  readonly name: string;
  readonly type: TensorType;
}

/** What a recipe ties together. */
interface Parts {
  readonly input: NamedTensor & { readonly pixels: Pixels };
  /** The one that has the labels. */
  readonly output: NamedTensor & { readonly labels: readonly string[] };
  readonly target: NamedTensor;
  readonly weight: NamedTensor | undefined;
}

/** Undefined where one of them is missing, or there are more. */
function partsOf({ model, functions, training }: Module): Parts | undefined {
  const body = functions.get(model.func);
  const [image, ...others] = model.inputs;
  const imageType = body?.inputs[0]?.type;
  if (image?.pixels === undefined || imageType === undefined || others.length > 0) return undefined;
  const at = model.outputs.findIndex((output) => output.labels !== undefined);
  const { name: labelled, labels } = model.outputs[at] ?? {};
  const outputType = body?.outputs[at]?.type;
  if (labelled === undefined || labels === undefined || outputType === undefined) return undefined;
  const lossInputs = functions.get(training?.func ?? '')?.inputs ?? [];
  const given = (wanted: 'target' | 'weight'): readonly NamedTensor[] =>
    (training?.inputs ?? []).flatMap(({ kind, name }, i) => {
      const type = lossInputs[i]?.type;
      return kind === wanted && type !== undefined ? [{ name, type }] : [];
    });
  const [target, ...targets] = given('target');
  const [weight, ...weights] = given('weight');
  if (target === undefined || targets.length > 0 || weights.length > 0) return undefined;
  return {
    input: { name: image.name, type: imageType, pixels: image.pixels },
    output: { name: labelled, type: outputType, labels },
    target,
    weight,
  };
}

/** Without the samples' axis. */
function targetShape(
  learnsFrom: ImageRecipe['learnsFrom'],
  { axes }: TensorType,
  labels: readonly string[],
): readonly number[] {
  return learnsFrom === 'labels' ? [labels.length] : axes.slice(1).map(({ size }) => size.value ?? NaN);
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
