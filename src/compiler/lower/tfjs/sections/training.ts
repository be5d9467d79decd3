import type { Settings } from '../../../optimizers/setting.ts';
import { settingsLiteral } from '../literals.ts';
import { accumulatedSlot } from './accumulation.ts';
import { laidOut, loose, type Section } from './section.ts';

/** The schedule of a recipe as JavaScript. */
export interface ScheduleFacts {
  readonly description: string;
  readonly settings: Settings;
  readonly factor: readonly string[];
}

export function scheduleSection({ description, settings, factor }: ScheduleFacts): Section {
  const names = Object.keys(settings);
  return loose(`${names.length === 0 ? '' : `\nconst schedule = ${settingsLiteral(settings)};\n`}
/** The learning rate of a step, counted from 0, when there are \`steps\` in all. ${description} */
export function learningRate(step, steps = Infinity) {
  return optimizer.lr * scheduleFactor(step, steps);
}

function scheduleFactor(step, steps) {
${names.length === 0 ? '' : `  const { ${names.join(', ')} } = schedule;\n`}${factor.map((line) => `  ${line}`).join('\n')}
}
`);
}

const averageEntries = `  const averages = weightEntries(averaged).map((entry) => ({
    ...entry,
    name: \`optimizer.average/\${entry.name}\`,
  }));
`;

/** The step of training, the gradients it goes by, and evaluation. */
export function trainingSection(optimizer: {
  readonly name: string;
  readonly slots: readonly string[];
  /** Whether it has to be told how much a weight decays. */
  readonly decays: boolean;
  /** Whether there is a function `accumulate`. */
  readonly accumulates: boolean;
  /** Whether there is a function `clipGradients`. */
  readonly clips: boolean;
  /** Whether there is a function `averageWeights`. */
  readonly averages: boolean;
  /** Whether the model draws random numbers while training. */
  readonly isRandom: boolean;
}): Section {
  const random = (source: string): string => (optimizer.isRandom ? source : '');
  const decaying = (source: string): string => (optimizer.decays ? source : '');
  const { accumulates, clips, averages } = optimizer;
  const unclipped = accumulates ? 'means' : 'grads';
  const slots = [...optimizer.slots, ...(accumulates ? [accumulatedSlot] : [])]
    .map(
      (slot) => `      ${slot}: tf.variable(tf.zerosLike(variable), false),
`,
    )
    .join('');
  const makeSlots =
    slots === ''
      ? 'variables.map(() => ({}));'
      : `tf.tidy(() =>
    variables.map((variable) => ({
${slots}    })),
  );`;
  return laidOut(`
/** What training keeps between steps: the weights, ${averages ? 'their average by which to evaluate and export, ' : ''}the optimiser's state for each, ${random('the seed of the random numbers, ')}and how many steps were taken. */
export function createTrainer(w, { steps = Infinity${random(', seed = 1')} } = {}) {
  const trained = parameters.filter(({ role }) => role !== 'state');
  const variables = trained.map(({ path }) => variableAt(w, path));
${decaying(`  const decays = trained.map((row) => (isDecayed(row) ? optimizer.weight_decay : 0));
`)}  const slots = ${makeSlots}
${averages ? '  const averaged = copyOf(w);\n' : ''}  return { w,${averages ? ' averaged,' : ''} variables,${decaying(' decays,')} slots, step: 0, steps${random(', seed')} };
}

/** What a file of a trainer holds: the weights, and each slot of the optimiser as \`optimizer.SLOT/PATH\`${averages ? ', averages among them' : ''}. */
function trainerEntries({ w,${averages ? ' averaged,' : ''} slots }) {
  const trained = parameters.filter(({ role }) => role !== 'state');
  const slotEntries = trained.flatMap(({ path, shape, order }, i) =>
    Object.entries(slots[i]).map(([slot, variable]) => ({
      name: \`optimizer.\${slot}/\${path}\`,
      shape,
      order,
      variable,
    })),
  );
${averages ? averageEntries : ''}  return [...weightEntries(w), ${averages ? '...averages, ' : ''}...slotEntries];
}

/**
 * All that a trainer keeps, as the bytes of a safetensors file. On the same backend, training goes on from there bit for
 * bit as if it had never stopped. No step may be taken before the bytes are there.
 */
export function exportTrainer(trainer) {
  return exportVariables(trainerEntries(trainer), { format: 'netc-trainer-1', step: String(trainer.step)${random(', seed: String(trainer.seed)')} });
}

/** Takes over what \`exportTrainer\` gave. Nothing changes unless it fits. The number of steps in all is not part of it. */
export function importTrainer(trainer, bytes) {
  const { tensors, metadata } = parseSafetensors(bytes);
  if (!/^\\d+$/.test(metadata.step)) {
    throw new RangeError('the file does not say how many steps were taken: it is not of a trainer');
  }
  importVariables(trainerEntries(trainer), tensors);
  trainer.step = Number(metadata.step);
${random(`  // Files of programs without random numbers have none.
  if (metadata.seed !== undefined) trainer.seed = Number(metadata.seed);
`)}}

/**
 * One step: the weights and the state of the trainer change in place. \`batch\` has the tensors that the model and the
 * loss take, by name, axes as declared. Returns the loss before the step.${
   accumulates
     ? `
 * The weights change only where the optimiser makes a step, after \`accumulation\` batches.`
     : ''
 }
 */
export async function trainStep(trainer, batch) {
  const { w, variables,${decaying(' decays,')} slots } = trainer;
  const rate = learningRate(trainer.step, trainer.steps);
  const step = (trainer.step += 1);
${random(`  const random = { seed: trainer.seed, step, path: '' };
`)}  const lossValue = tf.tidy(() => {
    // A loss may be a weight or a target itself: a clone, which shares the number, is ours to dispose of.
    const lossNow = () => tf.clone(loss(model(batch, w, { training: true${random(', random')} }), batch));
    const { value, grads } = tf.variableGrads(lossNow, variables);
${accumulates ? '    const means = accumulate(trainer, grads);\n    if (means === undefined) return value;\n' : ''}${clips ? `    const clipped = clipGradients(${unclipped});\n` : ''}    variables.forEach((variable, i) => {
      const gradient = ${clips ? 'clipped' : unclipped}[variable.name];
      // A weight that the loss does not depend on has no gradient, and stays.
      if (gradient === undefined) return;
      ${optimizer.name}(variable, gradient, slots[i], { rate, step${accumulates ? ': step / accumulation' : ''}${decaying(', weight_decay: decays[i]')} });
    });
${averages ? '    averageWeights(trainer);\n' : ''}    return value;
  });
  const [number] = await lossValue.data();
  lossValue.dispose();
  return number;
}

/**
 * The loss and its gradients by path, axes in PyTorch's order, zero where the loss does not depend on a weight. In
 * training mode the running statistics change as in a step.${random(' Without `random`, { seed, step, path: "" }, nothing is dropped.')}
 */
export async function gradients(w, batch, { training = true${random(', random')} } = {}) {
  const trained = parameters.filter(({ role }) => role !== 'state');
  const variables = trained.map(({ path }) => variableAt(w, path));
  const [lossValue, ...tensors] = tf.tidy(() => {
    const lossNow = () => tf.clone(loss(model(batch, w, { training${random(', random')} }), batch));
    const { value, grads } = tf.variableGrads(lossNow, variables);
    const found = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    return [value, ...found.map((gradient, i) => toCheckpoint(gradient, trained[i].order))];
  });
  const byPath = new Map();
  for (const [i, tensor] of tensors.entries()) byPath.set(trained[i].path, await tensor.data());
  const [number] = await lossValue.data();
  tf.dispose([lossValue, ...tensors]);
  return { loss: number, gradients: byPath };
}

/** The loss and the outputs in inference mode. The outputs are the caller's to dispose. */
export async function evaluate(w, batch) {
  const { value, outputs } = tf.tidy(() => {
    const results = model(batch, w, { training: false });
    // An output may be a weight or an input itself, which is not the caller's: a clone shares its numbers.
    const clones = Object.entries(results).map(([name, tensor]) => [name, tf.clone(tensor)]);
    return { value: tf.clone(loss(results, batch)), outputs: Object.fromEntries(clones) };
  });
  const [number] = await value.data();
  value.dispose();
  return { loss: number, outputs };
}
`);
}
