import type { Module, NamedSetting, TrainingEntry } from '../../../ir/module.ts';
import { imageLayout } from '../../image-layout.ts';
import { entry, numberLiteral, stringLiteral } from '../literals.ts';
import { loose, type Section } from './section.ts';

/** What a program needs to know in order to read a data set of labelled images. */
export interface ImageFacts {
  /** As the runtime's `prepareImage` takes it. */
  readonly pixels: {
    readonly channels: number;
    readonly height: number;
    readonly width: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly layout: 'chw' | 'hwc';
  };
  readonly labels: readonly string[];
  /** As the runtime's `Augmentation`; undefined where images are not varied. */
  readonly augmentation: string | undefined;
  /** The entries of a batch, made of what the runtime read. */
  readonly tensors: readonly string[];
}

/**
 * Reads it off a model with one input, an image, and one target, a row of labels that some output names, and at most
 * one weight; other models get no command line, because nothing says where their data would come from.
 */
export function imageFacts(module: Module, training: TrainingEntry): ImageFacts | undefined {
  const { model, functions } = module;
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
  if (image === undefined) return undefined;

  const { channels, height, width, layout } = image;
  const imageShape = layout === 'chw' ? [channels, height, width] : [height, width, channels];
  const row = `[read.size, ${labels.length}]`;
  return {
    pixels: { channels, height, width, mean: input.pixels.mean, std: input.pixels.std, layout },
    labels,
    augmentation: training.augmentation && augmentationLiteral(training.augmentation),
    tensors: [
      entry(input.name, `tf.tensor(read.images, [read.size, ${imageShape.join(', ')}])`),
      entry(target.name, `tf.tensor(read.labels, ${row})`),
      ...(weight === undefined ? [] : [entry(weight.name, `tf.tensor(read.known, ${row})`)]),
    ],
  };
}

/** `{ flip: true, shift: 0.05, scale: [0.9, 1.1] }` */
function augmentationLiteral({ args }: NamedSetting): string {
  const { flip = false, shift = 0, zoom = 0 } = args;
  const scale = [1 - Number(zoom), 1 + Number(zoom)].map((factor) =>
    numberLiteral(Number(factor.toFixed(12))),
  );
  return `{ flip: ${flip}, shift: ${numberLiteral(Number(shift))}, scale: [${scale.join(', ')}] }`;
}

/** How images become inputs, the names of the labels, and how what was read becomes a batch. */
export function imageSection({ pixels, labels, augmentation, tensors }: ImageFacts): Section {
  const fields = Object.entries(pixels).map(([name, value]) =>
    entry(name, typeof value === 'string' ? stringLiteral(value) : JSON.stringify(value)),
  );
  return loose(`
// How an image becomes an input: resized, then (value / 255 - mean) / std in each channel.
export const pixels = { ${fields.join(', ')} };

export const labels = [${labels.map(stringLiteral).join(', ')}];

${augmentation === undefined ? '' : `// How images are varied in training: mirrored, moved, enlarged, anew in each epoch.\nexport const augmentation = ${augmentation};\n\n`}// What the runtime read, as the tensors that the model and the loss take; \`tf.dispose\` frees them.
export function toTensors(read) {
  return { ${tensors.join(', ')} };
}
`);
}
