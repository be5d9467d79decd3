import type { Module, TrainingEntry } from '../../ir/module.ts';
import { schedules } from '../../optimizers/registry.ts';
import { completeSettings } from '../../optimizers/setting.ts';
import { writeAveraging } from './averaging-function.ts';
import { writeClipping } from './clipping-function.ts';
import { writeFunctions } from './functions.ts';
import { helpers, withNeeds } from './helpers/catalogue.ts';
import { stringLiteral } from './literals.ts';
import { Names } from './names.ts';
import { writeOptimizer } from './optimizer-function.ts';
import { parametersOf } from './parameter-rows.ts';
import { parameterTable } from './parameter-table.ts';
import { accumulationSection } from './sections/accumulation.ts';
import { backendSection } from './sections/backend.ts';
import { commandLineSection, importSection } from './sections/command-line.ts';
import { headerSection } from './sections/header.ts';
import { imageRecipe } from '../image-recipe.ts';
import { imageSection } from './sections/images.ts';
import { lossSection, modelSection } from './sections/model.ts';
import { heading, laidOut, loose, type Section } from './sections/section.ts';
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
  'turns createWeights variableAt toProgram toCheckpoint weightEntries exportVariables importVariables exportWeights ' +
  'importWeights saveWeights loadWeights optimizer schedule learningRate scheduleFactor clipping clipGradients accumulation accumulate averaging averageWeights copyOf createTrainer trainerEntries ' +
  'exportTrainer importTrainer trainStep gradients evaluate chooseBackend usage UsageError readOptions main uniforms ' +
  'isDecayed isEntryPoint labels pixels augmentation toTensors expectShape bare';

/** The training program of a module, section by section. */
export function writeProgram(module: Module, options: ProgramOptions): readonly Section[] {
  const names = new Names([...programNames.split(' '), ...Object.keys(helpers)]);
  const functions = writeFunctions(module, names);
  const { rows, bare } = parametersOf(module, new Map(), functions.parameters);
  const parameters = parameterTable(rows, names).join('\n');
  const { training } = module;
  const images = imageRecipe(module);
  const used = withNeeds(functions.helpers).map(({ source }) => laidOut(source));
  return [
    headerSection({ ...options, model: module.model.name, hasMain: images !== undefined }),
    imports(used),
    ...(images === undefined ? [] : [imageSection(images)]),
    ...(functions.blocks.length > 0 ? [heading('Blocks'), ...functions.blocks.map(loose)] : []),
    heading('The model'),
    ...modelSection(module.model, functions.model),
    ...(training && functions.loss ? [heading('The loss'), lossSection(training, functions.loss)] : []),
    ...(used.length > 0 ? [heading('Operations that TensorFlow.js lacks'), ...used] : []),
    heading('Weights'),
    laidOut(parameters),
    weightsSection({
      seed: training?.seed ?? 0,
      hasTurns: parameters.includes('...turns('),
      bare,
      model: stringLiteral(module.model.name),
    }),
    ...(training === undefined ? [] : recipe(training, names, functions.model.usesRandom)),
    heading('Start'),
    backendSection,
    ...(training && images
      ? [
          commandLineSection({
            ...training,
            learnsFrom: images.learnsFrom,
            file: options.file,
            isAugmented: training.augmentation !== undefined,
            isAveraged: training.averaging !== undefined,
            isRandom: functions.model.usesRandom,
          }),
        ]
      : [importSection]),
  ];
}

function imports(used: readonly Section[]): Section {
  const kernels = ['registerGradients', 'useWasm'];
  if (used.some(({ text }) => text.includes('normaliseBatch(')))
    kernels.unshift('batchNormTrain as normaliseBatch');
  const generated = ['fillInitial'];
  if (used.some(({ text }) => text.includes('uniforms('))) generated.push('uniforms');
  return laidOut(`
import * as tf from '@tensorflow/tfjs-core';
import { ${generated.join(', ')} } from './generator.mjs';
import { formatSafetensors, parseSafetensors } from './safetensors.mjs';
import { ${kernels.join(', ')} } from './wasm-kernels.mjs';

// Some gradients of TensorFlow.js are wrong or missing; these serve every backend.
registerGradients();
`);
}

function recipe(training: TrainingEntry, names: Names, isRandom: boolean): readonly Section[] {
  const optimizer = writeOptimizer(training.optimizer, names);
  const clipping = training.clipping === undefined ? [] : writeClipping(training.clipping, names);
  const averaging = training.averaging === undefined ? [] : writeAveraging(training.averaging, names);
  const schedule = schedules.get(training.schedule.name);
  if (schedule === undefined) throw new Error(`there is no schedule ${training.schedule.name}`);
  const { settings } = completeSettings(schedule.settings, training.schedule.args);
  return [
    heading('Training'),
    loose(optimizer.lines.join('\n')),
    scheduleSection({
      description: schedule.describe(settings),
      settings,
      factor: schedule.factor,
    }),
    ...(training.accumulation > 1 ? [accumulationSection(training.accumulation)] : []),
    ...(clipping.length === 0 ? [] : [loose(clipping.join('\n'))]),
    ...(averaging.length === 0 ? [] : [loose(averaging.join('\n'))]),
    trainingSection({
      ...optimizer,
      isRandom,
      accumulates: training.accumulation > 1,
      clips: clipping.length > 0,
      averages: averaging.length > 0,
    }),
  ];
}
