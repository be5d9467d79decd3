import type { ImageAugmentation, ImageRecipe } from '../../image-recipe.ts';
import { entry, numberLiteral, stringLiteral } from '../literals.ts';
import { loose, type Section } from './section.ts';

/** `{ flip: true, shift: 0.05, scale: [0.9, 1.1] }` */
function augmentationLiteral({ flip, shift, scale }: ImageAugmentation): string {
  return `{ flip: ${flip}, shift: ${numberLiteral(shift)}, scale: [${scale.map(numberLiteral).join(', ')}] }`;
}

/** How images become inputs, the names of the labels, and how what was read becomes a batch. */
export function imageSection({ pixels, labels, augmentation, tensors }: ImageRecipe): Section {
  const fields = Object.entries(pixels).map(([name, value]) =>
    entry(name, typeof value === 'string' ? stringLiteral(value) : JSON.stringify(value)),
  );
  const entries = tensors.map(({ name, holds, shape }) =>
    entry(name, `tf.tensor(read.${holds}, [read.size, ${shape.join(', ')}])`),
  );
  return loose(`
// How an image becomes an input: resized, then (value / 255 - mean) / std in each channel.
export const pixels = { ${fields.join(', ')} };

export const labels = [${labels.map(stringLiteral).join(', ')}];

${augmentation === undefined ? '' : `// How images are varied in training: mirrored, moved, enlarged, anew in each epoch.\nexport const augmentation = ${augmentationLiteral(augmentation)};\n\n`}// What the runtime read, as the tensors that the model and the loss take; \`tf.dispose\` frees them.
export function toTensors(read) {
  return { ${entries.join(', ')} };
}
`);
}
