import type { DType } from '../../ir/tensor-type.ts';
import { printScalar, type Scalar } from '../../training/scalar.ts';
import { commentLines, numberLiteral, stringLiteral } from '../tfjs/literals.ts';
import { heading, joinSections, laidOut, loose, type Section } from '../tfjs/sections/section.ts';
import { scheduleSection } from '../tfjs/sections/training.ts';
import type { DriverFacts, DriverOrigin, DriverTensor, StepFacts } from './driver-facts.ts';
import { driverFiles, type DriverFiles } from './driver-files.ts';

/** The types of tensors as ONNX Runtime calls them. */
export const tensorTypes = { f32: 'float32', int32: 'int32', bool: 'bool' } as const satisfies Record<
  DType,
  string
>;

/** The module by which one's own code trains in ONNX Runtime; `driver-types.ts` has its types. Not laid out. */
export function writeDriver(facts: DriverFacts, origin: DriverOrigin): string {
  const files = driverFiles(origin.sourceName);
  return joinSections([
    headerSection(facts, origin, files),
    importSection,
    heading('What is particular to the model'),
    inputSection(facts),
    parameterSection(facts),
    graphSection(facts.step, files),
    ...(facts.accumulation === 1 ? [] : [accumulationSection(facts.accumulation, files)]),
    loose(`const optimizer = { lr: ${numberLiteral(facts.rate.rate)} };`),
    scheduleSection({
      description: facts.rate.schedule.describe(facts.rate.settings),
      settings: facts.rate.settings,
      factor: facts.rate.schedule.factor,
    }),
    heading('The trainer'),
    trainerSection(facts, files),
  ]);
}

function headerSection(
  { model, inputs }: DriverFacts,
  { sourceName, sourceSha256, netcVersion }: DriverOrigin,
  { driver }: DriverFiles,
): Section {
  const batch = inputs.map(({ name }) => name).join(', ');
  const lines = [
    `${model}: training steps in ONNX Runtime, for code of your own.`,
    '',
    `Written by netc ${netcVersion} from ${sourceName}`,
    `(sha256 ${sourceSha256}).`,
    '',
    `    import { createTrainer } from './${driver}';`,
    '',
    '    const trainer = await createTrainer({ steps: 1000 });',
    `    const loss = await trainer.step({ ${batch} });`,
    '',
    'It needs the package onnxruntime-node, and the files beside it that it names. Types are in the .d.mts file.',
    '',
    'The module is yours to edit: nothing reads it back, and it does not need netc.',
    'It is not a medical device: nothing it computes may guide the treatment of a patient.',
  ];
  return laidOut(lines.flatMap(commentLines).join('\n'));
}

const importSection = laidOut(`
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import './no-telemetry.mjs';
import * as ort from 'onnxruntime-node';
import { batchTensors } from './batch-tensors.mjs';
import { uniforms } from './generator.mjs';
import { GraphRunner } from './graph-runner.mjs';
import { formatSafetensors, parseSafetensors } from './safetensors.mjs';
import { expectFit, StepTrainer } from './step-trainer.mjs';
`);

function inputSection({ batch, inputs }: DriverFacts): Section {
  const rows = inputs.map(
    ({ name, dtype, shape }) =>
      `  { name: ${stringLiteral(name)}, type: '${tensorTypes[dtype]}', shape: ${shapeLiteral(shape)} },`,
  );
  return loose(`
/** Samples of a step: the graph was written for as many. */
export const batch = ${batch};

/** The tensors of a batch, axes as declared; a name is a length that only the batch knows. */
export const inputs = [
${rows.join('\n')}
];
`);
}

function parameterSection({ parameters }: DriverFacts): Section {
  const rows = parameters.map(({ path, role, shape, averages, place }) => {
    const more = [
      ...(averages === undefined ? [] : [`averages: ${stringLiteral(averages)}`]),
      ...(place === undefined ? [] : [`place: { vector: ${stringLiteral(place.vector)}, at: ${place.at} }`]),
    ];
    const fields = [`path: ${stringLiteral(path)}`, `role: '${role}'`, `shape: ${shapeLiteral(shape)}`];
    return `  { ${[...fields, ...more].join(', ')} },`;
  });
  return loose(`
/**
 * Weights, state such as running statistics, and what the optimiser keeps of weights, by their names in checkpoints. The step
 * has most of them in a few vectors: \`place\` says in which, and from which element on.
 */
export const parameters = [
${rows.join('\n')}
];
`);
}

function graphSection({ scalars, draws }: StepFacts, { step, evaluation }: DriverFiles): Section {
  const numbers = scalars.map(
    ({ name, scalar }) => `    { name: ${stringLiteral(name)}, valueAt: ${scalarFunction(scalar)} },`,
  );
  const random = draws.map(
    ({ name, stream, shape }) =>
      `    { name: ${stringLiteral(name)}, stream: ${stringLiteral(stream)}, shape: ${shapeLiteral(shape)} },`,
  );
  return loose(`
/**
 * One step. What it is given beside the batch and the parameters: numbers, by the learning rate and the number of the step
 * from 1, in float64 up to here; and random numbers, by the name of the sequence from which they are drawn.
 */
const stepGraph = {
  file: fileBeside('${step}'),
  scalars: [
${numbers.join('\n')}
  ],
  draws: [
${random.join('\n')}
  ],
};

/** The loss and the outputs in inference mode, for batches of any size. */
const evaluationGraph = fileBeside('${evaluation}');

function fileBeside(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
`);
}

function accumulationSection(batches: number, { accumulating }: DriverFiles): Section {
  return laidOut(`
/** Batches after which the optimiser makes a step, by the mean of their gradients. */
const accumulation = ${batches};

/** What is done with the others: their gradients are added up. */
const accumulatingGraph = { ...stepGraph, file: fileBeside('${accumulating}'), scalars: [] };
`);
}

/** `({ rate, step }) => ...`, with what is read of them. */
function scalarFunction(scalar: Scalar): string {
  const read = ['rate', 'step'].filter((name) => reads(scalar, name));
  return `(${read.length === 0 ? '' : `{ ${read.join(', ')} }`}) => ${printScalar(scalar)}`;
}

function reads(scalar: Scalar, name: string): boolean {
  switch (scalar.kind) {
    case 'number':
      return false;
    case 'rate':
    case 'step':
      return scalar.kind === name;
    case 'sqrt':
      return reads(scalar.of, name);
    case 'binary':
      return reads(scalar.left, name) || reads(scalar.right, name);
  }
}

function trainerSection(
  { model, seed, samples, accumulation }: DriverFacts,
  { initial }: DriverFiles,
): Section {
  const size = samples === undefined ? 'batch' : `sizes.get(${stringLiteral(samples)})`;
  const accumulates = accumulation > 1;
  const taken = samples === undefined ? 'tensors' : 'tensors, sizes';
  return loose(`
const program = {
  parameters,
${accumulates ? '  accumulation,\n' : ''}  stepFor(size${accumulates ? ', phase' : ''}) {
    if (size === batch) return ${accumulates ? "phase === 'update' ? stepGraph : accumulatingGraph" : 'stepGraph'};
    throw new RangeError(
      \`a step takes \${batch} samples, not \${size}: leave out the rest of an epoch, or build with --batch \${size}\`,
    );
  },
  evaluation: evaluationGraph,
  learningRate,
};

/**
 * A trainer with initial weights: those of the file beside this one, or the bytes of another one. \`seed\` is that of the
 * random numbers in layers, \`steps\` how many there will be in all, which schedules need to know. \`sessionOptions\` are
 * ONNX Runtime's, where they are to differ from \`sessionDefaults\` in graph-runner.mjs.
 */
export async function createTrainer({ seed = ${seed}, steps = Infinity, weights, sessionOptions } = {}) {
  const bytes = weights ?? (await readFile(fileBeside('${initial}')));
  const { tensors } = parseSafetensors(bytes);
  expectFit(parameters.filter(({ role }) => role !== 'slot'), tensors);
  const initial = new Map([...tensors].map(([path, { data }]) => [path, data]));
  const runner = new GraphRunner(ort, sessionOptions);
  const trainer = new StepTrainer({ runner, uniforms }, program, { seed, steps, initial });
  await trainer.open();
  return {
    get stepsTaken() {
      return trainer.step;
    },
    get learningRate() {
      return trainer.learningRate;
    },
    async parameters() {
      return new Map((await trainer.state()).parameters);
    },
    async step(values) {
      const { ${taken} } = batchTensors(ort.Tensor, inputs, values);
      return trainer.trainOn(${size}, tensors);
    },
    async evaluate(values) {
      return trainer.evaluate(batchTensors(ort.Tensor, inputs, values).tensors);
    },
    async exportState() {
      const { step, seed, parameters } = await trainer.state();
      const counted = { step: String(step), seed: String(seed) };
      return formatSafetensors(parameters, { model, format: 'netc-trainer-1', ...counted });
    },
    importState(file) {
      const state = parseSafetensors(file);
      trainer.restore(state.tensors, state.metadata);
    },
    async exportWeights() {
      return formatSafetensors(await trainer.weights(), { model, format: 'netc-1' });
    },
    close: () => trainer.close(),
  };
}

/** As the files of weights and states call it. */
const model = ${stringLiteral(model)};
`);
}

function shapeLiteral(shape: DriverTensor['shape']): string {
  return `[${shape.map((size) => (typeof size === 'number' ? String(size) : stringLiteral(size))).join(', ')}]`;
}
