import type { TensorType } from '../../ir/tensor-type.ts';
import type { Module, TrainingEntry } from '../../ir/module.ts';
import { schedules } from '../../optimizers/registry.ts';
import { completeSettings } from '../../optimizers/setting.ts';
import { writeFunctions, type Entry, type WrittenFunctions } from './functions.ts';
import { helpers, withNeeds } from './helpers/catalogue.ts';
import { imageFacts, type ImageFacts } from './image-facts.ts';
import { commentLines, entry, key, numberLiteral, stringLiteral } from './literals.ts';
import { Names } from './names.ts';
import { writeOptimizer } from './optimizer-function.ts';
import { parameterRows } from './parameter-rows.ts';
import { parameterTable } from './parameter-table.ts';
import { backendSection } from './sections/backend.ts';
import { commandLineSection } from './sections/command-line.ts';
import { header } from './sections/header.ts';
import { scheduleSection, trainingSection } from './sections/training.ts';
import { weightsSection } from './sections/weights.ts';

export interface ProgramOptions {
  /** The file of the program, without folders; letters, digits, `_`, `-` and `.` only. */
  readonly file: string;
  readonly sourceName: string;
  readonly sourceSha256: string;
  readonly netcVersion: string;
}

/** Names that the fixed parts of a program define or import. */
const programNames =
  'tf w fillInitial parseSafetensors formatSafetensors registerGradients useWasm normaliseBatch model loss parameters ' +
  'turns createWeights variableAt toProgram toCheckpoint exportWeights importWeights saveWeights loadWeights ' +
  'optimizer schedule learningRate scheduleFactor createTrainer trainStep gradients evaluate chooseBackend usage ' +
  'UsageError readOptions main isEntryPoint labels pixels expectShape';

/** The text of the training program of a module, not formatted yet. */
export function writeProgram(module: Module, options: ProgramOptions): string {
  const names = new Names([...programNames.split(' '), ...Object.keys(helpers)]);
  const functions = writeFunctions(module, names);
  const rows = parameterRows(module, new Map(), (func, decl) => functions.orderOf(func, decl));
  const parameters = parameterTable(rows, names).join('\n');
  const { training } = module;
  const images = training && imageFacts(module, training);
  const used = withNeeds(functions.helpers).map(({ source }) => source.trim());
  const sections = [
    header({ ...options, model: module.model.name, hasMain: images !== undefined }).join('\n'),
    imports(used),
    ...(images === undefined ? [] : [imageConstants(images)]),
    ...(functions.blocks.length > 0 ? [heading('Blocks'), ...functions.blocks] : []),
    heading('The model'),
    modelText(module, functions),
    ...(training && functions.loss ? [heading('The loss'), lossText(functions.loss, training)] : []),
    ...(used.length > 0 ? [heading('Operations that TensorFlow.js lacks'), ...used] : []),
    heading('Weights'),
    '// Every weight and piece of state: its path, its shape in a checkpoint, and which of those axes goes where here.',
    parameters,
    weightsSection({
      seed: training?.seed ?? 0,
      hasTurns: parameters.includes('...turns('),
      model: stringLiteral(module.model.name),
    }),
    ...(training === undefined ? [] : trainingText(training, names)),
    heading('Start'),
    backendSection,
    ...(training && images
      ? [commandLineSection({ ...training, file: options.file, tensors: images.tensors })]
      : []),
  ];
  return `${sections.map((section) => section.trim()).join('\n\n')}\n`;
}

function heading(title: string): string {
  return `// ${'-'.repeat(8)} ${title} ${'-'.repeat(Math.max(1, 80 - title.length))}`;
}

function imports(helperTexts: readonly string[]): string {
  const kernels = ['registerGradients', 'useWasm'];
  if (helperTexts.some((text) => text.includes('normaliseBatch(')))
    kernels.unshift('batchNormTrain as normaliseBatch');
  return [
    `import * as tf from '@tensorflow/tfjs-core';`,
    `import { fillInitial } from './generator.mjs';`,
    `import { formatSafetensors, parseSafetensors } from './safetensors.mjs';`,
    `import { ${kernels.join(', ')} } from './wasm-kernels.mjs';`,
    '',
    '// Some gradients of TensorFlow.js are wrong or missing; these serve every backend.',
    'registerGradients();',
  ].join('\n');
}

function imageConstants({ pixels, labels }: ImageFacts): string {
  const fields = Object.entries(pixels).map(([name, value]) =>
    entry(name, typeof value === 'string' ? stringLiteral(value) : JSON.stringify(value)),
  );
  return [
    '// How an image becomes an input: resized, then (value / 255 - mean) / std in each channel.',
    `export const pixels = { ${fields.join(', ')} };`,
    '',
    `export const labels = [${labels.map(stringLiteral).join(', ')}];`,
  ].join('\n');
}

function modelText({ model, functions: all }: Module, { model: entryFunction }: WrittenFunctions): string {
  const func = all.get(model.func);
  const inputs = model.inputs.map(({ name }, i) => ({ name, local: entryFunction.inputs[i] ?? '', type: func?.inputs[i]?.type })); // prettier-ignore
  const shapes = inputs.map(({ name, type }) => `${name} ${type === undefined ? '' : declaredShape(type)}`);
  return [
    ...entryFunction.docs.flatMap(commentLines),
    ...commentLines(
      `Takes ${shapes.join(', ')}; gives ${model.outputs.map(({ name }) => name).join(', ')}. Call it inside \`tf.tidy\`.`,
    ),
    `export function model({ ${inputs.map(({ name, local }) => entry(name, local)).join(', ')} }, w, { training = false } = {}) {`,
    ...inputs.map(
      ({ name, local, type }) =>
        `  expectShape(${stringLiteral(name)}, ${local}, ${type === undefined ? '[]' : fixedShape(type)});`,
    ),
    ...entryFunction.lines.map((line) => `  ${line}`),
    '}',
    '',
    'function expectShape(name, { shape }, expected) {',
    '  const fits = shape.length === expected.length && expected.every((size, axis) => size === null || size === shape[axis]);',
    '  if (fits) return;',
    `  const sizes = expected.map((size) => size ?? 'any').join(', ');`,
    "  throw new RangeError(`${name} has the shape [${shape.join(', ')}], and should have [${sizes}]`);",
    '}',
  ].join('\n');
}

/** `[N, C: 3, H: 224]` */
function declaredShape(type: TensorType): string {
  return `[${type.axes.map(({ name, size }) => (size.value === undefined ? name : `${name}: ${size.value}`)).join(', ')}]`;
}

/** The sizes that are fixed, `null` for the others: `[null, 3, 224, 224]`. */
function fixedShape(type: TensorType): string {
  return `[${type.axes.map(({ size }) => size.value ?? 'null').join(', ')}]`;
}

function lossText({ inputs, lines, docs }: Entry, training: TrainingEntry): string {
  const pattern = (isOutput: boolean): string => {
    const entries = training.inputs.flatMap(({ kind, name }, i) =>
      (kind === 'output') === isOutput ? [entry(name, inputs[i] ?? '')] : [],
    );
    return `{ ${entries.join(', ')} }`;
  };
  return [
    ...docs.flatMap(commentLines),
    `export function loss(${pattern(true)}, ${pattern(false)}) {`,
    ...lines.map((line) => `  ${line}`),
    '}',
  ].join('\n');
}

function trainingText(training: TrainingEntry, names: Names): readonly string[] {
  const optimizer = writeOptimizer(training.optimizer, names);
  const schedule = schedules.get(training.schedule.name);
  if (schedule === undefined) throw new Error(`there is no schedule ${training.schedule.name}`);
  const { settings } = completeSettings(schedule.settings, training.schedule.args);
  const entries = Object.entries(settings).map(
    ([name, value]) => `${key(name)}: ${typeof value === 'number' ? numberLiteral(value) : value}`,
  );
  return [
    heading('Training'),
    optimizer.lines.join('\n'),
    scheduleSection({
      description: schedule.describe(settings),
      settings: entries.length === 0 ? undefined : `{ ${entries.join(', ')} }`,
      names: Object.keys(settings),
      factor: schedule.factor,
    }),
    trainingSection(optimizer),
  ];
}
