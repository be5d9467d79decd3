import type { ModelEntry, TrainingEntry } from '../../../ir/module.ts';
import type { TensorType } from '../../../ir/tensor-type.ts';
import type { Entry } from '../functions.ts';
import { commentLines, entry, stringLiteral, wrappedComment } from '../literals.ts';
import { laidOut, loose, type Section } from './section.ts';

/** The model as the program exports it: tensors come and go by name, axes as they were declared. */
export function modelSection(
  model: ModelEntry,
  { func, inputs, lines, usesRandom }: Entry,
): readonly Section[] {
  const tensors = func.inputs.map(({ type }, i) => ({
    name: model.inputs[i]?.name ?? '',
    local: inputs[i] ?? '',
    type,
  }));
  const taken = tensors.map(({ name, type }) => `${name} ${declaredShape(type)}`).join(', ');
  const given = model.outputs.map(({ name }) => name).join(', ');
  const pattern = tensors.map(({ name, local }) => entry(name, local)).join(', ');
  const text = [
    ...func.docs.flatMap(commentLines),
    ...(func.docs.length > 0 ? ['//'] : []),
    ...wrappedComment(`Takes ${taken}; gives ${given}. Call it inside \`tf.tidy\`.`),
    ...(usesRandom ? wrappedComment(randomness) : []),
    `export function model({ ${pattern} }, w, { training = false${usesRandom ? ', random' : ''} } = {}) {`,
    ...tensors.map(
      ({ name, local, type }) => `  expectShape(${stringLiteral(name)}, ${local}, ${fixedShape(type)});`,
    ),
    ...lines.map((line) => `  ${line}`),
    '}',
  ];
  return [loose(text.join('\n')), expectShape];
}

const randomness =
  'While training, `random` is the source of random numbers, { seed, step, path: "" }; without one nothing is dropped.';

const expectShape = laidOut(`
function expectShape(name, { shape }, expected) {
  const fits = (size, axis) => size === null || size === shape[axis];
  if (shape.length === expected.length && expected.every(fits)) return;
  const sizes = expected.map((size) => size ?? 'any').join(', ');
  throw new RangeError(\`\${name} has the shape [\${shape.join(', ')}], and should have [\${sizes}]\`);
}
`);

/** The loss, of the model's outputs and of a batch. */
export function lossSection(training: TrainingEntry, { func, inputs, lines }: Entry): Section {
  const pattern = (isOutput: boolean): string => {
    const entries = training.inputs.flatMap(({ kind, name }, i) =>
      (kind === 'output') === isOutput ? [entry(name, inputs[i] ?? '')] : [],
    );
    return `{ ${entries.join(', ')} }`;
  };
  const text = [
    ...func.docs.flatMap(commentLines),
    `export function loss(${pattern(true)}, ${pattern(false)}) {`,
    ...lines.map((line) => `  ${line}`),
    '}',
  ];
  return loose(text.join('\n'));
}

/** `[N, C: 3, H: 224]` */
function declaredShape(type: TensorType): string {
  const axes = type.axes.map(({ name, size }) =>
    size.value === undefined ? name : `${name}: ${size.value}`,
  );
  return `[${axes.join(', ')}]`;
}

/** The sizes that are fixed, `null` for the others: `[null, 3, 224, 224]`. */
function fixedShape(type: TensorType): string {
  return `[${type.axes.map(({ size }) => size.value ?? 'null').join(', ')}]`;
}
